#include "services/pose/core/pose_session.h"

#include <algorithm>
#include <deque>
#include <optional>
#include <utility>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"

namespace aislewatch::pose {

TrackingMetrics::TrackingMetrics(Metrics& metrics)
    : frame_people_(metrics.GetHistogram("aislewatch_pose_frame_people",
                                         "People reported in a frame.",
                                         {0, 1, 2, 3, 5, 8, 13, 21, 34, 55})),
      tracks_(metrics.GetCounter("aislewatch_pose_tracks_total",
                                 "Tracks confirmed, over all streams.")) {}

void TrackingMetrics::CountFrame(size_t people, size_t new_tracks) {
  frame_people_.Observe(static_cast<double>(people));
  tracks_.Add(static_cast<double>(new_tracks));
}

/// The pictures under way, in the order they were taken. Shared with the batcher's callbacks, since
/// the last answer may be what lets go of the session.
class PoseSession::Order {
 public:
  using People = absl::StatusOr<std::vector<DetectedPerson>>;
  struct Entry {
    PoseModels models;
    absl::Time capture_time;
    cv::Mat picture;
    Done done;
    std::optional<People> people;
  };

  Order(Tracker tracker, TrackingMetrics& metrics, const ObjectWatchOptions& watch)
      : metrics_(metrics), tracker_(std::move(tracker)), watch_(watch) {}

  // A place at the end; stays valid until the entry is answered.
  Entry* Append(PoseModels models, absl::Time capture_time, cv::Mat picture, Done done) {
    absl::MutexLock lock(&mutex_);
    return &entries_.emplace_back(Entry{std::move(models), capture_time, std::move(picture),
                                        std::move(done), std::nullopt});
  }

  // Gives the entry its detections and answers whatever is at the front and complete. Where
  // another thread is answering already, it goes on with what was added here.
  void Complete(Entry* entry, People people) ABSL_LOCKS_EXCLUDED(mutex_) {
    {
      absl::MutexLock lock(&mutex_);
      entry->people = std::move(people);
      if (answering_) return;
      answering_ = true;
    }
    while (std::optional<Entry> next = TakeFront()) Answer(*std::move(next));
  }

 private:
  std::optional<Entry> TakeFront() ABSL_LOCKS_EXCLUDED(mutex_) {
    absl::MutexLock lock(&mutex_);
    if (entries_.empty() || !entries_.front().people.has_value()) {
      answering_ = false;
      return std::nullopt;
    }
    Entry entry = std::move(entries_.front());
    entries_.pop_front();
    return entry;
  }

  // Only ever runs on the one thread that set answering_.
  void Answer(Entry entry) {
    if (!entry.people->ok()) {
      entry.done(entry.people->status());
      return;
    }
    const FrameSize frame{entry.picture.cols, entry.picture.rows};
    const std::vector<DetectedPerson>& people = **entry.people;
    PoseResult result{
        frame,
        tracker_.Update(entry.capture_time, frame, people, AppearancesOf(entry.picture, people)),
        {},
        entry.models.poses->model,
        {}};
    uint64_t last = last_id_;
    for (const TrackedPerson& person : result.people) last = std::max(last, person.track_id);
    metrics_.CountFrame(result.people.size(), last - std::exchange(last_id_, last));
    if (ObjectSpotter* const spotter = entry.models.objects.get()) {
      result.looks = spotter->Look(entry.picture, result.people,
                                   watch_.Choose(entry.capture_time, frame, result.people));
      if (!result.looks.track_ids.empty()) result.object_model = spotter->model();
    }
    entry.done(std::move(result));
  }

  TrackingMetrics& metrics_;
  Tracker tracker_;       // Used by whoever set answering_.
  ObjectWatch watch_;     // The same.
  uint64_t last_id_ = 0;  // The same.

  absl::Mutex mutex_;
  // A deque, whose elements stay where they are while others come and go at its ends.
  std::deque<Entry> entries_ ABSL_GUARDED_BY(mutex_);
  bool answering_ ABSL_GUARDED_BY(mutex_) = false;
};

PoseSession::PoseSession(Tracker tracker, TrackingMetrics& metrics,
                         const ObjectWatchOptions& watch)
    : order_(std::make_shared<Order>(std::move(tracker), metrics, watch)) {}

PoseSession::~PoseSession() = default;

void PoseSession::Process(PoseModels models, cv::Mat picture, absl::Time capture_time,
                          absl::Time expire_time, Done done) {
  PoseBatcher& batcher = *models.poses->batcher;
  const std::shared_ptr<PoseEngine> engine = models.poses;  // The answer may come within Submit.
  // Both share the pixels: the model reads them, then the tracker looks at what people wear.
  Order::Entry* const entry =
      order_->Append(std::move(models), capture_time, picture, std::move(done));
  batcher.Submit(std::move(picture), expire_time, [order = order_, entry](Order::People people) {
    order->Complete(entry, std::move(people));
  });
}

}  // namespace aislewatch::pose
