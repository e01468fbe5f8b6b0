#include "cli/commands/commands.h"

namespace aislewatch {

void AddAllCommands(CLI::App& app, CommandContext& context) {
  AddUpCommand(app, context);
  AddAnalyzeCommand(app, context);
  AddBenchCommand(app, context);
  AddCamerasCommand(app, context);
  AddIncidentsCommand(app, context);
  AddUsersCommand(app, context);
  AddTokensCommand(app, context);
  AddAuditCommand(app, context);
  AddWebhooksCommand(app, context);
  AddProbeCommand(app, context);
  AddModelsCommand(app, context);
  AddSimulateCommand(app, context);
}

void AddModelsCommand(CLI::App& parent, CommandContext& context) {
  CLI::App* models =
      parent.add_subcommand("models", "Lists, imports, trains, evaluates and calibrates models");
  models->require_subcommand(1);
  AddModelsListCommand(*models, context);
  AddCalibrateCommand(*models, context);
  AddCutHandsCommand(*models, context);
  CLI::App* import = models->add_subcommand("import", "Brings weights of others into our format");
  import->require_subcommand(1);
  AddImportMoveNetCommand(*import, context);
  CLI::App* train = models->add_subcommand("train", "Fits a model");
  train->require_subcommand(1);
  AddTrainClassifierCommand(*train, context);
  AddTrainPoseAnomalyCommand(*train, context);
  AddTrainFightingCommand(*train, context);
  AddTrainRiskCommand(*train, context);
  AddTrainRiskReviewsCommand(*train, context);
  AddTrainObjectCommand(*train, context);
  CLI::App* evaluate = models->add_subcommand("evaluate", "Measures a model on labelled data");
  evaluate->require_subcommand(1);
  AddEvaluateClassifierCommand(*evaluate, context);
  AddEvaluatePoseAnomalyCommand(*evaluate, context);
  AddEvaluatePoseAnomalyClipsCommand(*evaluate, context);
  AddEvaluateFightingCommand(*evaluate, context);
  AddEvaluateObjectCommand(*evaluate, context);
}

}  // namespace aislewatch
