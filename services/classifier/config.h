// The classifier service's flags.
#pragma once

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/time/time.h"

namespace CLI {
class App;
}

namespace aislewatch::classifier {

struct Config {
  /// NAME or NAME/VERSION in the model repository.
  std::string model = "cnn-gru";
  /// Folders that are searched for it, in this order.
  std::vector<std::string> model_repository = {"models/pretrained", "build/models"};
  /// How often a newer version is looked for where `model` names none; 0: never.
  absl::Duration model_refresh = absl::Seconds(30);
  /// Most crops of one batch.
  int max_batch = 16;
  /// How long the first crop of a batch waits for others.
  absl::Duration max_batch_delay = absl::Milliseconds(5);
  /// Most crops that wait.
  int queue = 256;
  /// Threads of one inference.
  int torch_threads = 1;
};

/// Adds the flags to `app`; they write into `config`, which must outlive the parsing.
void AddFlags(CLI::App& app, Config& config);

/// INVALID_ARGUMENT that names every flag whose value cannot work.
absl::Status Validate(const Config& config);

}  // namespace aislewatch::classifier
