// Fitting the posture scorer to normal shopping.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "models/pose_anomaly/dataset/poselift.h"
#include "models/pose_anomaly/posture/posture_model.h"

namespace aislewatch::pose_anomaly {

struct PostureFitOptions {
  uint64_t seed = 0;
  int components = 20;
  MixtureFitOptions mixture;
  /// So many densities, each blind to an equal part of the clips, whose poses give its ranks. A
  /// single one is fitted to 70 % and ranked on the rest: cheaper to fit, but how the clips happen
  /// to be divided then decides what is rare.
  int densities = 5;
  /// Each density is fitted to at most so many poses, drawn at random, and their mirror images:
  /// neighbouring frames are nearly equal, and more of them cost time without telling more.
  size_t most_poses = 25000;
};

/// Told from the calling thread: the fraction done, 0..1, and what is being done.
using FitProgress = std::function<void(double fraction, absl::string_view what)>;

struct FittedPosture {
  PostureModel model;
  /// Of PostureStream's scores on normal clips, each by the density that is blind to it.
  EmpiricalDistribution calibration;
};

/// Blocks for some ten seconds of one core for each density on PoseLift. The same clips and options
/// give the same model. INVALID_ARGUMENT where there are fewer than two clips, fewer than densities
/// or too few poses.
absl::StatusOr<FittedPosture> FitPosture(const std::vector<PoseClip>& clips,
                                         const PostureFitOptions& options,
                                         const FitProgress& progress = nullptr);

}  // namespace aislewatch::pose_anomaly
