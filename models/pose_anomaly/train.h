// Training pose anomaly scorers and writing them into a model repository.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "common/inference/model_manifest.h"
#include "common/roles/pose_anomaly_scorer.h"
#include "models/pose_anomaly/dataset/poselift.h"
#include "models/pose_anomaly/evaluation/evaluate.h"
#include "models/pose_anomaly/scoring_options.h"

namespace aislewatch::pose_anomaly {

struct TrainingOptions {
  /// "posture" or "stg_nf".
  std::string architecture = "posture";
  /// What the scorer calls itself.
  ModelInfo info;
  uint64_t seed = 0;
  /// What `TrainedScorer::scorer` gives; what is saved is always the whole model.
  ScoringOptions scoring;
  /// posture: densities of poses, each blind to a part of the clips; 1 holds back 30 %.
  int densities = 5;
  /// The rest is STG-NF's: frames of a window, passes over the data, the prior's mean.
  int window = 24;
  int epochs = 8;
  double prior_mean = 3;
};

/// Told from the calling thread: the fraction done, 0..1, and what is being done.
using TrainingProgress = std::function<void(double fraction, absl::string_view what)>;

/// A scorer that was just trained, with what its manifest needs.
struct TrainedScorer {
  std::unique_ptr<PoseAnomalyScorer> scorer;
  /// Role, architecture, options and input are filled in.
  ModelManifest manifest;
  /// Writes the weights into a folder that exists.
  std::function<absl::Status(const std::string& folder)> save_weights;
};

/// Blocks for a minute (posture) or several (STG-NF) on PoseLift. The same clips, options and
/// number of LibTorch's threads give the same scorer. INVALID_ARGUMENT for an unknown architecture,
/// options without sense or too little data.
absl::StatusOr<TrainedScorer> TrainScorer(const std::vector<PoseClip>& clips,
                                          const TrainingOptions& options,
                                          const TrainingProgress& progress = nullptr);

/// Writes weights and manifest into `folder`, made where it is missing. `report`, where there is
/// one, becomes the manifest's metrics.
absl::Status SaveScorer(const TrainedScorer& trained, const std::string& folder,
                        const ModelTraining& training,
                        const std::optional<EvaluationReport>& report);

}  // namespace aislewatch::pose_anomaly
