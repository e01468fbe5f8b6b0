// aislewatch models train risk: the weights of the risk, from simulated stores and recorded clips.

#include <cstdio>
#include <filesystem>
#include <fstream>
#include <memory>
#include <sstream>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "cli/analysis/simulated_analysis.h"
#include "cli/cluster/cluster_flags.h"
#include "cli/commands/commands.h"
#include "cli/console/progress.h"
#include "cli/risk/moment_log.h"
#include "cli/risk/played_clip.h"
#include "cli/risk/risk_fitting.h"
#include "cli/risk/simulated_episodes.h"
#include "common/base/atomic_write.h"
#include "common/base/status.h"
#include "models/clip_training/clip_files.h"
#include "models/risk/episode.h"

namespace aislewatch {
namespace {

using risk_training::Episode;

/// Stores that neither the classifier is trained on nor anything is tested on.
constexpr uint64_t kFirstStore = 950'000;
/// Clips that lie beside each other show the same person.
constexpr size_t kClipsInAGroup = 4;

struct TrainRiskFlags {
  RunClusterFlags cluster;
  RiskFittingFlags fitting;
  int stores = 8;
  double minutes = 2;
  std::vector<std::string> datasets;
  std::string episodes;
  std::string data_note;
};

absl::Status AddSimulated(const std::shared_ptr<grpc::Channel>& ingest, const TrainRiskFlags& flags,
                          std::vector<Episode>& episodes) {
  ProgressBar bar("stores", flags.stores * 100);
  for (int i = 0; i < flags.stores; ++i) {
    SimulatedAnalysisOptions options;
    options.seed = kFirstStore + static_cast<uint64_t>(i);
    options.duration = absl::Minutes(flags.minutes);
    // What zones there are is known once the store is over, and until then only by their ids.
    std::vector<std::pair<absl::Duration, v1::FrameVerdict>> verdicts;
    options.on_frame = [&](const AnalysedFrame& frame) {
      verdicts.emplace_back(frame.time, frame.verdict);
    };
    AW_ASSIGN_OR_RETURN(const SimulationScores scores,
                        AnalyzeSimulation(ingest, options, [&](double part) {
                          bar.Update(i * 100 + static_cast<int>(part * 100));
                        }));
    MomentLog log(scores.zones);
    for (const auto& [time, verdict] : verdicts) log.Add({time, {}, verdict});
    for (Episode& episode : SimulatedEpisodes(log, scores, std::to_string(options.seed))) {
      episodes.push_back(std::move(episode));
    }
  }
  return absl::OkStatus();
}

absl::Status AddClips(const std::shared_ptr<grpc::Channel>& ingest, const std::string& dataset,
                      std::vector<Episode>& episodes) {
  const std::pair<std::string, std::string> parts =
      absl::StrSplit(dataset, absl::MaxSplits('=', 1));
  if (parts.first.empty() || parts.second.empty()) {
    return absl::InvalidArgumentError(
        absl::StrCat("--dataset must be NAME=DIR, for example mnnit=data/mnnit, not ", dataset));
  }
  AW_ASSIGN_OR_RETURN(const std::vector<clip_training::ClipFile> all,
                      clip_training::ListClips(parts.first, parts.second));
  const std::vector<clip_training::ClipFile> clips = clip_training::SplitByBlocks(all).validation;
  ProgressBar bar(parts.first, static_cast<int64_t>(clips.size()));
  for (size_t i = 0; i < clips.size(); ++i) {
    absl::StatusOr<PlayedClip> played =
        PlayClip(ingest, clips[i], absl::StrCat("clip-", episodes.size()));
    if (!played.ok()) {
      std::fprintf(stderr, "left out %s: %s\n", clips[i].path.c_str(),
                   std::string(played.status().message()).c_str());
      continue;
    }
    played->episode.group = std::to_string(i / kClipsInAGroup);
    episodes.push_back(std::move(played->episode));
    bar.Update(static_cast<int64_t>(i) + 1, clips[i].folder);
  }
  return absl::OkStatus();
}

absl::StatusOr<std::vector<Episode>> Collect(const TrainRiskFlags& flags,
                                             LocalClusterOptions options) {
  options.leases = false;
  // What is collected does not depend on the weights that it is to replace.
  options.flags["fusion"].push_back("--risk-model=none");
  AW_ASSIGN_OR_RETURN(const auto cluster, LocalCluster::Start(options));
  AW_ASSIGN_OR_RETURN(const auto ingest, cluster->Channel("ingest"));
  std::vector<Episode> episodes;
  AW_RETURN_IF_ERROR(AddSimulated(ingest, flags, episodes));
  for (const std::string& dataset : flags.datasets) {
    AW_RETURN_IF_ERROR(AddClips(ingest, dataset, episodes));
  }
  return episodes;
}

absl::StatusOr<std::vector<Episode>> CollectOrRead(const TrainRiskFlags& flags,
                                                   const LocalClusterOptions& options) {
  if (!flags.episodes.empty() && std::filesystem::exists(flags.episodes)) {
    std::stringstream text;
    text << std::ifstream(flags.episodes).rdbuf();
    auto episodes = risk_training::EpisodesFromJsonLines(text.str());
    if (!episodes.ok()) return Annotate(episodes.status(), flags.episodes);
    return episodes;
  }
  AW_ASSIGN_OR_RETURN(std::vector<Episode> episodes, Collect(flags, options));
  if (!flags.episodes.empty()) {
    AW_RETURN_IF_ERROR(
        WriteFileAtomically(flags.episodes, risk_training::EpisodesToJsonLines(episodes)));
  }
  return episodes;
}

std::string CommandLine(const TrainRiskFlags& flags) {
  std::string line = absl::StrCat("aislewatch models train risk --stores ", flags.stores,
                                  " --minutes ", flags.minutes);
  for (const std::string& dataset : flags.datasets) {
    // Where the clips lay on somebody's machine is of no use to anybody else.
    absl::StrAppend(&line, " --dataset ", dataset.substr(0, dataset.find('=')), "=DIR");
  }
  // The weights fit the scores of the models that gave them.
  for (const std::string& flag : flags.cluster.service_flags) {
    absl::StrAppend(&line, " --service-flag ", flag);
  }
  return line;
}

absl::Status TrainRisk(const TrainRiskFlags& flags, const std::string& bin_dir) {
  AW_ASSIGN_OR_RETURN(const LocalClusterOptions options,
                      MakeClusterOptions(flags.cluster, bin_dir));
  AW_ASSIGN_OR_RETURN(const RiskWeights base,
                      LoadBaseWeights(flags.fitting, options.model_repositories));
  AW_ASSIGN_OR_RETURN(const std::vector<Episode> episodes, CollectOrRead(flags, options));
  std::string data =
      absl::StrCat(episodes.size(),
                   " episodes of simulated stores and of the clips that validate the classifier");
  if (!flags.data_note.empty()) absl::StrAppend(&data, " (", flags.data_note, ")");
  // The fit draws nothing; the stores begin at this seed.
  return FitAndSaveRisk(episodes, base, flags.fitting,
                        {data, CommandLine(flags), static_cast<int64_t>(kFirstStore)});
}

}  // namespace

void AddTrainRiskCommand(CLI::App& train, CommandContext& context) {
  auto flags = std::make_shared<TrainRiskFlags>();
  flags->fitting.base = "none";
  CLI::App* command = train.add_subcommand(
      "risk", "Fits the weights of the risk to simulated stores and recorded clips");
  command->footer(
      "Example:\n  aislewatch models train risk --dataset mnnit=data/mnnit --dataset "
      "fights=data/fights\n      --out build/models/risk/2");
  command->add_option("--stores", flags->stores, "Simulated stores, each with a seed of its own")
      ->check(CLI::Range(0, 1000))
      ->capture_default_str();
  command->add_option("--minutes", flags->minutes, "Length of each")
      ->check(CLI::Range(0.1, 600.0))
      ->capture_default_str();
  command->add_option("--dataset", flags->datasets,
                      "NAME=DIR, a folder of clips per class; its validation block is played as "
                      "cameras. May be repeated");
  command->add_option("--data-note", flags->data_note,
                      "What the data sets are and their licences, for the manifest");
  command->add_option(
      "--episodes", flags->episodes,
      "File of what was collected: read where it exists, written where it does not");
  AddRiskFittingFlags(*command, flags->fitting);
  AddRunClusterFlags(*command, flags->cluster);
  command->callback([&context, flags] {
    context.run = [&context, flags] { return TrainRisk(*flags, context.bin_dir); };
  });
}

}  // namespace aislewatch
