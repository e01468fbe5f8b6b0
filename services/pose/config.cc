#include "services/pose/config.h"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <string>
#include <vector>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "common/config/flags.h"
#include "common/vision/image_codec.h"

namespace aislewatch::pose {
namespace {

// Fusion takes looks that are 5 s apart for strangers to each other; a crowd stretches this.
constexpr absl::Duration kMostObjectEvery = absl::Seconds(2);

std::pair<std::string, std::string> NameAndVersion(const std::string& model) {
  return absl::StrSplit(model, absl::MaxSplits('/', 1));
}

}  // namespace

void AddFlags(CLI::App& app, Config& config) {
  app.add_option("--model", config.model, "NAME or NAME/VERSION; without version the newest")
      ->capture_default_str();
  app.add_option("--model-repository", config.model_repositories,
                 "Folder with NAME/VERSION/model.json; may be given several times")
      ->delimiter(',')
      ->capture_default_str();
  AddModelRefreshFlag(app, config.model_refresh);
  app.add_option("--device", config.device, "cpu, or a LibTorch device such as cuda:0")
      ->capture_default_str();
  app.add_option("--max-batch", config.max_batch, "Most pictures of one batch")
      ->check(CLI::Range(1, 1024))
      ->capture_default_str();
  AddDurationFlag(app, "--max-batch-delay", config.max_batch_delay,
                  "How long the first picture of a batch waits for others");
  app.add_option("--queue", config.queue,
                 "Most pictures that wait; beyond it the oldest is given up")
      ->check(CLI::Range(1, 100'000))
      ->capture_default_str();
  app.add_option("--inference-threads", config.inference_threads,
                 "Batches inferred at the same time, each by a copy of the model")
      ->check(CLI::Range(1, 64))
      ->capture_default_str();
  app.add_option("--torch-threads", config.torch_threads, "Processor threads of one inference")
      ->check(CLI::Range(1, 256))
      ->capture_default_str();
  app.add_option("--min-person-score", config.min_person_score,
                 "People under it are not tracked where the stream does not say; 0: the tracker's "
                 "own")
      ->check(CLI::Range(0.0, 1.0))
      ->capture_default_str();
  app.add_option("--max-in-flight", config.max_in_flight,
                 "Frames of one stream that may be unanswered")
      ->check(CLI::Range(1, 1024))
      ->capture_default_str();
  app.add_option("--warm-up-size", config.warm_up_size,
                 "WIDTHxHEIGHT of the pictures that cameras send, for warming up")
      ->capture_default_str();
  app.add_option(
         "--object-model", config.object_model,
         "Model that looks at what people hold, NAME or NAME/VERSION; \"none\": nobody does")
      ->capture_default_str();
  AddDurationFlag(app, "--object-every", config.object_every,
                  "Least time between two looks at one person, up to 2s");
  app.add_option("--object-people", config.object_people,
                 "Most people that are looked at in one frame")
      ->check(CLI::Range(1, 64))
      ->capture_default_str();
}

absl::Status Validate(const Config& config) {
  std::vector<std::string> faults;
  for (const absl::Status& status :
       {CheckBatchingOptions(BatchingOf(config)), WarmUpSize(config).status(),
        Tracker::Create(TrackerOf(config)).status()}) {
    if (!status.ok()) faults.emplace_back(status.message());
  }
  const auto [name, version] = ModelAndVersion(config);
  if (name.empty()) faults.push_back("--model must be NAME or NAME/VERSION");
  if (config.object_model != kNoModel && ObjectModelAndVersion(config).first.empty()) {
    faults.push_back("--object-model must be NAME, NAME/VERSION or none");
  }
  if (config.object_every > kMostObjectEvery) {
    faults.push_back(absl::StrCat("--object-every must be at most ",
                                  absl::FormatDuration(kMostObjectEvery),
                                  ", or looks are too far apart to confirm each other"));
  }
  if (faults.empty()) return absl::OkStatus();
  return absl::InvalidArgumentError(absl::StrJoin(faults, "; "));
}

std::pair<std::string, std::string> ModelAndVersion(const Config& config) {
  return NameAndVersion(config.model);
}

std::pair<std::string, std::string> ObjectModelAndVersion(const Config& config) {
  if (config.object_model == kNoModel) return {};
  return NameAndVersion(config.object_model);
}

absl::StatusOr<FrameSize> WarmUpSize(const Config& config) {
  const std::vector<std::string> sides = absl::StrSplit(config.warm_up_size, 'x');
  FrameSize size;
  const bool valid = sides.size() == 2 && absl::SimpleAtoi(sides[0], &size.width) &&
                     absl::SimpleAtoi(sides[1], &size.height) && size.width >= 1 &&
                     size.width <= kMaxImageSide && size.height >= 1 &&
                     size.height <= kMaxImageSide;
  if (valid) return size;
  return absl::InvalidArgumentError(absl::StrCat("--warm-up-size \"", config.warm_up_size,
                                                 "\" must be WIDTHxHEIGHT, each 1..", kMaxImageSide,
                                                 ", for example 640x360"));
}

BatchingOptions BatchingOf(const Config& config) {
  // Newest wins: of a camera's pictures the latest is worth most.
  return {.max_batch = config.max_batch,
          .max_delay = config.max_batch_delay,
          .queue_capacity = config.queue,
          .overflow = OverflowPolicy::kDropOldest,
          .metrics_prefix = "aislewatch_pose"};
}

TrackerOptions TrackerOf(const Config& config) {
  TrackerOptions options;
  if (config.min_person_score > 0) {
    options.low_score = config.min_person_score;
    options.high_score = std::max(options.high_score, config.min_person_score);
  }
  return options;
}

ObjectWatchOptions ObjectWatchOf(const Config& config) {
  return {.every = config.object_every, .max_people = config.object_people};
}

}  // namespace aislewatch::pose
