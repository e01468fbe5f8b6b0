#include "services/ingest/core/clip_maker.h"

#include <sys/resource.h>

#include <algorithm>
#include <opencv2/core/mat.hpp>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "common/base/log.h"
#include "common/base/status.h"
#include "common/vision/head_blur.h"
#include "common/vision/image_codec.h"
#include "services/ingest/core/score_curve.h"

namespace aislewatch::ingest {
namespace {

// A quarter of what a pipeline gets where both want all: on a busy machine a clip takes some times its
// time, not for ever.
constexpr int kNiceness = 5;
constexpr absl::Duration kUsualInterval = absl::Milliseconds(100);

size_t BytesOf(const ClipRecording& recording) {
  size_t bytes = 0;
  for (const SharedFrame& frame : recording.frames) bytes += frame->jpeg->size();
  return bytes;
}

absl::Duration MedianInterval(const std::vector<SharedFrame>& frames) {
  std::vector<absl::Duration> gaps;
  for (size_t i = 1; i < frames.size(); ++i) {
    gaps.push_back(frames[i]->capture_time - frames[i - 1]->capture_time);
  }
  if (gaps.empty()) return kUsualInterval;
  std::nth_element(gaps.begin(), gaps.begin() + gaps.size() / 2, gaps.end());
  return gaps[gaps.size() / 2];
}

absl::StatusOr<cv::Mat> ShownPicture(const ClipRecording& recording, const RingFrame& frame) {
  AW_ASSIGN_OR_RETURN(cv::Mat picture, DecodeJpeg(*frame.jpeg));
  if (!recording.blur_heads) return picture;
  if (frame.poses_known) {
    BlurHeads(picture, PeopleAround(frame, recording.frames));
  } else {
    BlurEverything(picture);
  }
  return picture;
}

}  // namespace

Counter& FailedEvidence(Metrics& metrics) {
  return metrics.GetCounter("aislewatch_ingest_evidence_failed_total",
                            "Clips of incidents that could not be made");
}

absl::StatusOr<std::string> MakeClip(const ClipRecording& recording,
                                     const NewClipWriter& new_writer,
                                     const std::function<bool()>& stopped) {
  const std::vector<SharedFrame> shown = ShownFrames(recording);
  if (shown.empty()) return absl::NotFoundError("there was no picture of the time of the incident");
  std::unique_ptr<ClipWriter> writer;
  for (const SharedFrame& frame : shown) {
    if (stopped()) return absl::CancelledError("ingest was stopped before the clip was made");
    AW_ASSIGN_OR_RETURN(const cv::Mat picture, ShownPicture(recording, *frame));
    if (writer == nullptr) {
      ClipFormat format;
      format.size = {picture.cols, picture.rows};
      format.interval = MedianInterval(shown);
      format.most_pictures = static_cast<int>(shown.size());
      format.start = frame->capture_time;
      format.comment =
          absl::StrCat("incident ", recording.incident_id, ", camera ", recording.camera_id);
      if (!recording.cut.empty()) absl::StrAppend(&format.comment, "; cut: ", recording.cut);
      AW_ASSIGN_OR_RETURN(writer, new_writer(format));
    }
    AW_RETURN_IF_ERROR(writer->Add(picture, frame->capture_time - shown.front()->capture_time));
  }
  AW_ASSIGN_OR_RETURN(std::string file, writer->Finish());
  if (file.size() <= kMaxClipBytes) return file;
  return absl::ResourceExhaustedError(
      absl::StrCat("the clip has ", file.size() >> 20,
                   " MiB, and at most 64 are stored; lower the camera's "
                   "analysis_size or --clip-max-length"));
}

ClipMaker::ClipMaker(NewClipWriter new_writer, Outbox& outbox, std::function<void()> outbox_changed,
                     ClipMakerOptions options, Metrics& metrics)
    : new_writer_(std::move(new_writer)),
      outbox_(outbox),
      outbox_changed_(std::move(outbox_changed)),
      options_(options),
      failed_(FailedEvidence(metrics)),
      seconds_(metrics.GetHistogram("aislewatch_ingest_clip_seconds",
                                    "Making one clip: decoding, blurring, encoding",
                                    {0.1, 0.25, 0.5, 1, 2.5, 5, 10, 25, 50, 100})),
      waiting_(metrics.GetGauge("aislewatch_ingest_clips_waiting", "Clips that wait to be made")) {
  for (int i = 0; i < options_.threads; ++i) threads_.emplace_back([this] { Run(); });
}

ClipMaker::~ClipMaker() { Stop(absl::InfinitePast()); }

void ClipMaker::Make(ClipRecording recording) {
  const size_t bytes = BytesOf(recording);
  std::string refused;
  {
    absl::MutexLock lock(&mutex_);
    if (stopping_) {
      refused = "ingest was stopped before the clip was made";
    } else if (queue_.size() >= options_.max_waiting ||
               (!queue_.empty() && queue_bytes_ + bytes > options_.max_waiting_bytes)) {
      refused = absl::StrCat(queue_.size(),
                             " clips waited to be made already: this machine cannot "
                             "make them as fast as incidents come");
    } else {
      queue_bytes_ += bytes;
      queue_.push_back(std::move(recording));
      waiting_.Set(static_cast<double>(queue_.size()));
      return;
    }
  }
  Fail(recording, absl::ResourceExhaustedError(refused));
}

void ClipMaker::Run() {
  // Of this thread alone, on Linux. Where it is not allowed, clips compete with the cameras.
  setpriority(PRIO_PROCESS, 0, kNiceness);
  const auto wanted = [this]() ABSL_SHARED_LOCKS_REQUIRED(mutex_) {
    return stopping_ || !queue_.empty();
  };
  while (true) {
    ClipRecording recording;
    {
      absl::MutexLock lock(&mutex_);
      mutex_.Await(absl::Condition(&wanted));
      if (queue_.empty()) return;
      recording = std::move(queue_.front());
      queue_.pop_front();
      queue_bytes_ -= BytesOf(recording);
      waiting_.Set(static_cast<double>(queue_.size()));
      ++busy_;
    }
    MakeOne(recording);
    absl::MutexLock lock(&mutex_);
    --busy_;
  }
}

void ClipMaker::MakeOne(const ClipRecording& recording) {
  OutboxItem curve = DescribeClip(recording, EvidenceState::kReady);
  curve.evidence_id = recording.curve_id;
  curve.evidence_kind = EvidenceKind::kScoreCurve;
  curve.body = ScoreCurveJson(recording);
  Store(std::move(curve));

  const absl::Time start = absl::Now();
  auto file = MakeClip(recording, new_writer_, [this] { return stopping(); });
  seconds_.Observe(absl::ToDoubleSeconds(absl::Now() - start));
  if (!file.ok()) return Fail(recording, file.status());
  OutboxItem clip = DescribeClip(recording, EvidenceState::kReady);
  clip.body = *std::move(file);
  LogDebug("a clip was made", {{"camera", recording.camera_id},
                               {"incident", recording.incident_id},
                               {"bytes", absl::StrCat(clip.body.size())},
                               {"cut", recording.cut}});
  Store(std::move(clip));
}

void ClipMaker::Fail(const ClipRecording& recording, const absl::Status& why) {
  failed_.Add();
  LogError("a clip could not be made", {{"camera", recording.camera_id},
                                        {"incident", recording.incident_id},
                                        {"error", std::string(why.message())}});
  Store(DescribeClip(recording, EvidenceState::kFailed, std::string(why.message())));
}

void ClipMaker::Store(OutboxItem item) {
  // Errors are logged and counted by the outbox.
  outbox_.Append(absl::MakeConstSpan(&item, 1)).IgnoreError();
  outbox_changed_();
}

bool ClipMaker::stopping() const {
  absl::MutexLock lock(&mutex_);
  return stopping_;
}

bool ClipMaker::Drain(absl::Time deadline) {
  const auto idle = [this]()
                        ABSL_SHARED_LOCKS_REQUIRED(mutex_) { return queue_.empty() && busy_ == 0; };
  absl::MutexLock lock(&mutex_);
  return mutex_.AwaitWithDeadline(absl::Condition(&idle), deadline);
}

void ClipMaker::Stop(absl::Time deadline) {
  Drain(deadline);
  {
    absl::MutexLock lock(&mutex_);
    stopping_ = true;
  }
  // They fail what still waits.
  for (std::thread& thread : threads_) thread.join();
  threads_.clear();
}

absl::StatusOr<int> BreakOldPromises(Outbox& outbox, Metrics& metrics) {
  Counter& failed = FailedEvidence(metrics);
  AW_ASSIGN_OR_RETURN(std::vector<OutboxItem> promises, outbox.Promises());
  for (OutboxItem& promise : promises) {
    promise.evidence_state = EvidenceState::kFailed;
    promise.body = "ingest ended before the clip was made, and its frames with it";
    AW_RETURN_IF_ERROR(outbox.Append(absl::MakeConstSpan(&promise, 1)));
    failed.Add();
  }
  if (!promises.empty()) {
    LogWarning("clips that an earlier process had begun are lost",
               {{"clips", absl::StrCat(promises.size())}});
  }
  return static_cast<int>(promises.size());
}

}  // namespace aislewatch::ingest
