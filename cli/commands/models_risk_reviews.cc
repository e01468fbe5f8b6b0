// aislewatch models train risk-reviews: the weights of the risk, from what staff said.

#include <cstdio>
#include <memory>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "cli/cluster/cluster_flags.h"
#include "cli/commands/commands.h"
#include "cli/risk/reviewed_incidents.h"
#include "cli/risk/risk_fitting.h"
#include "common/base/status.h"

namespace aislewatch {
namespace {

struct TrainRiskReviewsFlags {
  FindServiceFlags events;
  RiskFittingFlags fitting;
  std::vector<std::string> repositories;
  bool apply = false;
};

void PrintCameras(const std::vector<ReviewedCamera>& cameras) {
  for (const ReviewedCamera& camera : cameras) {
    std::printf("%-20s %-12s %3d confirmed, %3d false alarms", camera.camera_id.c_str(),
                KindName(camera.kind).c_str(), camera.confirmed, camera.false_alarms);
    if (camera.spared > 0) {
      std::printf("; min_risk %.2f would keep all confirmed and spare %d", camera.min_risk,
                  camera.spared);
    }
    std::printf("\n");
  }
}

// Cameras that cannot take it are named; the others get theirs all the same.
void ApplyMinRisks(const std::shared_ptr<grpc::Channel>& events,
                   const std::vector<ReviewedCamera>& cameras) {
  for (const ReviewedCamera& camera : cameras) {
    if (camera.spared == 0) continue;
    const auto raised = ApplyMinRisk(events, camera);
    if (!raised.ok()) {
      std::fprintf(stderr, "left as it is: %s\n", std::string(raised.status().message()).c_str());
      continue;
    }
    for (const std::string& rule : *raised) {
      std::printf("%s: rule %s has min_risk %.2f now\n", camera.camera_id.c_str(), rule.c_str(),
                  camera.min_risk);
    }
  }
}

absl::Status TrainRiskReviews(TrainRiskReviewsFlags flags, const std::string& bin_dir) {
  if (flags.repositories.empty()) flags.repositories = DefaultModelRepositories(bin_dir);
  AW_ASSIGN_OR_RETURN(const RiskWeights base, LoadBaseWeights(flags.fitting, flags.repositories));
  AW_ASSIGN_OR_RETURN(const auto events, FindService("events", flags.events));
  AW_ASSIGN_OR_RETURN(const ReviewedIncidents reviewed, ReadReviewedIncidents(events, base));
  if (reviewed.episodes.empty()) {
    return absl::FailedPreconditionError(
        "no concealment or fight has been reviewed yet; say what incidents were with `aislewatch "
        "incidents review`");
  }
  PrintCameras(reviewed.cameras);
  if (flags.apply) ApplyMinRisks(events, reviewed.cameras);
  flags.fitting.fit.min_frames = 1;  // A reviewed incident is the one moment of its peak.
  return FitAndSaveRisk(reviewed.episodes, base, flags.fitting,
                        {absl::StrCat(reviewed.episodes.size(), " reviewed incidents"),
                         "aislewatch models train risk-reviews"});
}

}  // namespace

void AddTrainRiskReviewsCommand(CLI::App& train, CommandContext& context) {
  auto flags = std::make_shared<TrainRiskReviewsFlags>();
  flags->fitting.base = "risk";
  CLI::App* command = train.add_subcommand(
      "risk-reviews",
      "Fits the weights of the risk to incidents that staff confirmed or called false alarms, and "
      "says which min_risk would have spared each camera false alarms");
  command->footer(
      "Example:\n  aislewatch models train risk-reviews --events localhost:50055 --apply --out "
      "build/models/risk/2");
  AddRiskFittingFlags(*command, flags->fitting);
  command->add_flag("--apply", flags->apply,
                    "Give the cameras' own rules the min_risk that would have spared false alarms");
  command->add_option("--model-repository", flags->repositories,
                      "Folder of models; may be given several times");
  AddFindServiceFlags(*command, "events", flags->events);
  command->callback([&context, flags] {
    context.run = [&context, flags] { return TrainRiskReviews(*flags, context.bin_dir); };
  });
}

}  // namespace aislewatch
