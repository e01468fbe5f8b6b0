#include "models/clip_training/sample.h"

#include <algorithm>
#include <array>
#include <filesystem>
#include <map>
#include <optional>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/base/sha256.h"
#include "common/base/status.h"
#include "common/inference/torch_guard.h"
#include "models/clip_networks/pose_inputs.h"
#include "models/clip_training/clip_reader.h"
#include "models/clip_training/sample_files.h"
#include "models/clip_training/sketch.h"
#include "simulator/clip.h"
#include "simulator/simulation.h"

namespace aislewatch::clip_training {
namespace {

constexpr size_t kBlurredSteps = 5;
/// A concealment is known best when it is over and the hand comes back empty; so long it still
/// counts.
constexpr size_t kAftermathSteps = 8;
constexpr size_t kBatch = 16;
/// A found person is the true one whose box overlaps most, from here on.
constexpr float kLeastOverlap = 0.3f;
/// Of an act of concealment this much looks like any other movement of a hand.
constexpr float kBeginning = 0.3f;

/// A shorter rest of a track teaches nothing.
constexpr int64_t kLeastPiece = 10;

/// A busy day with more theft than any shop has: acts are what there is to learn.
constexpr simulator::VisitMix kTrainingMix = {0.14f, 0.20f, 0.16f, 0.20f,
                                              0.20f, 0.03f, 0.02f, 0.05f};

/// Some walk by and some fight.
constexpr simulator::VisitMix kRehearsalMix = {0.08f, 0, 0, 0, 0, 0, 0, 0.06f, 0.86f};

/// How much coarser than a picture a sketch is drawn, along each side.
constexpr int kCoarser = 4;

/// Fewest people at once; up to four more come in.
constexpr int kStoreCrowd = 4;
constexpr int kRehearsalCrowd = 7;

/// Rarest first.
constexpr std::array<Action, kActionCount> kByRarity = {Action::kConcealingInClothes,
                                                        Action::kConcealingInBag,
                                                        Action::kFighting,
                                                        Action::kReturning,
                                                        Action::kTaking,
                                                        Action::kExamining,
                                                        Action::kNormal};

/// The rarest action that at least half a second of the piece shows for certain.
std::string FolderOf(const std::vector<ActionSet>& targets) {
  for (const Action action : kByRarity) {
    const auto shown =
        static_cast<size_t>(std::count(targets.begin(), targets.end(), Only(action)));
    if (shown >= kBlurredSteps) {
      return std::string(kActionNames[static_cast<size_t>(action)]);
    }
  }
  return std::string(kActionNames[static_cast<size_t>(Action::kNormal)]);
}

ActionSet AllowedFor(const FoundPerson& found, const simulator::TruthFrame& truth) {
  const simulator::TruthPerson* best = nullptr;
  float overlap = kLeastOverlap;
  for (const simulator::TruthPerson& person : truth.people) {
    const float one = IntersectionOverUnion(found.box, person.box);
    if (one < overlap) continue;
    overlap = one;
    best = &person;
  }
  if (best == nullptr || best->visible < kLeastVisible) return ActionSet().set();
  return AllowedAt(*best);
}

simulator::SimulationOptions OptionsOf(const StoreFootage& store) {
  simulator::SimulationOptions options;
  options.seed = store.seed;
  options.duration = absl::Seconds(store.seconds);
  options.fps = kAnalysisFps;
  options.people_per_minute = 60;
  // Each act of a rehearsal costs the pose model as little as there are many at once.
  options.max_people =
      (store.rehearsal ? kRehearsalCrowd : kStoreCrowd) + static_cast<int>(store.seed % 5);
  options.mix = store.rehearsal ? kRehearsalMix : kTrainingMix;
  options.loiter = absl::Seconds(10);
  return options;
}

torch::Tensor KeypointsOf(const std::vector<Pose>& poses) {
  std::vector<PersonView> views(poses.size());
  for (size_t i = 0; i < poses.size(); ++i) views[i].keypoints = poses[i];
  return clip_networks::KeypointsToTensor(views);
}

std::mt19937_64 RandomFor(uint64_t seed, const std::string& key) {
  const std::string text = absl::StrCat(seed, "/", key);
  std::seed_seq sequence(text.begin(), text.end());
  return std::mt19937_64(sequence);
}

}  // namespace

struct SampleBuilder::Footage {
  std::vector<CapturedFrame> frames;
  /// One per frame; empty where nothing is known of single frames.
  std::vector<simulator::TruthFrame> truth;
};

bool IsSimulated(const std::string& dataset) {
  return dataset == kSimulatedClips || dataset == kSimulatedStores ||
         dataset == kSimulatedRehearsals || dataset == kSketchedStores ||
         dataset == kPicturedSketches;
}

ActionSet AllowedAt(const simulator::TruthPerson& person) {
  ActionSet allowed = Only(person.action);
  if ((allowed & ConcealingActions()).any() && person.progress < kBeginning) {
    allowed |= Only(Action::kExamining) | Only(Action::kNormal);
  }
  return allowed;
}

std::vector<ActionSet> TargetsOf(const std::vector<ActionSet>& allowed) {
  std::vector<ActionSet> held = allowed;
  size_t since = kAftermathSteps + 1;
  for (size_t t = 0; t < allowed.size(); ++t) {
    if ((allowed[t] & ConcealingActions()).any()) {
      since = 0;
    } else if (++since <= kAftermathSteps) {
      held[t] = held[t - 1];
    }
  }
  std::vector<ActionSet> targets(allowed.size());
  for (size_t t = 0; t < allowed.size(); ++t) {
    for (size_t back = 0; back < kBlurredSteps && back <= t; ++back) {
      targets[t] |= held[t - back];
    }
  }
  return targets;
}

torch::Tensor SampleBuilder::MapsOf(const std::vector<cv::Mat>& crops) {
  if (!network_.options().sees_pictures()) return {};
  std::vector<PersonView> views(crops.size());
  for (size_t i = 0; i < crops.size(); ++i) {
    views[i].crop = crops[i];
    if (i > 0) views[i].previous = crops[i - 1];
  }
  std::vector<torch::Tensor> parts;
  for (size_t begin = 0; begin < views.size(); begin += kBatch) {
    const size_t count = std::min(kBatch, views.size() - begin);
    const torch::Tensor input = network_.Inputs({views.data() + begin, count});
    parts.push_back(network_.Maps(input.to(device_)).to(torch::kCPU, torch::kHalf).contiguous());
  }
  return torch::cat(parts);
}

absl::StatusOr<SampleView> SampleBuilder::View(const std::string& key, const Footage& footage,
                                               bool augmented) {
  AW_ASSIGN_OR_RETURN(const PeopleByFrame people, finder_.Find(footage.frames));
  return Embedded(key, footage, people, augmented);
}

absl::StatusOr<SampleView> SampleBuilder::Embedded(const std::string& key, const Footage& footage,
                                                   const PeopleByFrame& people, bool augmented) {
  std::mt19937_64 random = RandomFor(options_.seed, key);
  const Augmentation how = augmented ? DrawAugmentation(random) : Augmentation{};
  return CatchTorch("the trunk", [&]() -> absl::StatusOr<SampleView> {
    const torch::NoGradGuard no_gradients;
    SampleView view;
    for (const TrackCrops& track : CutTracks(footage.frames, people, how, random)) {
      std::vector<ActionSet> allowed;
      for (const int frame : track.frames) {
        if (footage.truth.empty()) break;
        const auto at = static_cast<size_t>(frame);
        const auto found = std::find_if(
            people[at].begin(), people[at].end(),
            [&](const FoundPerson& person) { return person.track_id == track.track_id; });
        allowed.push_back(AllowedFor(*found, footage.truth[at]));
      }
      view.tracks.push_back({.track_id = track.track_id,
                             .maps = MapsOf(track.crops),
                             .keypoints = KeypointsOf(track.poses),
                             .targets = std::move(allowed)});
    }
    return view;
  });
}

absl::StatusOr<SampleView> SampleBuilder::Targeted(
    const std::string& key, const std::function<absl::StatusOr<SampleView>()>& make) {
  AW_ASSIGN_OR_RETURN(SampleView view, Kept(key, make));
  for (TrackMaps& track : view.tracks) track.targets = TargetsOf(track.targets);
  return view;
}

absl::StatusOr<SampleView> SampleBuilder::Kept(
    const std::string& key, const std::function<absl::StatusOr<SampleView>()>& make) {
  if (options_.keep.empty()) return make();
  const std::string name =
      absl::StrCat(finder_.version(), "/", options_.seed, "/", key, "/", network_.maps_name());
  const std::string path = absl::StrCat(options_.keep, "/", Sha256Hex(name), ".safetensors");
  if (std::filesystem::exists(path)) return ReadView(path);
  AW_ASSIGN_OR_RETURN(SampleView view, make());
  const absl::Status kept = WriteView(path, view);
  if (kept.ok()) return view;
  return absl::Status(kept.code(), absl::StrCat("cannot keep a sample: ", kept.message(),
                                                "; make room, or train without --keep-samples"));
}

absl::StatusOr<std::variant<Sample, SkippedClip>> SampleBuilder::FromVideo(const ClipFile& clip,
                                                                           int views) {
  Sample sample{.clip = clip, .views = {}};
  std::optional<Footage> footage;  // Read once, and only where something is not kept.
  absl::Status unreadable;
  for (int v = 0; v < views; ++v) {
    const std::string key = absl::StrCat("video/", clip.path, "/", v);
    auto view = Targeted(key, [&]() -> absl::StatusOr<SampleView> {
      if (!footage.has_value()) {
        auto frames = ReadClip(clip.path);
        unreadable = frames.status();
        if (!frames.ok()) return unreadable;
        footage.emplace().frames = *std::move(frames);
      }
      return View(key, *footage, /*augmented=*/v > 0);
    });
    if (!unreadable.ok()) return SkippedClip{clip.path, std::string(unreadable.message())};
    if (!view.ok()) return Annotate(view.status(), clip.path);
    sample.views.push_back(*std::move(view));
  }
  return sample;
}

absl::StatusOr<Sample> SampleBuilder::FromClip(Action action, uint64_t seed, bool augmented) {
  const std::string name(kActionNames[static_cast<size_t>(action)]);
  const std::string key = absl::StrCat("clip/", name, "/", seed, augmented ? "/augmented" : "");
  Sample sample{.clip = {absl::StrCat("simulation ", seed), kSimulatedClips, name, Only(action)},
                .views = {}};
  AW_ASSIGN_OR_RETURN(SampleView view, Targeted(key, [&]() -> absl::StatusOr<SampleView> {
                        AW_ASSIGN_OR_RETURN(
                            simulator::ActionClip clip,
                            simulator::RenderActionClip(action, seed, {.fps = kAnalysisFps}));
                        Footage footage;
                        for (simulator::SimulatedFrame& frame : clip.frames) {
                          footage.frames.push_back(
                              {frame.image, absl::UnixEpoch() + absl::Seconds(frame.truth.time_s)});
                          footage.truth.push_back(std::move(frame.truth));
                        }
                        return View(key, footage, augmented);
                      }));
  sample.views.push_back(std::move(view));
  return sample;
}

absl::StatusOr<std::vector<Sample>> SampleBuilder::FromStore(const StoreFootage& store,
                                                             bool train) {
  const std::string key = absl::StrCat(store.rehearsal ? "rehearsal/" : "store/", store.seed, "/",
                                       store.seconds, train ? "/augmented" : "");
  AW_ASSIGN_OR_RETURN(const SampleView view, Targeted(key, [&]() -> absl::StatusOr<SampleView> {
                        AW_ASSIGN_OR_RETURN(const Footage footage, Watch(OptionsOf(store)));
                        return View(key, footage, /*augmented=*/train);
                      }));
  return Filed(store.rehearsal ? kSimulatedRehearsals : kSimulatedStores, store.seed, view,
               /*in_pieces=*/train);
}

absl::StatusOr<std::vector<Sample>> SampleBuilder::FromSketch(const StoreFootage& store,
                                                              bool pictured) {
  const std::string key =
      absl::StrCat(pictured ? "pictured-" : "sketched-", store.rehearsal ? "rehearsal/" : "store/",
                   store.seed, "/", store.seconds);
  AW_ASSIGN_OR_RETURN(SampleView view, Targeted(key, [&]() -> absl::StatusOr<SampleView> {
                        simulator::SimulationOptions options = OptionsOf(store);
                        const FrameSize size = options.size;
                        if (pictured) {
                          AW_ASSIGN_OR_RETURN(const Footage footage, Watch(options));
                          return Embedded(key, footage, TruePeople(footage.truth),
                                          /*augmented=*/true);
                        }
                        // All that is needed of the picture is who hides whom.
                        options.size = {size.width / kCoarser, size.height / kCoarser};
                        options.clean = true;
                        AW_ASSIGN_OR_RETURN(const Footage footage, Watch(options));
                        return SketchPeople(footage.truth, size);
                      }));
  for (TrackMaps& track : view.tracks) track.true_joints = true;
  return Filed(pictured ? kPicturedSketches : kSketchedStores, store.seed, view,
               /*in_pieces=*/true);
}

absl::StatusOr<SampleBuilder::Footage> SampleBuilder::Watch(
    const simulator::SimulationOptions& options) {
  AW_ASSIGN_OR_RETURN(const auto simulation, simulator::Simulation::Create(options));
  Footage footage;
  while (std::optional<simulator::SimulatedFrame> frame = simulation->Next()) {
    footage.frames.push_back(
        {frame->image, absl::UnixEpoch() + absl::Seconds(frame->truth.time_s)});
    footage.truth.push_back(std::move(frame->truth));
  }
  return footage;
}

std::vector<Sample> SampleBuilder::Filed(const std::string& dataset, uint64_t seed,
                                         const SampleView& view, bool in_pieces) const {
  const int64_t window = network_.options().window;
  std::vector<Sample> samples;
  for (const TrackMaps& track : view.tracks) {
    const int64_t length = track.crops();
    const int64_t most = in_pieces ? window : length;
    for (int64_t begin = 0; begin == 0 || begin + kLeastPiece <= length;
         begin += std::max<int64_t>(1, window * 5 / 8)) {
      const int64_t end = std::min(begin + most, length);
      TrackMaps piece{track.track_id,
                      track.maps.defined() ? track.maps.slice(0, begin, end) : torch::Tensor(),
                      track.keypoints.slice(0, begin, end),
                      track.true_joints,
                      {track.targets.begin() + begin, track.targets.begin() + end}};
      const std::string folder = FolderOf(piece.targets);
      samples.push_back({.clip = {absl::StrCat("store ", seed), dataset, folder, {}},
                         .views = {{{std::move(piece)}}}});
      if (end == length) break;
    }
  }
  return samples;
}

}  // namespace aislewatch::clip_training
