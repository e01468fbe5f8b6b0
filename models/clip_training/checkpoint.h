// The state of a clip classifier's training run on disk.
#pragma once

#include <string>
#include <utility>

#include "models/cnn_gru/network.h"
#include "models/training/checkpoint.h"

namespace aislewatch::clip_training {

using training::RunState;

/// training::Checkpoint for the CNN-GRU.
class Checkpoint {
 public:
  explicit Checkpoint(std::string folder) : files_(std::move(folder)) {}

  absl::Status Save(const RunState& state, const cnn_gru::Network& network,
                    const cnn_gru::Network& average, const torch::optim::Optimizer& optimizer,
                    bool is_best) const {
    return files_.Save(state, *network, *average, optimizer, is_best);
  }
  absl::StatusOr<RunState> Resume(cnn_gru::Network& network, cnn_gru::Network& average,
                                  torch::optim::Optimizer& optimizer) const {
    return files_.Resume(*network, *average, optimizer);
  }
  absl::Status LoadBest(cnn_gru::Network& network) const { return files_.LoadBest(*network); }

 private:
  const training::Checkpoint files_;
};

}  // namespace aislewatch::clip_training
