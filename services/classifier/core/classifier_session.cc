#include "services/classifier/core/classifier_session.h"

#include <algorithm>
#include <set>
#include <utility>

#include "absl/base/thread_annotations.h"
#include "absl/strings/str_cat.h"
#include "absl/synchronization/mutex.h"

namespace aislewatch::classifier {
namespace {

bool HasPose(const PersonView& view) {
  return std::any_of(view.keypoints.begin(), view.keypoints.end(),
                     [](const Keypoint& joint) { return joint.confidence > 0; });
}

}  // namespace

/// Collects the scores of one frame's crops, which come from the inference thread in any order,
/// and gives the answer with the last one. Lives until then.
class ClassifierSession::Gathering {
 public:
  /// `missing` > 0 of `scores` will be given by Score.
  Gathering(std::vector<TrackScore> scores, size_t missing, Done done)
      : scores_(std::move(scores)), missing_(missing), done_(std::move(done)) {}

  void Score(size_t index, absl::StatusOr<CropScore> score) ABSL_LOCKS_EXCLUDED(mutex_) {
    absl::StatusOr<std::vector<TrackScore>> answer;
    {
      absl::MutexLock lock(&mutex_);
      if (score.ok()) {
        scores_[index].score = *std::move(score);
      } else if (error_.ok()) {
        error_ = std::move(score).status();
      }
      if (--missing_ > 0) return;
      if (error_.ok()) {
        answer = std::move(scores_);
      } else {
        answer = std::move(error_);
      }
    }
    done_(std::move(answer));
  }

 private:
  absl::Mutex mutex_;
  std::vector<TrackScore> scores_ ABSL_GUARDED_BY(mutex_);
  size_t missing_ ABSL_GUARDED_BY(mutex_);
  absl::Status error_ ABSL_GUARDED_BY(mutex_);
  Done done_;  // Called by whoever brings the last score.
};

void ClassifierSession::Classify(absl::Time capture_time, absl::Time expire_time,
                                 std::vector<PersonCrop> crops, Done done) {
  if (crops.size() > kMaxCropsPerItem) {
    done(absl::InvalidArgumentError(absl::StrCat(crops.size(), " crops in one message; at most ",
                                                 kMaxCropsPerItem,
                                                 " are taken, so send the largest boxes")));
    return;
  }
  Forget(capture_time);
  std::vector<TrackScore> scores(crops.size());
  std::vector<size_t> good;
  std::set<uint64_t> seen;
  for (size_t i = 0; i < crops.size(); ++i) {
    scores[i].track_id = crops[i].track_id;
    scores[i].status = crops[i].view.status();
    if (crops[i].track_id == 0) {
      scores[i].status = absl::InvalidArgumentError("track_id is 0; tracks are numbered from 1");
    } else if (!seen.insert(crops[i].track_id).second) {
      scores[i].status = absl::InvalidArgumentError(
          absl::StrCat("track ", crops[i].track_id, " has another crop in this message"));
    } else if (scores[i].status.ok() && scorer_.needs_keypoints() && !HasPose(*crops[i].view)) {
      scores[i].status = absl::InvalidArgumentError(
          absl::StrCat("the model ", scorer_.model().name,
                       " looks at joints alone; send the 17 keypoints that pose extraction found, "
                       "or run a model "
                       "that sees pictures, for example --model=cnn-gru"));
    }
    if (scores[i].status.ok()) good.push_back(i);
  }
  if (good.empty()) {
    done(std::move(scores));
    return;
  }
  const auto gathering =
      std::make_shared<Gathering>(std::move(scores), good.size(), std::move(done));
  for (const size_t i : good) {
    CropItem item{*std::move(crops[i].view), capture_time, See(crops[i].track_id, capture_time)};
    scorer_.Submit(std::move(item), expire_time, [gathering, i](absl::StatusOr<CropScore> score) {
      gathering->Score(i, std::move(score));
    });
  }
}

std::shared_ptr<TrackWindow> ClassifierSession::See(uint64_t track_id, absl::Time time) {
  Track& track = tracks_[track_id];
  if (track.window == nullptr) {
    track.window = std::make_shared<TrackWindow>(
        WindowOptions{.max_crops = scorer_.window(), .max_gap = options_.max_gap});
  }
  track.last_seen = time;
  return track.window;
}

void ClassifierSession::Forget(absl::Time now) {
  std::erase_if(tracks_, [&](const auto& entry) {
    return now - entry.second.last_seen > options_.forget_after;
  });
}

}  // namespace aislewatch::classifier
