#include "cli/analysis/video_analysis.h"

#include <algorithm>
#include <deque>
#include <map>
#include <optional>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/clock.h"
#include "common/base/status.h"
#include "common/base/trace.h"
#include "common/capture/opencv_source.h"
#include "common/capture/rate_sampler.h"
#include "common/capture/scale.h"
#include "common/rpc/image_convert.h"
#include "common/rpc/stage_client.h"
#include "common/rpc/stages.h"
#include "common/scene/proto_scene.h"

namespace aislewatch {
namespace {

// How long a frame may wait for the cluster: an ingest that was killed is back within seconds.
constexpr absl::Duration kPatience = absl::Seconds(60);

class Analysis {
 public:
  Analysis(const std::shared_ptr<grpc::Channel>& ingest, const VideoAnalysisOptions& options,
           const std::function<void(const AnalysedFrame&)>& on_frame)
      : options_(options),
        on_frame_(on_frame),
        client_(
            ingest, [&options] { return Config(options); }, NewTraceId(),
            StageClientOptions{
                .max_waiting = 1000, .patience = kPatience, .stall_timeout = kPatience},
            timers_) {
    summary_.start = absl::Now();
  }

  void Push(const cv::Mat& image, absl::Duration time) {
    v1::Frame frame;
    frame.set_sequence(++sequence_);
    *frame.mutable_capture_time() = ToProto(summary_.start + time);
    auto encoded = ToProto(image, v1::IMAGE_ENCODING_BGR8);
    if (!encoded.ok()) return;
    *frame.mutable_image() = *std::move(encoded);
    {
      absl::MutexLock lock(&mutex_);
      waiting_.push_back({time, image, absl::Now(), std::nullopt, absl::ZeroDuration()});
    }
    const uint64_t sequence = sequence_;
    client_.Send(std::move(frame), absl::InfiniteFuture(),
                 [this, sequence](absl::StatusOr<v1::FrameVerdict> verdict) {
                   absl::MutexLock lock(&mutex_);
                   Waiting& waiting = waiting_[sequence - first_];
                   waiting.took = absl::Now() - waiting.sent;
                   waiting.verdict = std::move(verdict);
                 });
  }

  // Hands over what is answered, in order; waits while more than `limit` are unanswered.
  absl::Status Deliver(size_t limit) {
    while (true) {
      std::optional<Waiting> next;
      {
        const auto ready = [this, limit]() ABSL_SHARED_LOCKS_REQUIRED(mutex_) {
          return waiting_.size() <= limit || waiting_.front().verdict.has_value();
        };
        absl::MutexLock lock(&mutex_);
        mutex_.Await(absl::Condition(&ready));
        if (waiting_.empty() || !waiting_.front().verdict.has_value()) return absl::OkStatus();
        next = std::move(waiting_.front());
        waiting_.pop_front();
        ++first_;
      }
      AW_RETURN_IF_ERROR(Take(*next));
    }
  }

  void Close() { client_.Close(); }
  VideoAnalysisSummary& summary() { return summary_; }

 private:
  struct Waiting {
    absl::Duration time;
    cv::Mat image;
    absl::Time sent;
    std::optional<absl::StatusOr<v1::FrameVerdict>> verdict;
    absl::Duration took;
  };

  static v1::PushStreamConfig Config(const VideoAnalysisOptions& options) {
    v1::PushStreamConfig config;
    config.mutable_identity()->set_camera_id(options.camera_id);
    config.mutable_identity()->set_store_id(options.store_id);
    config.set_lossless(true);
    for (const Zone& zone : options.scene.zones) *config.add_zones() = ToProto(zone);
    for (const Rule& rule : options.scene.rules) *config.add_rules() = ToProto(rule);
    return config;
  }

  absl::Status Take(Waiting& frame) {
    if (!frame.verdict->ok()) return Annotate(frame.verdict->status(), "ingest");
    const v1::FrameVerdict& verdict = **frame.verdict;
    if (verdict.status().outcome() != v1::OUTCOME_OK) {
      ++summary_.dropped;
      return absl::OkStatus();
    }
    ++summary_.analysed;
    summary_.latency_s.push_back(absl::ToDoubleSeconds(frame.took));
    for (const v1::IncidentTransition& transition : verdict.transitions()) {
      uint32_t& last = last_transition_[transition.incident().incident_id()];
      last = std::max(last, transition.number());
    }
    summary_.transitions.assign(last_transition_.begin(), last_transition_.end());
    on_frame_({frame.time, frame.image, verdict});
    return absl::OkStatus();
  }

  const VideoAnalysisOptions& options_;
  const std::function<void(const AnalysedFrame&)>& on_frame_;
  VideoAnalysisSummary summary_;
  std::map<std::string, uint32_t> last_transition_;
  uint64_t sequence_ = 0;

  absl::Mutex mutex_;
  uint64_t first_ ABSL_GUARDED_BY(mutex_) = 1;  // Sequence of waiting_.front().
  std::deque<Waiting> waiting_ ABSL_GUARDED_BY(mutex_);

  TimerQueue timers_;
  StageClient<PushStageTraits> client_;
};

}  // namespace

absl::StatusOr<VideoAnalysisSummary> AnalyzeFrames(
    const std::shared_ptr<grpc::Channel>& ingest, const VideoAnalysisOptions& options,
    const std::function<absl::StatusOr<std::optional<TimedImage>>()>& next,
    const std::function<void(const AnalysedFrame&)>& on_frame) {
  Analysis analysis(ingest, options, on_frame);
  while (true) {
    AW_ASSIGN_OR_RETURN(const std::optional<TimedImage> frame, next());
    if (!frame.has_value()) break;
    analysis.Push(frame->image, frame->time);
    AW_RETURN_IF_ERROR(analysis.Deliver(options.in_flight));
  }
  AW_RETURN_IF_ERROR(analysis.Deliver(0));
  analysis.Close();
  VideoAnalysisSummary& summary = analysis.summary();
  std::sort(summary.latency_s.begin(), summary.latency_s.end());
  return std::move(summary);
}

absl::StatusOr<VideoAnalysisSummary> AnalyzeVideo(
    const std::shared_ptr<grpc::Channel>& ingest, const VideoAnalysisOptions& options,
    const std::function<void(const AnalysedFrame&)>& on_frame,
    const std::function<void(int64_t, int64_t)>& on_progress) {
  AW_ASSIGN_OR_RETURN(const SourceUrl url, ParseSourceUrl(options.video));
  const auto source = MakeOpenCvSource(url, {.as_fast_as_possible = true});
  AW_RETURN_IF_ERROR(source->Open());
  const int64_t declared = source->info().frame_count;
  RateSampler sampler(options.fps);
  std::optional<absl::Time> first;
  int64_t decoded = 0;
  const auto next = [&]() -> absl::StatusOr<std::optional<TimedImage>> {
    while (true) {
      const auto time = source->Grab();
      if (absl::IsOutOfRange(time.status())) return std::nullopt;
      if (!time.ok()) return time.status();
      if (!first.has_value()) first = *time;
      ++decoded;
      if (on_progress) on_progress(decoded, declared);
      if (!sampler.Take(*time)) continue;
      AW_ASSIGN_OR_RETURN(const cv::Mat image, source->Retrieve());
      return TimedImage{*time - *first, ScaleToFit(image, options.size)};
    }
  };
  AW_ASSIGN_OR_RETURN(VideoAnalysisSummary summary, AnalyzeFrames(ingest, options, next, on_frame));
  if (decoded == 0) {
    return absl::InvalidArgumentError(
        absl::StrCat(options.video, " has no picture that can be decoded"));
  }
  summary.decoded = decoded;
  return summary;
}

double Quantile(const std::vector<double>& ascending, double quantile) {
  if (ascending.empty()) return 0;
  const double index = quantile * static_cast<double>(ascending.size() - 1);
  const size_t low = static_cast<size_t>(index);
  const size_t high = std::min(low + 1, ascending.size() - 1);
  return ascending[low] + (index - static_cast<double>(low)) * (ascending[high] - ascending[low]);
}

}  // namespace aislewatch
