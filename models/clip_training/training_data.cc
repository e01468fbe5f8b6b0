#include "models/clip_training/training_data.h"

#include <ATen/Parallel.h>

#include <algorithm>
#include <functional>
#include <iterator>
#include <thread>
#include <utility>
#include <variant>

#include "absl/base/thread_annotations.h"
#include "absl/strings/str_cat.h"
#include "absl/synchronization/mutex.h"
#include "common/base/status.h"
#include "simulator/simulation.h"

namespace aislewatch::clip_training {
namespace {

/// Where the seeds of validation begin; training of any run stays below, tests have the simulator's
/// own test seeds.
constexpr uint64_t kFirstValidationSeed = 900'000;

/// Sketches are of other stores than those that are rendered.
constexpr uint64_t kFirstPicturedSketch = 1'000;
constexpr uint64_t kFirstSketch = 2'000;

/// There are many more sketches than pieces with pictures, and each shows less.
constexpr double kSketchWeight = 0.12;
constexpr double kPicturedSketchWeight = 2;

/// A recorded clip is worth so many simulated pieces: enough to count, too few to be learnt by
/// heart.
constexpr double kRecordedWeight = 6;

/// One clip or store to be made, and where its samples go.
struct Task {
  std::string stage;
  std::function<absl::StatusOr<std::variant<std::vector<Sample>, SkippedClip>>()> make;
  std::vector<Sample>* part = nullptr;
};

/// How often one of the data set's samples is drawn, against others.
double WeightOf(const std::string& dataset) {
  if (dataset == kSketchedStores) return kSketchWeight;
  if (dataset == kPicturedSketches) return kPicturedSketchWeight;
  return IsSimulated(dataset) ? 1 : kRecordedWeight;
}

std::vector<Sample> One(Sample sample) {
  std::vector<Sample> samples;
  samples.push_back(std::move(sample));
  return samples;
}

bool IsEmpty(const Sample& sample) {
  return std::any_of(sample.views.begin(), sample.views.end(),
                     [](const SampleView& view) { return view.tracks.empty(); });
}

/// Makes everything on several threads; what comes out has the tasks' order, whoever was faster.
class Workshop {
 public:
  Workshop(absl::string_view stage, std::vector<Task> tasks, const TrainingProgressFn& progress)
      : stage_(stage), tasks_(std::move(tasks)), progress_(progress), made_(tasks_.size()) {}

  /// What could not be read.
  absl::StatusOr<std::vector<SkippedClip>> Run(int workers) {
    std::vector<std::thread> threads;
    for (int i = 0; i < workers; ++i) threads.emplace_back([this] { Work(); });
    for (std::thread& thread : threads) thread.join();
    absl::MutexLock lock(&mutex_);
    if (!error_.ok()) return error_;
    std::vector<SkippedClip> skipped;
    for (size_t i = 0; i < tasks_.size(); ++i) {
      if (auto* clip = std::get_if<SkippedClip>(&made_[i])) {
        skipped.push_back(std::move(*clip));
        continue;
      }
      auto& samples = std::get<std::vector<Sample>>(made_[i]);
      std::move(samples.begin(), samples.end(), std::back_inserter(*tasks_[i].part));
    }
    return skipped;
  }

 private:
  void Work() {
    at::set_num_threads(1);  // The threads are the workers.
    while (true) {
      size_t index = 0;
      {
        absl::MutexLock lock(&mutex_);
        if (next_ == tasks_.size() || !error_.ok()) return;
        index = next_++;
      }
      auto made = tasks_[index].make();
      absl::MutexLock lock(&mutex_);
      ++done_;
      if (!made.ok()) {
        error_.Update(made.status());
        continue;
      }
      made_[index] = *std::move(made);
      progress_({stage_, done_, static_cast<int64_t>(tasks_.size()), tasks_[index].stage});
    }
  }

  const absl::string_view stage_;
  const std::vector<Task> tasks_;
  const TrainingProgressFn& progress_;
  absl::Mutex mutex_;
  size_t next_ ABSL_GUARDED_BY(mutex_) = 0;
  int64_t done_ ABSL_GUARDED_BY(mutex_) = 0;
  absl::Status error_ ABSL_GUARDED_BY(mutex_);
  std::vector<std::variant<std::vector<Sample>, SkippedClip>> made_ ABSL_GUARDED_BY(mutex_);
};

/// The clips of each data set, which must be of several classes.
absl::StatusOr<std::vector<std::vector<ClipFile>>> ListVideos(const TrainingOptions& options) {
  std::vector<std::vector<ClipFile>> datasets;
  for (const auto& [name, directory] : options.datasets) {
    AW_ASSIGN_OR_RETURN(std::vector<ClipFile> clips, ListClips(name, directory));
    const absl::Status several = RequireSeveralClasses(clips);
    if (!several.ok()) return Annotate(several, directory);
    datasets.push_back(std::move(clips));
  }
  return datasets;
}

void AddVideos(const std::vector<ClipFile>& files, int views, SampleBuilder& builder,
               std::vector<Sample>& part, std::vector<Task>& tasks) {
  for (const ClipFile& clip : files) {
    const auto make = [&builder, clip,
                       views]() -> absl::StatusOr<std::variant<std::vector<Sample>, SkippedClip>> {
      AW_ASSIGN_OR_RETURN(auto made, builder.FromVideo(clip, views));
      if (auto* skipped = std::get_if<SkippedClip>(&made)) return std::move(*skipped);
      return One(std::get<Sample>(std::move(made)));
    };
    tasks.push_back({absl::StrCat(clip.dataset, " ", clip.folder), make, &part});
  }
}

/// INVALID_ARGUMENT where what is left of a data set is of one class.
absl::Status CheckReadable(const std::vector<ClipFile>& clips,
                           const std::vector<SkippedClip>& skipped) {
  std::vector<ClipFile> read;
  std::string first;
  for (const ClipFile& clip : clips) {
    const auto found =
        std::find_if(skipped.begin(), skipped.end(),
                     [&](const SkippedClip& candidate) { return candidate.path == clip.path; });
    if (found == skipped.end()) {
      read.push_back(clip);
    } else if (first.empty()) {
      first = found->reason;
    }
  }
  return Annotate(RequireSeveralClasses(read),
                  absl::StrCat(clips.size() - read.size(), " of ", clips.size(), " clips of ",
                               clips.front().dataset, " cannot be read (the first: ", first,
                               "), and of the others"));
}

/// Recorded clips of every part.
absl::StatusOr<TrainingData> MakeRecordedData(const TrainingOptions& options,
                                              SampleBuilder& builder,
                                              const TrainingProgressFn& progress) {
  AW_ASSIGN_OR_RETURN(const auto datasets, ListVideos(options));
  TrainingData data;
  std::vector<Task> tasks;
  for (const std::vector<ClipFile>& clips : datasets) {
    const ClipSplit split = SplitByBlocks(clips, options.fold);
    AddVideos(split.train, 1 + options.augmented_views, builder, data.train, tasks);
    AddVideos(split.validation, 1, builder, data.validation, tasks);
    AddVideos(split.test, 1, builder, data.test[clips.front().dataset], tasks);
  }
  AW_ASSIGN_OR_RETURN(data.skipped,
                      Workshop("recorded clips", std::move(tasks), progress).Run(options.workers));
  for (const std::vector<ClipFile>& clips : datasets) {
    AW_RETURN_IF_ERROR(CheckReadable(clips, data.skipped));
  }
  return data;
}

void AddClips(int count, uint64_t first_seed, bool train, SampleBuilder& builder,
              std::vector<Sample>& part, std::vector<Task>& tasks) {
  for (int i = 0; i < count; ++i) {
    const auto make = [&builder, train, action = static_cast<Action>(i % kActionCount),
                       seed = first_seed +
                              static_cast<uint64_t>(i)]() -> absl::StatusOr<std::vector<Sample>> {
      AW_ASSIGN_OR_RETURN(Sample sample, builder.FromClip(action, seed, train));
      return One(std::move(sample));
    };
    tasks.push_back({"simulated clip", make, &part});
  }
}

void AddStores(int count, StoreFootage first, bool train, SampleBuilder& builder,
               std::vector<Sample>& part, std::vector<Task>& tasks) {
  for (int i = 0; i < count; ++i, ++first.seed) {
    tasks.push_back({"simulated store",
                     [&builder, train, first] { return builder.FromStore(first, train); }, &part});
  }
}

void AddSketches(int count, StoreFootage first, bool pictured, SampleBuilder& builder,
                 std::vector<Sample>& part, std::vector<Task>& tasks) {
  for (int i = 0; i < count; ++i, ++first.seed) {
    first.rehearsal = i % 2 == 1;
    tasks.push_back({pictured ? "pictured sketch" : "sketch",
                     [&builder, first, pictured] { return builder.FromSketch(first, pictured); },
                     &part});
  }
}

void Append(TrainingData from, TrainingData& to) {
  std::move(from.train.begin(), from.train.end(), std::back_inserter(to.train));
  std::move(from.validation.begin(), from.validation.end(), std::back_inserter(to.validation));
  for (auto& [dataset, clips] : from.test) {
    std::move(clips.begin(), clips.end(), std::back_inserter(to.test[dataset]));
  }
  to.skipped = std::move(from.skipped);
}

}  // namespace

absl::StatusOr<TrainingData> MakeTrainingData(const TrainingOptions& options,
                                              clip_networks::ClipNetwork& network,
                                              torch::Device device, PersonFinder& finder,
                                              const TrainingProgressFn& progress) {
  SampleBuilder builder(network, device, finder,
                        {.seed = options.seed, .keep = options.keep_samples});
  // First, since it takes minutes and what follows may take hours.
  AW_ASSIGN_OR_RETURN(TrainingData recorded, MakeRecordedData(options, builder, progress));
  TrainingData data;
  const uint64_t first = 1 + options.seed * 10'000 % kFirstValidationSeed;
  std::vector<Task> tasks;
  for (const bool rehearsal : {false, true}) {
    const int count = rehearsal ? options.rehearsals : options.stores;
    AddStores(count, {first, options.store_seconds, rehearsal}, /*train=*/true, builder, data.train,
              tasks);
    AddStores(rehearsal ? (count + 9) / 10 : options.validation_stores,
              {kFirstValidationSeed, options.store_seconds, rehearsal},
              /*train=*/false, builder, data.validation, tasks);
  }
  AddSketches(options.sketches, {first + kFirstSketch, options.store_seconds}, /*pictured=*/false,
              builder, data.train, tasks);
  AddSketches(options.pictured_sketches, {first + kFirstPicturedSketch, options.store_seconds},
              /*pictured=*/true, builder, data.train, tasks);
  AddClips(options.simulated, first, /*train=*/true, builder, data.train, tasks);
  AddClips(options.simulated / 10, kFirstValidationSeed, /*train=*/false, builder, data.validation,
           tasks);
  if (options.simulated_test > 0) {
    AddClips(options.simulated_test, simulator::kFirstTestSeed, /*train=*/false, builder,
             data.test[kSimulatedClips], tasks);
  }
  AW_RETURN_IF_ERROR(Workshop("data", std::move(tasks), progress).Run(options.workers).status());
  Append(std::move(recorded), data);
  // Where nobody was found there is nothing to learn; the test parts keep it, to be judged like the
  // rest.
  std::erase_if(data.train, IsEmpty);
  std::erase_if(data.validation, IsEmpty);
  if (data.train.empty() || data.validation.empty()) {
    return absl::InvalidArgumentError(
        "there is nothing to train on or nothing to validate with; give --stores, --simulated at "
        "least 70 or a --dataset with at least 10 clips per class");
  }
  return data;
}

BalancedSampler::BalancedSampler(const std::vector<Sample>& samples) {
  std::map<std::string, std::map<std::string, std::vector<const Sample*>>> sorted;
  for (const Sample& sample : samples) {
    sorted[sample.clip.dataset][sample.clip.folder].push_back(&sample);
  }
  double sum = 0;
  for (auto& [dataset, classes] : sorted) {
    size_t count = 0;
    for (const auto& [folder, members] : classes) count += members.size();
    sum += WeightOf(dataset) * static_cast<double>(count);
    std::vector<std::vector<const Sample*>>& entry = datasets_.emplace_back();
    for (auto& [folder, members] : classes) entry.push_back(std::move(members));
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
