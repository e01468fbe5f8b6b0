#include "cli/commands/simulation_flags.h"

#include <cstdio>

#include "absl/strings/str_cat.h"
#include "simulator/simulation.h"

namespace aislewatch {

absl::StatusOr<FrameSize> ParsePictureSize(const std::string& flag, const std::string& text) {
  FrameSize size;
  char rest = 0;
  if (std::sscanf(text.c_str(), "%dx%d%c", &size.width, &size.height, &rest) != 2) {
    return absl::InvalidArgumentError(
        absl::StrCat(flag, " \"", text, "\" is not WIDTHxHEIGHT; for example 640x360"));
  }
  if (size.width % 2 != 0 || size.height % 2 != 0) {
    return absl::InvalidArgumentError(
        absl::StrCat(flag, " ", text, ": width and height must be even"));
  }
  return size;
}

std::string ScenarioHelp() {
  std::string help = "What happens:";
  for (const simulator::Scenario& scenario : simulator::Scenarios()) {
    absl::StrAppend(&help, " ", scenario.name, " (", scenario.description, ")");
  }
  return help;
}

}  // namespace aislewatch
