// The aislewatch command.

#include <CLI/CLI.hpp>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <string>

#include "cli/command.h"
#include "cli/commands/commands.h"
#include "common/base/log.h"

int main(int argc, char** argv) {
  signal(SIGPIPE, SIG_IGN);
  const char* level = std::getenv("AISLEWATCH_LOG_LEVEL");
  aislewatch::InitLogging("cli", level == nullptr ? "warn" : level);

  aislewatch::CommandContext context;
  std::error_code ignored;
  context.bin_dir = std::filesystem::read_symlink("/proc/self/exe", ignored).parent_path();

  CLI::App app("Watches a shop's cameras and tells staff within two seconds.", "aislewatch");
  app.require_subcommand(1);
  app.set_version_flag("--version", AISLEWATCH_VERSION);
  aislewatch::AddAllCommands(app, context);
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? 0 : 2;
  }
  const absl::Status status = context.run();
  if (status.ok()) return 0;
  std::fprintf(stderr, "aislewatch: %s\n", std::string(status.message()).c_str());
  return status.code() == absl::StatusCode::kInvalidArgument ? 2 : 1;
}
