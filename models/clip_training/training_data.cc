#include "models/clip_training/training_data.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/base/status.h"
#include "simulator/simulation.h"

namespace aislewatch::clip_training {
namespace {

constexpr char kSimulated[] = "simulated";

/// Where the seeds of validation clips begin; training clips of any run stay below, test clips
/// have the simulator's own test seeds.
constexpr uint64_t kFirstValidationSeed = 900'000;

/// Adds a sample to a part of the data; empty ones (nobody was found) teach nothing but must be
/// judged like the others.
void AddUnlessEmpty(std::vector<Sample>& part, Sample sample) {
  for (const SampleView& view : sample.views) {
    if (view.tracks.empty()) return;
  }
  part.push_back(std::move(sample));
}

absl::Status AddVideos(const TrainingOptions& options, SampleBuilder& augmenting,
                       SampleBuilder& plain, PersonFinder& finder,
                       const TrainingProgressFn& progress, TrainingData& data) {
  for (const auto& [name, directory] : options.datasets) {
    AW_ASSIGN_OR_RETURN(const std::vector<ClipFile> clips, ListClips(name, directory));
    const ClipSplit split = SplitByBlocks(clips);
    const std::string stage = absl::StrCat("clips of ", name);
    int64_t done = 0;
    const auto total = static_cast<int64_t>(clips.size());
    for (const ClipFile& clip : split.train) {
      AW_ASSIGN_OR_RETURN(Sample sample, augmenting.FromVideo(clip, finder));
      AddUnlessEmpty(data.train, std::move(sample));
      progress({stage, ++done, total, clip.folder});
    }
    for (const ClipFile& clip : split.validation) {
      AW_ASSIGN_OR_RETURN(Sample sample, plain.FromVideo(clip, finder));
      AddUnlessEmpty(data.validation, std::move(sample));
      progress({stage, ++done, total, "validation"});
    }
    for (const ClipFile& clip : split.test) {
      AW_ASSIGN_OR_RETURN(Sample sample, plain.FromVideo(clip, finder));
      data.test[name].push_back(std::move(sample));
      progress({stage, ++done, total, "test"});
    }
  }
  return absl::OkStatus();
}

absl::Status AddSimulated(int count, uint64_t first_seed, bool train, SampleBuilder& builder,
                          const TrainingProgressFn& progress, std::vector<Sample>& out) {
  for (int i = 0; i < count; ++i) {
    const auto action = static_cast<Action>(i % kActionCount);
    AW_ASSIGN_OR_RETURN(Sample sample,
                        builder.FromSimulation(action, first_seed + static_cast<uint64_t>(i), train));
    AddUnlessEmpty(out, std::move(sample));
    progress({"simulated clips", i + 1, count, train ? "for training" : "held out"});
  }
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<TrainingData> MakeTrainingData(const TrainingOptions& options,
                                              cnn_gru::Network& network, torch::Device device,
                                              PersonFinder& finder,
                                              const TrainingProgressFn& progress) {
  TrainingData data;
  SampleBuilder augmenting(network, device, 1 + options.augmented_views, options.seed);
  SampleBuilder plain(network, device, 1, options.seed + 1);
  const uint64_t first = 1 + options.seed * 10'000 % kFirstValidationSeed;
  AW_RETURN_IF_ERROR(
      AddSimulated(options.simulated, first, /*train=*/true, augmenting, progress, data.train));
  AW_RETURN_IF_ERROR(AddSimulated(options.simulated / 10, kFirstValidationSeed, /*train=*/false,
                                  plain, progress, data.validation));
  if (options.simulated_test > 0) {
    AW_RETURN_IF_ERROR(AddSimulated(options.simulated_test, simulator::kFirstTestSeed,
                                    /*train=*/false, plain, progress, data.test[kSimulated]));
  }
  AW_RETURN_IF_ERROR(AddVideos(options, augmenting, plain, finder, progress, data));
  if (data.train.empty() || data.validation.empty()) {
    return absl::InvalidArgumentError(
        "there is nothing to train on or nothing to validate with; give --simulated at least 70 or "
        "a --dataset with at least 10 clips per class");
  }
  return data;
}

BalancedSampler::BalancedSampler(const std::vector<Sample>& samples) {
  std::map<std::string, std::map<std::string, std::vector<const Sample*>>> sorted;
  for (const Sample& sample : samples) {
    sorted[sample.clip.dataset][sample.clip.folder].push_back(&sample);
  }
  const double real = static_cast<double>(sorted.size() - sorted.count(kSimulated));
  double sum = 0;
  for (auto& [dataset, classes] : sorted) {
    std::vector<std::vector<const Sample*>>& entry = datasets_.emplace_back();
    for (auto& [folder, members] : classes) entry.push_back(std::move(members));
    sum += dataset == kSimulated ? std::max(1.0, real) : 1.0;
    until_.push_back(sum);
  }
}

const Sample& BalancedSampler::Draw(std::mt19937_64& random) const {
  const double at = std::uniform_real_distribution<double>(0, until_.back())(random);
  const auto found = std::upper_bound(until_.begin(), until_.end(), at);
  const auto& classes =
      datasets_[std::min<size_t>(static_cast<size_t>(found - until_.begin()), until_.size() - 1)];
  const auto& members = classes[random() % classes.size()];
  return *members[random() % members.size()];
}

}  // namespace aislewatch::clip_training
