// A training run's state on disk, so that it can go on after a stop.
#pragma once

#include <torch/nn/module.h>
#include <torch/optim/optimizer.h>

#include <string>
#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

namespace aislewatch::training {

/// Where a run stands.
struct RunState {
  /// Epochs that are done.
  int epoch = 0;
  /// The lowest validation loss and its epoch (from 1).
  double best_loss = 0;
  int best_epoch = 0;
};

/// Files of a run below a folder: last.safetensors, average.safetensors, best.safetensors (an
/// average, too), optimizer.pt, state.json. The
/// optimizer's file is LibTorch's own archive: resume only runs whose folder you trust.
class Checkpoint {
 public:
  explicit Checkpoint(std::string folder) : folder_(std::move(folder)) {}

  /// Writes the last state, and the average as best where `is_best`. state.json is last, so an
  /// interrupted write leaves the state before it.
  absl::Status Save(const RunState& state, const torch::nn::Module& network,
                    const torch::nn::Module& average, const torch::optim::Optimizer& optimizer,
                    bool is_best) const;
  /// Restores the last state. NOT_FOUND where there is none, INVALID_ARGUMENT where it is that of
  /// another network.
  absl::StatusOr<RunState> Resume(torch::nn::Module& network, torch::nn::Module& average,
                                  torch::optim::Optimizer& optimizer) const;
  /// Loads the best weights.
  absl::Status LoadBest(torch::nn::Module& network) const;

 private:
  std::string Path(const char* name) const { return folder_ + "/" + name; }

  const std::string folder_;
};

}  // namespace aislewatch::training
