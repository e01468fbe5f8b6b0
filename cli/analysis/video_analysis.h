// Running one video through a cluster, frame by frame, without losing any.
//
// What `aislewatch analyze` and the scoring of incidents on simulated footage share: it pushes the
// frames of a file over FrameIngestService.PushFrames, as a store system would, and hands each
// frame with its verdict to the caller.
#pragma once

#include <grpcpp/channel.h>

#include <functional>
#include <memory>
#include <opencv2/core/mat.hpp>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "aislewatch/v1/ingest.pb.h"
#include "common/scene/scene.h"

namespace aislewatch {

struct VideoAnalysisOptions {
  /// A path or address that common/capture can open.
  std::string video;
  std::string camera_id;
  std::string store_id = "analysis";
  /// Frames analysed per second of video, 0.1..60.
  double fps = 10;
  /// Longer side of the analysed frame in pixels; never enlarged.
  int size = 640;
  /// Zones and rules; no rules means the fusion service's own.
  Scene scene;
  /// Frames that may be unanswered at a time; >= 1.
  int in_flight = 8;
};

/// One analysed frame. `image` is what was pushed.
struct AnalysedFrame {
  /// Position in the video.
  absl::Duration time;
  cv::Mat image;
  const aislewatch::v1::FrameVerdict& verdict;
};

struct VideoAnalysisSummary {
  /// Of a video; 0 for frames from elsewhere.
  int64_t decoded = 0;
  int64_t analysed = 0;
  int64_t dropped = 0;
  /// Capture time of position 0; incidents' times count from here.
  absl::Time start;
  /// Seconds from pushing a frame to its verdict, ascending.
  std::vector<double> latency_s;
  /// Of each incident the number of its last transition.
  std::vector<std::pair<std::string, uint32_t>> transitions;
};

/// Blocks until the video has ended and every frame was answered. `on_frame` is called in order of
/// the frames, on this thread; `on_progress` with (decoded, declared). Errors: the video cannot be
/// opened, or the cluster refuses the stream.
absl::StatusOr<VideoAnalysisSummary> AnalyzeVideo(
    const std::shared_ptr<grpc::Channel>& ingest, const VideoAnalysisOptions& options,
    const std::function<void(const AnalysedFrame&)>& on_frame,
    const std::function<void(int64_t, int64_t)>& on_progress = nullptr);

/// A picture and its position in the footage.
struct TimedImage {
  absl::Duration time;
  cv::Mat image;
};

/// The same for frames from elsewhere: `next` gives one after the other, at their own analysis rate
/// and size, and nothing at the end. `options.video`, `fps` and `size` are not looked at.
absl::StatusOr<VideoAnalysisSummary> AnalyzeFrames(
    const std::shared_ptr<grpc::Channel>& ingest, const VideoAnalysisOptions& options,
    const std::function<absl::StatusOr<std::optional<TimedImage>>()>& next,
    const std::function<void(const AnalysedFrame&)>& on_frame);

/// The value below which `quantile` (0..1) of `ascending` lies; 0 where it is empty.
double Quantile(const std::vector<double>& ascending, double quantile);

}  // namespace aislewatch
