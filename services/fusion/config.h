// The fusion service's flags.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "services/fusion/adapters/rules_file.h"

namespace CLI {
class App;
}

namespace aislewatch::fusion {

/// What --model, --fighting-model and --risk-model take to serve without one.
inline constexpr char kNoModel[] = "none";

struct Config {
  /// NAME or NAME/VERSION in the model repository, or kNoModel.
  std::string model = "posture";
  /// The same of the role fighting.
  std::string fighting_model = "pose-fighting";
  /// The same of the role risk; without one the weights are those set by hand, which raise fewer false
  /// alarms (docs/models/risk.md).
  std::string risk_model = kNoModel;
  /// Folders that are searched for them, in this order.
  std::vector<std::string> model_repository = {"models/pretrained", "build/models"};
  /// How often newer versions are looked for where `model` or `fighting_model` names none; 0: never.
  absl::Duration model_refresh = absl::Seconds(30);
  /// Folder of what `aislewatch models calibrate` wrote; empty: no camera has ranks of its own.
  std::string calibrations;
  /// Rules file; empty means what is built in.
  std::string rules;
  /// Where set, they override the rules file: min_risk of every rule on a fused risk (not of
  /// weapons, where it is a score), risk.critical and incidents.close_after (0 means not set).
  std::optional<float> min_risk;
  std::optional<double> critical_risk;
  absl::Duration close_after;
};

/// Adds the flags to `app`; they write into `config`, which must outlive the parsing.
void AddFlags(CLI::App& app, Config& config);

/// The rules file with the flags' overrides. Blocks on the disk. INVALID_ARGUMENT lists every
/// fault of the file with its line.
absl::StatusOr<RulesFile> EffectiveRules(const Config& config);

}  // namespace aislewatch::fusion
