#include "models/clip_training/sample.h"

#include <algorithm>
#include <map>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/base/status.h"
#include "common/inference/torch_guard.h"
#include "models/clip_training/clip_reader.h"
#include "simulator/clip.h"

namespace aislewatch::clip_training {
namespace {

constexpr size_t kBlurredSteps = 5;
constexpr size_t kBatch = 16;
/// Of a simulated bystander at least so much must be seen to learn from.
constexpr float kLeastVisible = 0.4f;
/// What a detector's boxes tremble by, as a fraction of their longer side.
constexpr float kTruthTremble = 0.01f;

}  // namespace

std::vector<ActionSet> TargetsOf(const std::vector<Action>& actions) {
  std::vector<ActionSet> targets(actions.size());
  for (size_t t = 0; t < actions.size(); ++t) {
    for (size_t back = 0; back < kBlurredSteps && back <= t; ++back) {
      targets[t] |= Only(actions[t - back]);
    }
  }
  return targets;
}

torch::Tensor SampleBuilder::MapsOf(const std::vector<cv::Mat>& crops) {
  std::vector<torch::Tensor> parts;
  for (size_t begin = 0; begin < crops.size(); begin += kBatch) {
    const size_t count = std::min(kBatch, crops.size() - begin);
    const torch::Tensor input =
        cnn_gru::CropsToTensor({crops.data() + begin, count}, network_->options().crop_side);
    parts.push_back(network_->Maps(input.to(device_)).to(torch::kCPU, torch::kHalf).contiguous());
  }
  return torch::cat(parts);
}

absl::StatusOr<Sample> SampleBuilder::FromVideo(const ClipFile& clip, PersonFinder& finder) {
  AW_ASSIGN_OR_RETURN(const std::vector<CapturedFrame> frames, ReadClip(clip.path));
  auto people = finder.Find(frames);
  if (!people.ok()) return Annotate(people.status(), clip.path);
  return CatchTorch("the trunk", [&]() -> absl::StatusOr<Sample> {
    const torch::NoGradGuard no_gradients;
    Sample sample{.clip = clip};
    for (int v = 0; v < views_; ++v) {
      const Augmentation how = v == 0 ? Augmentation{} : DrawAugmentation(random_);
      SampleView& view = sample.views.emplace_back();
      for (const TrackCrops& track : CutTracks(frames, *people, how, random_)) {
        view.tracks.push_back({track.track_id, MapsOf(track.crops), {}});
      }
    }
    return sample;
  });
}

absl::StatusOr<Sample> SampleBuilder::FromSimulation(Action action, uint64_t seed,
                                                     bool augmented) {
  AW_ASSIGN_OR_RETURN(const simulator::ActionClip clip,
                      simulator::RenderActionClip(action, seed, {.fps = kAnalysisFps}));
  std::vector<CapturedFrame> frames;
  PeopleByFrame people;
  std::map<uint64_t, std::vector<Action>> actions;
  uint64_t bystander = 0;
  for (const simulator::SimulatedFrame& frame : clip.frames) {
    frames.push_back({frame.image, absl::UnixEpoch() + absl::Seconds(frame.truth.time_s)});
    std::vector<FoundPerson>& found = people.emplace_back();
    for (const simulator::TruthPerson& person : frame.truth.people) {
      const bool acts = person.id == clip.subject_id || person.id == clip.partner_id;
      if (!acts && person.visible < kLeastVisible) continue;
      if (!acts && bystander == 0) bystander = person.id;
      if (!acts && person.id != bystander) continue;
      found.push_back({person.id, person.box});
      actions[person.id].push_back(person.action);
    }
  }
  return CatchTorch("the trunk", [&]() -> absl::StatusOr<Sample> {
    const torch::NoGradGuard no_gradients;
    Sample sample{.clip = {absl::StrCat("simulation ", seed), "simulated",
                           std::string(kActionNames[static_cast<size_t>(action)]), Only(action)}};
    const Augmentation how =
        augmented ? DrawAugmentation(random_) : Augmentation{.tremble = kTruthTremble};
    SampleView& view = sample.views.emplace_back();
    for (const TrackCrops& track : CutTracks(frames, people, how, random_)) {
      view.tracks.push_back(
          {track.track_id, MapsOf(track.crops), TargetsOf(actions[track.track_id])});
    }
    return sample;
  });
}

}  // namespace aislewatch::clip_training
