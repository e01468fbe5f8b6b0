// All commands. A new one gets a source of its own in this folder, a line here and one in
// commands.cc.
#pragma once

#include "cli/command.h"

namespace aislewatch {

void AddAllCommands(CLI::App& app, CommandContext& context);

void AddAnalyzeCommand(CLI::App& parent, CommandContext& context);
void AddAuditCommand(CLI::App& parent, CommandContext& context);
void AddBenchCommand(CLI::App& parent, CommandContext& context);
void AddCamerasCommand(CLI::App& parent, CommandContext& context);
void AddIncidentsCommand(CLI::App& parent, CommandContext& context);
void AddTokensCommand(CLI::App& parent, CommandContext& context);
void AddUsersCommand(CLI::App& parent, CommandContext& context);
void AddProbeCommand(CLI::App& parent, CommandContext& context);
void AddUpCommand(CLI::App& parent, CommandContext& context);
void AddWebhooksCommand(CLI::App& parent, CommandContext& context);
void AddModelsCommand(CLI::App& parent, CommandContext& context);
void AddSimulateCommand(CLI::App& parent, CommandContext& context);

// Below `models`, `models import`, `models train` and `models evaluate`.
void AddCalibrateCommand(CLI::App& models, CommandContext& context);
void AddModelsListCommand(CLI::App& models, CommandContext& context);
void AddImportMoveNetCommand(CLI::App& import, CommandContext& context);
void AddTrainClassifierCommand(CLI::App& train, CommandContext& context);
void AddEvaluateClassifierCommand(CLI::App& evaluate, CommandContext& context);
void AddTrainPoseAnomalyCommand(CLI::App& parent, CommandContext& context);
void AddEvaluatePoseAnomalyCommand(CLI::App& parent, CommandContext& context);
void AddEvaluatePoseAnomalyClipsCommand(CLI::App& evaluate, CommandContext& context);
void AddTrainFightingCommand(CLI::App& train, CommandContext& context);
void AddTrainRiskCommand(CLI::App& train, CommandContext& context);
void AddTrainRiskReviewsCommand(CLI::App& train, CommandContext& context);
void AddEvaluateFightingCommand(CLI::App& evaluate, CommandContext& context);
void AddCutHandsCommand(CLI::App& models, CommandContext& context);
void AddTrainObjectCommand(CLI::App& train, CommandContext& context);
void AddEvaluateObjectCommand(CLI::App& evaluate, CommandContext& context);

// Below `simulate`.
void AddSimulateWeaponsCommand(CLI::App& simulate, CommandContext& context);

// Below `bench`.
void AddBenchAttentionCommand(CLI::App& group, CommandContext& context);
void AddBenchIncidentsCommand(CLI::App& group, CommandContext& context);
void AddBenchRecordedIncidentsCommand(CLI::App& group, CommandContext& context);

}  // namespace aislewatch
