// What the trainer learns from: people as the frozen trunk sees them.
//
// The trunk's maps are computed once per crop and kept in half precision, so that an epoch costs
// seconds instead of minutes on a CPU.
#pragma once

#include <torch/types.h>

#include <functional>
#include <string>
#include <variant>
#include <vector>

#include "absl/status/statusor.h"
#include "models/clip_networks/clip_network.h"
#include "models/clip_training/clip_files.h"
#include "models/clip_training/person_finder.h"
#include "models/clip_training/track_crops.h"
#include "simulator/simulation.h"
#include "simulator/truth.h"

namespace aislewatch::clip_training {

/// One person of a clip in one augmentation.
struct TrackMaps {
  uint64_t track_id = 0;
  /// `[T, channels, side, side]` float16 on the CPU; undefined where there is no picture.
  torch::Tensor maps;
  /// `[T, 17, 3]` float32 on the CPU, as clip_networks::KeypointsToTensor gives them.
  torch::Tensor keypoints;
  /// Whether the keypoints are a simulator's truth, with the visibility as third number: VaryView
  /// gives them a pose model's faults.
  bool true_joints = false;
  /// What may be said after each crop; empty where only the clip as a whole is labelled.
  std::vector<ActionSet> targets;

  int64_t crops() const { return keypoints.size(0); }
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

/// Names of the simulated data sets.
inline constexpr char kSimulatedClips[] = "simulated";
inline constexpr char kSimulatedStores[] = "simulated_stores";
inline constexpr char kSimulatedRehearsals[] = "simulated_rehearsals";
inline constexpr char kSketchedStores[] = "sketched_stores";
inline constexpr char kPicturedSketches[] = "pictured_sketches";
bool IsSimulated(const std::string& dataset);

/// A simulated store to learn from. The same values give the same footage.
struct StoreFootage {
  uint64_t seed = 1;
  double seconds = 60;
  /// Whether people do one act after another, or what brings people into stores.
  bool rehearsal = false;
};

/// Makes samples with a network's trunk and a pose model; people are found as the cluster finds
/// them, except in sketches. The same arguments give the same samples. Thread-safe; calls block for
/// the rendering and the inference.
class SampleBuilder {
 public:
  struct Options {
    uint64_t seed = 1;
    /// Samples are kept in this folder and taken from it, by what they show and the pose model's
    /// version; empty keeps none. Clear it when the simulator or the videos change.
    std::string keep;
  };

  /// `network` and `finder` outlive the builder.
  SampleBuilder(clip_networks::ClipNetwork& network, torch::Device device, PersonFinder& finder,
                Options options)
      : network_(network), device_(device), finder_(finder), options_(std::move(options)) {}

  /// A recorded clip in `views` >= 1 views, of which all but the first are augmented; or why its
  /// file cannot be read. Nobody found gives views without tracks.
  absl::StatusOr<std::variant<Sample, SkippedClip>> FromVideo(const ClipFile& clip, int views);

  /// A simulated clip of `action`, with a label for each crop of everybody in it.
  absl::StatusOr<Sample> FromClip(Action action, uint64_t seed, bool augmented);

  /// A simulated store with many visitors, its people found as in recorded clips: to train on,
  /// augmented pieces of its tracks as long as the network's window, otherwise whole tracks. Each
  /// is filed under the rarest action in it.
  absl::StatusOr<std::vector<Sample>> FromStore(const StoreFootage& footage, bool train);

  /// Pieces of the tracks of a store whose people nobody had to find; see sketch.h. `pictured` ones
  /// are rendered and embedded all the same.
  absl::StatusOr<std::vector<Sample>> FromSketch(const StoreFootage& footage, bool pictured);

 private:
  struct Footage;

  // People as the pose model finds them; with what holds at each crop as targets, which TargetsOf
  // has yet to make.
  absl::StatusOr<SampleView> View(const std::string& key, const Footage& footage, bool augmented);
  // The same with the people of each frame given.
  absl::StatusOr<SampleView> Embedded(const std::string& key, const Footage& footage,
                                      const PeopleByFrame& people, bool augmented);
  static absl::StatusOr<Footage> Watch(const simulator::SimulationOptions& options);
  // What `make` gives, made once; files keep what holds at each crop, too.
  absl::StatusOr<SampleView> Kept(const std::string& key,
                                  const std::function<absl::StatusOr<SampleView>()>& make);
  // The same with its targets.
  absl::StatusOr<SampleView> Targeted(const std::string& key,
                                      const std::function<absl::StatusOr<SampleView>()>& make);
  torch::Tensor MapsOf(const std::vector<cv::Mat>& crops);
  // Tracks, or pieces of them, each a sample.
  std::vector<Sample> Filed(const std::string& dataset, uint64_t seed, const SampleView& view,
                            bool in_pieces) const;

  clip_networks::ClipNetwork& network_;
  const torch::Device device_;
  PersonFinder& finder_;
  const Options options_;
};

/// Of whom less can be seen, 0..1, nothing can be said.
inline constexpr float kLeastVisible = 0.3f;

/// What may be said at the moment that `person` is in: their action; while a hand has only begun to
/// move towards clothes or a bag, also what nobody could tell from it yet.
ActionSet AllowedAt(const simulator::TruthPerson& person);

/// What may be said after each crop where `allowed` holds at each of them: anything of the last
/// half second, since the borders between actions are not sharp. A concealment goes on counting
/// for 0.8 s after its end: that the item is gone is seen only then.
std::vector<ActionSet> TargetsOf(const std::vector<ActionSet>& allowed);

}  // namespace aislewatch::clip_training
