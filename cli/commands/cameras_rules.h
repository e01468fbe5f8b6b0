// aislewatch cameras zones, cameras rules: those of a camera, others for it, and what they would
// have raised.
#pragma once

#include "cli/command.h"

namespace aislewatch {

/// `group` is `aislewatch cameras`.
void AddCameraRulesCommand(CLI::App& group, CommandContext& context);
void AddCameraZonesCommand(CLI::App& group, CommandContext& context);

}  // namespace aislewatch
