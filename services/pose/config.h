// The pose service's flags.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "common/batching/batching_options.h"
#include "services/pose/core/object_watch.h"
#include "services/pose/core/tracker.h"

namespace CLI {
class App;
}

namespace aislewatch::pose {

/// What --object-model says where nobody is to look at what people hold.
inline constexpr char kNoModel[] = "none";

/// Flags beyond those of every service.
struct Config {
  /// NAME or NAME/VERSION in the model repositories; without version the newest.
  std::string model = "movenet-multipose";
  /// Folders that are searched for it, in this order.
  std::vector<std::string> model_repositories = {"models/pretrained", "build/models"};
  /// How often newer versions are looked for where `model` or `object_model` names none; 0: never.
  absl::Duration model_refresh = absl::Seconds(30);
  /// "cpu" or a LibTorch device such as "cuda:0".
  std::string device = "cpu";
  /// Most pictures of one batch. On a CPU larger ones are not faster and answer later.
  int max_batch = 4;
  /// How long the first picture of a batch waits for others.
  absl::Duration max_batch_delay = absl::Milliseconds(2);
  /// Most pictures that wait, of all streams together; beyond it the oldest is given up.
  int queue = 64;
  /// Batches that are inferred at the same time, each by a copy of the model.
  int inference_threads = 1;
  /// Processor threads of one inference.
  int torch_threads = 1;
  /// Where the stream does not say: people under it are not tracked; 0 means the tracker's own.
  float min_person_score = 0;
  /// Frames of one stream that may be unanswered.
  int max_in_flight = 8;
  /// "WIDTHxHEIGHT" of the pictures that the model is warmed up with: the size that cameras send,
  /// since a network prepares itself for each size it sees.
  std::string warm_up_size = "640x360";
  /// NAME or NAME/VERSION of a model of role object, or kNoModel.
  std::string object_model = kNoModel;
  /// Least time between two of its looks at one person, by capture time. Fusion keeps an answer for
  /// 5 s.
  absl::Duration object_every = ObjectWatchOptions().every;
  /// Most people that it looks at in one frame.
  int object_people = ObjectWatchOptions().max_people;
};

/// Adds the flags to `app`; they write into `config`, which must outlive the parsing.
void AddFlags(CLI::App& app, Config& config);

/// INVALID_ARGUMENT that names every flag whose value cannot work with the others.
absl::Status Validate(const Config& config);

/// --model as name and version; the version is empty where none is given.
std::pair<std::string, std::string> ModelAndVersion(const Config& config);

/// --object-model likewise; both are empty for kNoModel.
std::pair<std::string, std::string> ObjectModelAndVersion(const Config& config);

/// INVALID_ARGUMENT unless it is WIDTHxHEIGHT, each 1..8192.
absl::StatusOr<FrameSize> WarmUpSize(const Config& config);

BatchingOptions BatchingOf(const Config& config);
TrackerOptions TrackerOf(const Config& config);
ObjectWatchOptions ObjectWatchOf(const Config& config);

}  // namespace aislewatch::pose
