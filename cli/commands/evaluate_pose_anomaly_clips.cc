// aislewatch models evaluate pose-anomaly-clips: whether a scorer that was fitted elsewhere ranks a
// shoplifting clip above a normal one.

#include <cstdio>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <utility>
#include <vector>

#include "cli/clips/clip_anomaly.h"
#include "cli/clips/clip_flags.h"
#include "cli/clips/clip_people.h"
#include "cli/commands/commands.h"
#include "common/base/atomic_write.h"
#include "common/base/status.h"
#include "models/pose_anomaly/load.h"
#include "models/ranking/bootstrap.h"

namespace aislewatch {
namespace {

using clip_training::ClipFile;

struct ClipsFlags {
  ClipClusterFlags shared;
  std::string dataset;
  std::string model{kDefaultPoseAnomalyModel};
  std::string version;
  std::string json;
};

struct ScoredClip {
  ClipFile clip;
  ClipAnomaly anomaly;
};

/// A clip without a score ranks below all others.
constexpr float kNoScore = -1;

struct Way {
  const char* name;
  float (*score)(const ClipAnomaly& anomaly);
};
constexpr Way kWays[] = {
    {"mean", [](const ClipAnomaly& a) { return a.mean.value_or(kNoScore); }},
    {"peak", [](const ClipAnomaly& a) { return a.peak.value_or(kNoScore); }},
    {"control_frames_with_people",
     [](const ClipAnomaly& a) { return static_cast<float>(a.frames_with_people); }},
};

nlohmann::json FiguresOf(const std::vector<ScoredClip>& clips, const Way& way) {
  const auto auc = [&](absl::Span<const double> drawn) -> std::optional<double> {
    std::vector<ranking::ScoredItem> items;
    for (size_t i = 0; i < clips.size(); ++i) {
      const bool harmless = clip_training::IsHarmless(clips[i].clip.actions);
      items.push_back({way.score(clips[i].anomaly), !harmless, drawn.empty() ? 1 : drawn[i]});
    }
    const auto metrics = ranking::Rank(std::move(items));
    if (!metrics.ok()) return std::nullopt;
    return metrics->auc_roc;
  };
  const auto intervals = ranking::BootstrapIntervals(
      clips.size(), [&](absl::Span<const double> drawn) -> std::vector<std::optional<double>> {
        return {auc(drawn)};
      });
  nlohmann::json figures = {{"auc_roc", auc({}).value_or(0.5)}, {"bootstrap", nullptr}};
  if (intervals[0]) figures["bootstrap"] = {intervals[0]->low, intervals[0]->high};
  return figures;
}

absl::Status EvaluateOnClips(const ClipsFlags& flags, const CommandContext& context) {
  AW_ASSIGN_OR_RETURN(const std::vector<ClipFile> files,
                      clip_training::ListClips("dataset", flags.dataset));
  AW_RETURN_IF_ERROR(clip_training::RequireSeveralClasses(files));
  AW_ASSIGN_OR_RETURN(const auto found,
                      ClipPeople::Create(flags.shared, context.bin_dir, {"pose"}));
  AW_ASSIGN_OR_RETURN(const auto scorer,
                      LoadPoseAnomalyScorer(found->repository(), flags.model, flags.version));
  std::vector<ScoredClip> clips;
  AW_RETURN_IF_ERROR(found->ForEach(files, [&](const auto& file, auto frames, const auto& people) {
    clips.push_back({file, AnomalyOfClip(*scorer, frames, people)});
    return absl::OkStatus();
  }));
  nlohmann::json json = {
      {"model", {{"name", scorer->info().name}, {"version", scorer->info().version}}},
      {"clips", clips.size()}};
  std::printf("%s %s on %zu clips; AUC-ROC by clip, 95 %% interval over clips\n",
              scorer->info().name.c_str(), scorer->info().version.c_str(), clips.size());
  for (const Way& way : kWays) {
    json[way.name] = FiguresOf(clips, way);
    const nlohmann::json& figures = json[way.name];
    std::printf("%-28s %.3f", way.name, figures["auc_roc"].get<double>());
    if (figures["bootstrap"].is_array()) {
      std::printf("  %.2f to %.2f", figures["bootstrap"][0].get<double>(),
                  figures["bootstrap"][1].get<double>());
    }
    std::printf("\n");
  }
  if (flags.json.empty()) return absl::OkStatus();
  return WriteFileAtomically(flags.json, json.dump(2) + "\n");
}

}  // namespace

void AddEvaluatePoseAnomalyClipsCommand(CLI::App& evaluate, CommandContext& context) {
  auto flags = std::make_shared<ClipsFlags>();
  CLI::App* command = evaluate.add_subcommand(
      "pose-anomaly-clips",
      "Whether a scorer ranks the clips of another place as their folders say");
  command->footer("Example:\n  aislewatch models evaluate pose-anomaly-clips --dataset data/mnnit");
  command->add_option("--dataset", flags->dataset, "Folder with one folder of clips per class")
      ->required();
  command->add_option("--model", flags->model, "Name in the model repository")
      ->capture_default_str();
  command->add_option("--model-version", flags->version, "Its version; default the newest");
  command->add_option("--json", flags->json, "Write the figures to this file");
  AddClipClusterFlags(*command, flags->shared);
  command->callback([&context, flags] {
    context.run = [&context, flags] { return EvaluateOnClips(*flags, context); };
  });
}

}  // namespace aislewatch
