#include "services/classifier/config.h"

#include <CLI/CLI.hpp>

#include "common/batching/batching_options.h"
#include "common/config/flags.h"

namespace aislewatch::classifier {

void AddFlags(CLI::App& app, Config& config) {
  app.add_option("--model", config.model, "NAME or NAME/VERSION; without version the newest")
      ->capture_default_str();
  app.add_option("--model-repository", config.model_repository,
                 "Folders with NAME/VERSION/model.json, separated by commas")
      ->delimiter(',')
      ->capture_default_str();
  AddModelRefreshFlag(app, config.model_refresh);
  app.add_option("--max-batch", config.max_batch, "Most crops of one batch")
      ->check(CLI::Range(1, 1024))
      ->capture_default_str();
  AddDurationFlag(app, "--max-batch-delay", config.max_batch_delay,
                  "How long the first crop of a batch waits for others");
  app.add_option("--queue", config.queue, "Most crops that wait")
      ->check(CLI::Range(1, 100'000))
      ->capture_default_str();
  app.add_option("--torch-threads", config.torch_threads, "Threads of one inference")
      ->check(CLI::Range(1, 256))
      ->capture_default_str();
}

absl::Status Validate(const Config& config) {
  return CheckBatchingOptions({.max_batch = config.max_batch,
                               .max_delay = config.max_batch_delay,
                               .queue_capacity = config.queue});
}

}  // namespace aislewatch::classifier
