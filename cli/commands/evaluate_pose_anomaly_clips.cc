// aislewatch models evaluate pose-anomaly-clips: whether a scorer that was fitted elsewhere ranks a
// shoplifting clip above a normal one; where nothing says what clips show, how its scores are
// spread.

#include <cstdio>
#include <map>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "cli/clips/anomaly_evaluation.h"
#include "cli/clips/anomaly_page.h"
#include "cli/clips/clip_flags.h"
#include "cli/clips/clip_people.h"
#include "cli/commands/commands.h"
#include "cli/commands/report_provenance.h"
#include "common/base/atomic_write.h"
#include "common/base/status.h"
#include "models/clip_training/report/moment_picture.h"
#include "models/pose_anomaly/load.h"
#include "models/report/report_folder.h"

namespace aislewatch {
namespace {

using clip_training::ClipFile;

struct ClipsFlags {
  ClipClusterFlags shared;
  std::string dataset;
  std::string model{kDefaultPoseAnomalyModel};
  std::string version;
  std::string json;
  std::string report;
};

/// The clips of a folder's classes; where there are none, those in the folder itself.
absl::StatusOr<std::vector<ClipFile>> ListLabelledOrNot(const std::string& dataset) {
  absl::StatusOr<std::vector<ClipFile>> labelled = clip_training::ListClips("dataset", dataset);
  if (labelled.ok()) return labelled;
  absl::StatusOr<std::vector<ClipFile>> footage = clip_training::ListFootage("dataset", dataset);
  // What is wrong with the classes says more than that no video lies beside them.
  return footage.ok() ? std::move(footage) : std::move(labelled);
}

void PrintRanking(const LabelledEvaluation& evaluation) {
  std::printf("AUC-ROC by clip, 95 %% interval over clips, and average precision\n");
  for (size_t w = 0; w < kClipWays.size(); ++w) {
    const ClipWayFigures& figures = evaluation.ways[w];
    std::printf("%-28s %.3f", NameOf(kClipWays[w]).c_str(), figures.auc_roc);
    if (figures.bootstrap) {
      std::printf("  %.2f to %.2f", figures.bootstrap->low, figures.bootstrap->high);
    }
    std::printf("  %.3f\n", figures.average_precision);
  }
}

std::string Share(int part, int whole) {
  return whole == 0 ? "-" : absl::StrFormat("%.1f %%", 100.0 * part / whole);
}

void PrintSpread(const std::vector<ScoredClip>& clips) {
  const FootageFigures figures = MeasureFootage(clips);
  std::printf(
      "there are no harmless and other classes to tell apart, so this is how scores are spread, "
      "not how well they rank\n%d frames, with people %s, with a score %s\n",
      figures.frames, Share(figures.frames_with_people, figures.frames).c_str(),
      Share(figures.frames_with_score, figures.frames).c_str());
  if (figures.frames_with_score == 0) return;
  std::printf("quantiles of the highest score in a frame:");
  for (size_t q = 0; q < figures.quantiles.size(); ++q) {
    std::printf("  %.0f %% %.3f", 100 * FootageFigures::kQuantiles[q], figures.quantiles[q]);
  }
  std::printf("\nof the frames with a score");
  for (size_t h = 0; h < figures.share_above.size(); ++h) {
    std::printf("%s %.1f %% are above %.2f", h == 0 ? "" : ",", 100 * figures.share_above[h],
                FootageFigures::kHigh[h]);
  }
  std::printf("\n");
}

/// Reads the clips that the page shows once more; their people are remembered.
absl::Status AddPeakPictures(ClipPeople& found, AnomalyClipsReport& report) {
  report.pictures.assign(report.clips.size(), "");
  std::map<std::string, size_t> wanted;
  std::vector<ClipFile> again;
  for (const size_t i : ClipsToPicture(report.clips, report.evaluation)) {
    wanted[report.clips[i].clip.path] = i;
    again.push_back(report.clips[i].clip);
  }
  return found.ForEach(
      again, [&](const auto& file, auto frames, const auto& people) -> absl::Status {
        const size_t i = wanted[file.path];
        const AnomalyPeak& peak = *report.clips[i].anomaly.peak;
        if (peak.frame >= frames.size()) {
          return absl::InternalError("the clip has fewer frames than before");
        }
        AW_ASSIGN_OR_RETURN(
            report.pictures[i],
            clip_training::MomentPicture(frames[peak.frame], people[peak.frame], {peak.track_id}));
        return absl::OkStatus();
      });
}

absl::Status WriteClipsJson(const std::string& path, const AnomalyClipsReport& report) {
  nlohmann::json json =
      report.evaluation ? LabelledToJson(*report.evaluation) : FootageToJson(report.clips);
  json["model"] = {{"name", report.model.name}, {"version", report.model.version}};
  json["clips"] = report.clips.size();
  // Names of files need not be UTF-8.
  return WriteFileAtomically(
      path, json.dump(2, ' ', false, nlohmann::json::error_handler_t::replace) + "\n");
}

absl::Status EvaluateOnClips(const ClipsFlags& flags, const CommandContext& context) {
  if (!flags.report.empty()) AW_RETURN_IF_ERROR(report::PrepareReportFolder(flags.report));
  AW_ASSIGN_OR_RETURN(const std::vector<ClipFile> files, ListLabelledOrNot(flags.dataset));
  AW_ASSIGN_OR_RETURN(const auto found,
                      ClipPeople::Create(flags.shared, context.bin_dir, {"pose"}));
  AW_ASSIGN_OR_RETURN(const auto scorer,
                      LoadPoseAnomalyScorer(found->repository(), flags.model, flags.version));
  AnomalyClipsReport report;
  report.dataset = flags.dataset;
  report.model = scorer->info();
  AW_RETURN_IF_ERROR(found->ForEach(files, [&](const auto& file, auto frames, const auto& people) {
    report.clips.push_back({file, AnomalyOfClip(*scorer, frames, people)});
    return absl::OkStatus();
  }));
  if (report.clips.empty()) {
    return absl::InvalidArgumentError(
        absl::StrCat("none of the ", files.size(), " clips of ", flags.dataset, " can be read"));
  }
  report.evaluation = EvaluateLabelled(report.clips);
  std::printf("%s %s on %zu clips\n", report.model.name.c_str(), report.model.version.c_str(),
              report.clips.size());
  if (report.evaluation) {
    PrintRanking(*report.evaluation);
  } else {
    PrintSpread(report.clips);
  }
  if (!flags.json.empty()) AW_RETURN_IF_ERROR(WriteClipsJson(flags.json, report));
  if (flags.report.empty()) return absl::OkStatus();
  AW_RETURN_IF_ERROR(AddPeakPictures(*found, report));
  return report::WriteReport(
      flags.report,
      AnomalyClipsPage(report, MakeProvenance(context, found->repository(), report.model)));
}

}  // namespace

void AddEvaluatePoseAnomalyClipsCommand(CLI::App& evaluate, CommandContext& context) {
  auto flags = std::make_shared<ClipsFlags>();
  CLI::App* command = evaluate.add_subcommand(
      "pose-anomaly-clips",
      "Whether a scorer ranks the clips of another place as their folders say; of footage without "
      "classes, how its scores are spread");
  command->footer(
      "Examples:\n  aislewatch models evaluate pose-anomaly-clips --dataset data/mnnit --report "
      "build/reports/mnnit\n"
      "  aislewatch models evaluate pose-anomaly-clips --dataset data/our-shop");
  command
      ->add_option("--dataset", flags->dataset,
                   "Folder with one folder of clips per class, or a folder of clips")
      ->required();
  command->add_option("--model", flags->model, "Name in the model repository")
      ->capture_default_str();
  command->add_option("--model-version", flags->version, "Its version; default the newest");
  command->add_option("--json", flags->json, "Write the figures to this file");
  command->add_option("--report", flags->report,
                      "Write a page with curves, scores and the worst mistakes to this folder");
  AddClipClusterFlags(*command, flags->shared);
  command->callback([&context, flags] {
    context.run = [&context, flags] { return EvaluateOnClips(*flags, context); };
  });
}

}  // namespace aislewatch
