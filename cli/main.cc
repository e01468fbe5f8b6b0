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

namespace {

// Quoted so that a shell would read the same arguments again; the program by its name alone.
std::string CommandLine(int argc, char** argv) {
  constexpr char kPlain[] =
      "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_=+:,./@%";
  std::string line = "aislewatch";
  for (int i = 1; i < argc; ++i) {
    const std::string argument = argv[i];
    const bool plain = !argument.empty() && argument.find_first_not_of(kPlain) == std::string::npos;
    line += ' ';
    if (plain) {
      line += argument;
      continue;
    }
    line += '\'';
    for (const char c : argument) line += c == '\'' ? std::string("'\\''") : std::string(1, c);
    line += '\'';
  }
  return line;
}

}  // namespace

int main(int argc, char** argv) {
  signal(SIGPIPE, SIG_IGN);
  const char* level = std::getenv("AISLEWATCH_LOG_LEVEL");
  aislewatch::InitLogging("cli", level == nullptr ? "warn" : level);

  aislewatch::CommandContext context;
  std::error_code ignored;
  context.bin_dir = std::filesystem::read_symlink("/proc/self/exe", ignored).parent_path();
  context.command_line = CommandLine(argc, argv);
  context.version = AISLEWATCH_VERSION;

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
