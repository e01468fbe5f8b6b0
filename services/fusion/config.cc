#include "services/fusion/config.h"

#include <CLI/CLI.hpp>

#include "common/base/status.h"
#include "common/config/flags.h"

namespace aislewatch::fusion {

void AddFlags(CLI::App& app, Config& config) {
  app.add_option("--model", config.model,
                 "Pose anomaly model, NAME or NAME/VERSION; without version the newest; \"none\" "
                 "leaves poses out of the risk")
      ->capture_default_str();
  app.add_option("--fighting-model", config.fighting_model,
                 "Model that tells fights by the poses of two people, NAME or NAME/VERSION; "
                 "\"none\" leaves it to the classifier, who may take one person for a fight")
      ->capture_default_str();
  app.add_option("--risk-model", config.risk_model,
                 "Model that weighs what is known of a person, NAME or NAME/VERSION, for example "
                 "\"risk\"; \"none\" takes the weights set by hand (docs/models/risk.md). The rules "
                 "file's risk.weights change either")
      ->capture_default_str();
  AddModelRefreshFlag(app, config.model_refresh);
  app.add_option("--model-repository", config.model_repository,
                 "Folders with NAME/VERSION/model.json, separated by commas")
      ->delimiter(',')
      ->capture_default_str();
  app.add_option("--calibrations", config.calibrations,
                 "Folder with CAMERA.json from `aislewatch models calibrate`; read whenever a camera's "
                 "stream opens");
  app.add_option("--rules", config.rules,
                 "Rules file for cameras that bring no rules (docs/rules.md); without it the one "
                 "of deploy/rules/default.yaml, which is built in");
  app.add_option("--min-risk", config.min_risk,
                 "Overrides min_risk of the rules file's concealment and fight rules")
      ->check(CLI::Range(kLeastMinRisk, 1.0f));
  app.add_option("--critical-risk", config.critical_risk,
                 "Overrides risk.critical of the rules file; above 1 never")
      ->check(CLI::Range(0.05, 2.0));
  AddDurationFlag(app, "--close-after", config.close_after,
                  "Overrides incidents.close_after of the rules file; 0 leaves it");
}

absl::StatusOr<RulesFile> EffectiveRules(const Config& config) {
  RulesFile file = DefaultRules();
  if (!config.rules.empty()) {
    AW_ASSIGN_OR_RETURN(file, LoadRules(config.rules));
  }
  for (Rule& rule : file.rules) {
    // Of a weapon it is a score of the object model, of another kind than fused risks.
    const bool fused = IsRiskKind(rule.kind) && rule.kind != IncidentKind::kWeapon;
    if (config.min_risk && fused) rule.min_risk = *config.min_risk;
  }
  if (config.critical_risk) file.settings.critical_risk = *config.critical_risk;
  if (config.close_after > absl::ZeroDuration()) {
    file.settings.incidents.close_after = config.close_after;
  }
  return file;
}

}  // namespace aislewatch::fusion
