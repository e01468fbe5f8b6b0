// Training STG-NF on normal shopping.
#pragma once

#include <cstdint>
#include <functional>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "models/pose_anomaly/dataset/poselift.h"
#include "models/pose_anomaly/statistics/empirical_distribution.h"
#include "models/pose_anomaly/stg_nf/stg_nf.h"

namespace aislewatch::pose_anomaly {

/// The published training's settings.
struct StgNfFitOptions {
  StgNfOptions flow;
  uint64_t seed = 0;
  int epochs = 8;
  int batch = 256;
  double learning_rate = 5e-4;
  /// Of the learning rate, per epoch.
  double decay = 0.99;
  /// Every stride-th window of a track, and its mirror image.
  int stride = 6;
  /// Fraction of the clips that only the calibration sees.
  double held_back = 0.1;
};

struct FittedStgNf {
  /// In evaluation mode.
  StgNf flow;
  /// Of the negative log-likelihoods of the windows held back.
  EmpiricalDistribution calibration;
  /// Mean bits per dimension over the last epoch.
  double loss = 0;
};

/// Told from the calling thread: the fraction done, 0..1, and what is being done.
using StgNfProgress = std::function<void(double fraction, absl::string_view what)>;

/// Blocks for some minutes on PoseLift. Seeds LibTorch's global generator. The same clips, options
/// and number of threads give the same flow. INVALID_ARGUMENT for options without sense and too few
/// clips or windows, INTERNAL where LibTorch fails or the loss diverges.
absl::StatusOr<FittedStgNf> FitStgNf(const std::vector<PoseClip>& clips,
                                     const StgNfFitOptions& options,
                                     const StgNfProgress& progress = nullptr);

}  // namespace aislewatch::pose_anomaly
