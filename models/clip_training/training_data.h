// Everything a run learns from and is measured on, as samples in memory.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "models/clip_training/sample.h"
#include "models/clip_training/trainer.h"

namespace aislewatch::clip_training {

/// Samples by part.
struct TrainingData {
  std::vector<Sample> train;
  std::vector<Sample> validation;
  /// By data set.
  std::map<std::string, std::vector<Sample>> test;
  /// Recorded clips that cannot be read, in none of the parts.
  std::vector<SkippedClip> skipped;
};

/// Reads, renders and embeds everything, recorded clips first. Blocks for that. INVALID_ARGUMENT
/// where a data set has one class only, its clips that cannot be read not counted.
absl::StatusOr<TrainingData> MakeTrainingData(const TrainingOptions& options,
                                              clip_networks::ClipNetwork& network,
                                              torch::Device device, PersonFinder& finder,
                                              const TrainingProgressFn& progress);

/// Draws training samples so that within a data set classes weigh alike, however many samples they
/// have, and a data set as many samples as it has: a recorded clip counts several times, a sketch
/// an eighth.
class BalancedSampler {
 public:
  /// `samples` must outlive the sampler and not be empty.
  explicit BalancedSampler(const std::vector<Sample>& samples);
  const Sample& Draw(std::mt19937_64& random) const;
  /// What all data sets weigh together: so many draws are an epoch.
  double weight() const { return until_.back(); }

 private:
  // Samples by class by data set.
  std::vector<std::vector<std::vector<const Sample*>>> datasets_;
  // Cumulative weights of the data sets.
  std::vector<double> until_;
};

}  // namespace aislewatch::clip_training
