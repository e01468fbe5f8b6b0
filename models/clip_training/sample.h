// What the trainer learns from: people as the frozen trunk sees them.
//
// The trunk's maps are computed once per crop and kept in half precision, so that an epoch costs
// seconds instead of minutes on a CPU.
#pragma once

#include <random>
#include <string>
#include <vector>

#include <torch/torch.h>

#include "absl/status/statusor.h"
#include "models/clip_training/clip_files.h"
#include "models/clip_training/person_finder.h"
#include "models/clip_training/track_crops.h"
#include "models/cnn_gru/network.h"

namespace aislewatch::clip_training {

/// One person of a clip in one augmentation.
struct TrackMaps {
  uint64_t track_id = 0;
  /// `[T, channels, side, side]` float16 on the CPU.
  torch::Tensor maps;
  /// What may be said after each crop; empty where only the clip as a whole is labelled.
  std::vector<ActionSet> targets;
};

/// One clip in one augmentation.
struct SampleView {
  std::vector<TrackMaps> tracks;
};

/// One labelled clip. views[0] is not augmented where the clip was recorded.
struct Sample {
  ClipFile clip;
  std::vector<SampleView> views;
};

/// Makes samples with a network's trunk. One call at a time; each blocks for the inference.
class SampleBuilder {
 public:
  /// `network` outlives the builder. `views` >= 1 of recorded clips, of which all but the first are
  /// augmented.
  SampleBuilder(cnn_gru::Network& network, torch::Device device, int views, uint64_t seed)
      : network_(network), device_(device), views_(views), random_(seed) {}

  /// A clip from disk; people by `finder`. Nobody found gives a sample without tracks.
  absl::StatusOr<Sample> FromVideo(const ClipFile& clip, PersonFinder& finder);

  /// A simulated clip of `action`, with a label for each crop: who acts and one bystander. Boxes
  /// are the truth's, trembling as a detector's do. One view, since another seed teaches more than
  /// the same person in another light.
  absl::StatusOr<Sample> FromSimulation(Action action, uint64_t seed, bool augmented);

 private:
  torch::Tensor MapsOf(const std::vector<cv::Mat>& crops);

  cnn_gru::Network& network_;
  const torch::Device device_;
  const int views_;
  std::mt19937_64 random_;
};

/// What may be said after each crop where `actions` holds at each of them: any action of the last
/// half second, since the borders between actions are not sharp.
std::vector<ActionSet> TargetsOf(const std::vector<Action>& actions);

}  // namespace aislewatch::clip_training
