// aislewatch models list: what the model repositories hold.

#include <cstdio>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "cli/cluster/local_cluster.h"
#include "cli/commands/commands.h"
#include "common/inference/model_repository.h"

namespace aislewatch {
namespace {

struct ListFlags {
  std::vector<std::string> repositories;
  bool json = false;
};

absl::Status Run(const ListFlags& options, const std::string& bin_dir) {
  const ModelRepository repository(options.repositories.empty() ? DefaultModelRepositories(bin_dir)
                                                                : options.repositories);
  absl::Status worst;
  for (const ModelInfo& info : repository.List()) {
    const auto files = repository.Find(info.name, info.version);
    if (!files.ok()) {
      std::fprintf(stderr, "%s/%s: %s\n", info.name.c_str(), info.version.c_str(),
                   std::string(files.status().message()).c_str());
      worst = absl::DataLossError("not every model is sound; see above");
      continue;
    }
    const ModelManifest& manifest = files->manifest;
    if (options.json) {
      const nlohmann::ordered_json line = {{"name", info.name},
                                           {"version", info.version},
                                           {"role", std::string(ModelRoleName(manifest.role))},
                                           {"architecture", manifest.architecture},
                                           {"licence", manifest.licence},
                                           {"metrics", manifest.metrics},
                                           {"folder", files->folder}};
      std::printf("%s\n", line.dump().c_str());
    } else {
      std::printf("%-20s %-4s %-13s %-20s %-12s %s\n", info.name.c_str(), info.version.c_str(),
                  std::string(ModelRoleName(manifest.role)).c_str(), manifest.architecture.c_str(),
                  manifest.licence.c_str(), files->folder.c_str());
    }
  }
  return worst;
}

}  // namespace

void AddModelsListCommand(CLI::App& models, CommandContext& context) {
  auto options = std::make_shared<ListFlags>();
  CLI::App* command = models.add_subcommand("list", "What the model repositories hold");
  command->footer("Example:\n  aislewatch models list");
  command->add_option("--model-repository", options->repositories,
                      "Folder of models; may be given several times");
  command->add_flag("--json", options->json, "Print JSON, an object a line");
  command->callback([&context, options] {
    context.run = [&context, options] { return Run(*options, context.bin_dir); };
  });
}

}  // namespace aislewatch
