// aislewatch models import movenet: the published weights into our own format.

#include <cstdio>
#include <memory>
#include <string>

#include "cli/commands/commands.h"
#include "common/base/status.h"
#include "models/movenet/import_movenet.h"

namespace aislewatch {

void AddImportMoveNetCommand(CLI::App& group, CommandContext& context) {
  struct Options {
    std::string graph;
    std::string out;
  };
  auto options = std::make_shared<Options>();
  CLI::App* command =
      group.add_subcommand("movenet", "MoveNet MultiPose from its TensorFlow.js graph model");
  command->footer(
      "Example:\n  aislewatch models import movenet --graph movenet-multipose.json \\\n"
      "      --out build/models/movenet-multipose/1\n"
      "scripts/fetch-models downloads the graph and does this.");
  command->add_option("--graph", options->graph, "The graph's .json, its .bin beside it")
      ->required();
  command->add_option("--out", options->out, "Folder NAME/VERSION of a model repository")
      ->required();
  command->callback([&context, options] {
    context.run = [options]() -> absl::Status {
      AW_RETURN_IF_ERROR(ImportMoveNet(options->graph, options->out));
      std::printf("%s\n", options->out.c_str());
      return absl::OkStatus();
    };
  });
}

}  // namespace aislewatch
