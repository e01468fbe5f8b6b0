// How a subcommand of `aislewatch` is made.
//
// A command's source adds a CLI::App with its flags and an example, and sets `context.run` in the
// callback that CLI11 calls when the command was chosen:
//
//   void AddProbeCommand(CLI::App& parent, CommandContext& context) {
//     auto options = std::make_shared<ProbeOptions>();
//     CLI::App* command = parent.add_subcommand("probe", "Says what is behind an address");
//     command->footer("Example:\n  aislewatch probe rtsp://camera/stream");
//     command->add_option("url", options->url, "...")->required();
//     command->callback([&context, options] { context.run = [options] { return Probe(*options); };
//     });
//   }
//
// Exit codes: 0 done, 1 it failed (the error says what to do), 2 the command line is wrong.
// Results go to standard output, progress and errors to standard error.
#pragma once

#include <CLI/CLI.hpp>
#include <functional>
#include <string>

#include "absl/status/status.h"

namespace aislewatch {

/// What main tells the commands, and the one that was chosen.
struct CommandContext {
  /// Folder with the service programs: where this program lies.
  std::string bin_dir;
  /// What was typed, quoted where a shell needs it, and this program's version: for reports.
  std::string command_line;
  std::string version;
  /// Set by the chosen command.
  std::function<absl::Status()> run;
};

}  // namespace aislewatch
