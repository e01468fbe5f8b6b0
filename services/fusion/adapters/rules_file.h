// The rules file: how incidents are judged where a camera brings no rules of its own.
//
// docs/rules.md describes it, deploy/rules/default.yaml is the one that is built in.
#pragma once

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "common/scene/scene.h"
#include "services/fusion/core/settings.h"

namespace aislewatch::fusion {

struct RulesFile {
  /// Its weights are not the file's matter: they are the risk model's, with these changes.
  FusionSettings settings;
  RiskWeightChanges weight_changes;
  std::vector<Rule> rules;
};

/// What holds without a file: concealment, fight, restricted_zone, checkout_bypass and weapon by
/// their defaults. Loitering and crowds depend on the shop.
RulesFile DefaultRules();

/// Reads a file; what it leaves out is as in DefaultRules(), an absent list of rules included.
/// Blocks on the disk. INVALID_ARGUMENT lists every fault with its line, NOT_FOUND where there is
/// no such file.
absl::StatusOr<RulesFile> LoadRules(const std::string& path);

/// The same for text; `name` stands for the file in messages.
absl::StatusOr<RulesFile> ParseRules(absl::string_view text, absl::string_view name);

}  // namespace aislewatch::fusion
