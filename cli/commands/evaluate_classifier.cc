// aislewatch models evaluate classifier.

#include <cstdio>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <utility>
#include <vector>

#include "cli/clips/clip_flags.h"
#include "cli/clips/clip_people.h"
#include "cli/clips/evaluation_text.h"
#include "cli/clips/judge_clips.h"
#include "cli/commands/commands.h"
#include "cli/commands/report_provenance.h"
#include "cli/console/progress.h"
#include "common/base/atomic_write.h"
#include "common/base/status.h"
#include "models/clip_training/report/classifier_page.h"
#include "models/report/report_folder.h"

namespace aislewatch {
namespace {

using clip_training::ClassifierReport;
using clip_training::ClipFile;

struct EvaluateClassifierFlags {
  ClipClusterFlags shared;
  std::string dataset;
  std::string part = "all";
  std::string json;
  std::string report;
};

absl::StatusOr<ClassifierReport> JudgeByServices(const EvaluateClassifierFlags& flags,
                                                 const std::vector<ClipFile>& clips,
                                                 ClipPeople& found) {
  ProgressBar bar("clips", static_cast<int64_t>(clips.size()));
  JudgeClipsOptions options;
  options.pictures = !flags.report.empty();
  options.progress = [&](size_t done, const ClipFile& clip) {
    bar.Update(static_cast<int64_t>(done), clip.folder);
  };
  return JudgeClips(
      clips, found.finder(),
      [&](auto frames, const auto& people) { return JudgeClip(found.cluster(), frames, people); },
      options);
}

void WarnOfSkipped(const ClassifierReport& report) {
  for (const clip_training::SkippedClip& clip : report.skipped) {
    std::fprintf(stderr, "left out %s: %s\n", clip.path.c_str(), clip.reason.c_str());
  }
}

nlohmann::json ReportJson(const ClassifierReport& report) {
  nlohmann::json json = clip_training::EvaluationToJson(report.evaluation);
  json["model"] = {{"name", report.model.name}, {"version", report.model.version}};
  json["skipped"] = nlohmann::json::array();
  for (const clip_training::SkippedClip& clip : report.skipped) {
    json["skipped"].push_back({{"clip", clip.path}, {"reason", clip.reason}});
  }
  return json;
}

absl::Status EvaluateClassifier(const EvaluateClassifierFlags& flags,
                                const CommandContext& context) {
  if (!flags.report.empty()) AW_RETURN_IF_ERROR(report::PrepareReportFolder(flags.report));
  AW_ASSIGN_OR_RETURN(std::vector<ClipFile> clips,
                      clip_training::ListClips("dataset", flags.dataset));
  if (flags.part == "test") clips = clip_training::SplitByBlocks(clips).test;
  AW_ASSIGN_OR_RETURN(const auto found,
                      ClipPeople::Create(flags.shared, context.bin_dir, {"pose", "classifier"}));
  auto judged = JudgeByServices(flags, clips, *found);
  if (!judged.ok()) return Annotate(judged.status(), flags.dataset);
  ClassifierReport report = *std::move(judged);
  report.dataset = flags.dataset;
  WarnOfSkipped(report);
  std::fputs(EvaluationText(flags.dataset, report.evaluation).c_str(), stdout);
  if (!flags.json.empty()) {
    // Names of files need not be UTF-8.
    AW_RETURN_IF_ERROR(WriteFileAtomically(
        flags.json,
        ReportJson(report).dump(2, ' ', false, nlohmann::json::error_handler_t::replace) + "\n"));
  }
  if (flags.report.empty()) return absl::OkStatus();
  return report::WriteReport(
      flags.report, clip_training::ClassifierPage(
                        report, MakeProvenance(context, found->repository(), report.model)));
}

}  // namespace

void AddEvaluateClassifierCommand(CLI::App& evaluate, CommandContext& context) {
  auto flags = std::make_shared<EvaluateClassifierFlags>();
  CLI::App* command = evaluate.add_subcommand(
      "classifier", "Judges recorded clips as the cluster would, and says how well");
  command->footer(
      "Example:\n  aislewatch models evaluate classifier --dataset data/mnnit --part test "
      "--json figures.json\n      --report build/reports/mnnit");
  command->add_option("--dataset", flags->dataset, "Folder with one folder of clips per class")
      ->required();
  command
      ->add_option("--part", flags->part,
                   "all, or test: the last third of each class, which training never sees")
      ->check(CLI::IsMember({"all", "test"}))
      ->capture_default_str();
  command->add_option("--json", flags->json, "Write the figures to this file");
  command->add_option("--report", flags->report,
                      "Write a page with curves, classes and the worst mistakes to this folder");
  AddClipClusterFlags(*command, flags->shared);
  command->callback([&context, flags] {
    context.run = [&context, flags] { return EvaluateClassifier(*flags, context); };
  });
}

}  // namespace aislewatch
