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
};

/// Reads, renders and embeds everything. Blocks for that.
absl::StatusOr<TrainingData> MakeTrainingData(const TrainingOptions& options,
                                              cnn_gru::Network& network, torch::Device device,
                                              PersonFinder& finder,
                                              const TrainingProgressFn& progress);

/// What a data set of so many samples weighs in training and validation: recorded clips several
/// times as much as simulated pieces.
double WeightOf(const std::string& dataset, size_t samples);

/// Draws training samples so that within a data set classes weigh alike, however many samples they
/// have, and data sets as WeightOf says.
class BalancedSampler {
 public:
  /// `samples` must outlive the sampler and not be empty.
  explicit BalancedSampler(const std::vector<Sample>& samples);
  const Sample& Draw(std::mt19937_64& random) const;

 private:
  // Samples by class by data set.
  std::vector<std::vector<std::vector<const Sample*>>> datasets_;
  // Cumulative weights of the data sets.
  std::vector<double> until_;
};

}  // namespace aislewatch::clip_training
