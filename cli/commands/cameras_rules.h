// aislewatch cameras rules: the zones and rules of a camera, and what others would have raised.
#pragma once

#include "cli/command.h"

namespace aislewatch {

/// `group` is `aislewatch cameras`.
void AddCameraRulesCommand(CLI::App& group, CommandContext& context);

}  // namespace aislewatch
