// Simulated cameras that push frames at their own pace, as live cameras do: nothing slows them.
#pragma once

#include <grpcpp/channel.h>

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/scene/scene.h"

namespace aislewatch {

struct LoadOptions {
  int cameras = 1;
  absl::Duration duration = absl::Seconds(30);
  double fps = 10;
  /// Of the first footage; a test seed (simulator/simulation.h).
  uint64_t seed = 2'000'000;
  /// Zones and rules of every camera; no rules means the fusion service's own.
  Scene scene;
};

/// JPEG frames of up to kDistinctFootage simulated stores; cameras share them, each from another
/// frame on, so that no two do the same at the same time.
inline constexpr int kDistinctFootage = 4;
using LoadFootage = std::vector<std::vector<std::string>>;

/// What, done, total.
using LoadProgress = std::function<void(const std::string&, int64_t, int64_t)>;

absl::StatusOr<LoadFootage> RenderFootage(const LoadOptions& options, const LoadProgress& progress);

/// What became of one frame.
struct LoadFrame {
  absl::Time captured;
  /// It got a verdict to which every stage contributed.
  bool whole = false;
  int camera = 0;
  /// It got a verdict.
  bool judged = false;
};

struct LoadResult {
  int64_t sent = 0;
  /// Verdicts and refusals; equal to sent, unless the cluster broke its promise.
  int64_t answered = 0;
  /// Answers that are no verdict, by reason: "expired", "rejected", or the error's name.
  std::map<std::string, int64_t> dropped;
  /// Verdicts made without one of the stages.
  int64_t degraded = 0;
  int64_t incidents_opened = 0;
  /// Capture to verdict, ascending.
  std::vector<double> latency_s;
  /// "pose", "classifier", "fusion": sent to answered, ascending.
  std::map<std::string, std::vector<double>> stage_s;
  /// Of each incident the number of its last transition.
  std::map<std::string, uint32_t> transitions;
  /// In the order of the answers.
  std::vector<LoadFrame> frames;
};

/// Pushes for options.duration and waits for all answers. Blocks.
LoadResult RunLoad(const std::shared_ptr<grpc::Channel>& ingest, const LoadOptions& options,
                   const LoadFootage& footage, const LoadProgress& progress);

/// A time in which a camera was not watched.
struct LoadGap {
  int camera = 0;
  /// From the first frame of all cameras.
  absl::Duration after;
  absl::Duration length;
};

/// The longest one between the captures of two frames of one camera that got verdicts one after
/// the other.
LoadGap LongestGap(std::vector<LoadFrame> frames);

}  // namespace aislewatch
