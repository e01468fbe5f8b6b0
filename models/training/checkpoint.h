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

/// A run's files below a folder: state.json says how far the run is and in which sub-folder, for
/// example epoch-12, last.safetensors, average.safetensors and optimizer.pt of that moment lie; the
/// average of the best epoch stays in that epoch's sub-folder. A state is written whole, synced,
/// and only then named by state.json, in one step: who is interrupted at any moment, by a full disk
/// too, leaves the state before it. Runs of earlier releases, with all files beside state.json, are
/// read.
///
/// The optimizer's file is LibTorch's own archive: resume only runs whose folder you trust.
/// Not thread-safe; calls block for the disk.
class Checkpoint {
 public:
  /// `network` says in a line what is trained, for example "cnn_gru, window 64"; who resumes must
  /// say the same.
  Checkpoint(std::string folder, std::string network)
      : folder_(std::move(folder)), network_(std::move(network)) {}

  /// Writes the last state, keeps the average as best where `is_best`, which the first state of a
  /// run is, and removes what is no longer needed. On an error the state before it is as it was.
  absl::Status Save(const RunState& state, const torch::nn::Module& network,
                    const torch::nn::Module& average, const torch::optim::Optimizer& optimizer,
                    bool is_best) const;
  /// Whether there is a run that Resume may take up, its weights' shapes aside: the same errors
  /// before a trainer has spent hours on its data.
  absl::Status CheckResumable() const;
  /// Restores the last state. NOT_FOUND where there is none, INVALID_ARGUMENT where it is that of
  /// another network, DATA_LOSS where its files are torn; the networks may then be half restored.
  absl::StatusOr<RunState> Resume(torch::nn::Module& network, torch::nn::Module& average,
                                  torch::optim::Optimizer& optimizer) const;
  /// Loads the best weights.
  absl::Status LoadBest(torch::nn::Module& network) const;

 private:
  /// What state.json says.
  struct Saved {
    RunState state;
    std::string network;
    /// The sub-folder of the last state; empty in runs of earlier releases.
    std::string folder;
    /// The best weights, below folder_.
    std::string best;
  };

  std::string Path(const std::string& name) const { return folder_ + "/" + name; }
  absl::StatusOr<Saved> Read() const;
  // The same where it is a run of this network.
  absl::StatusOr<Saved> ReadOwn() const;
  std::string LastPath(const Saved& saved, const char* name) const;
  absl::Status Write(const Saved& saved, const torch::nn::Module& network,
                     const torch::nn::Module& average,
                     const torch::optim::Optimizer& optimizer) const;
  void RemoveAllBut(const Saved& saved) const;

  const std::string folder_;
  const std::string network_;
};

}  // namespace aislewatch::training
