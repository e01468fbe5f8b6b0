#include "cli/risk/risk_fitting.h"

#include <cstdio>
#include <optional>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_split.h"
#include "common/base/status.h"
#include "common/inference/model_repository.h"
#include "models/risk/risk_file.h"

namespace aislewatch {
namespace {

using risk_training::Episode;
using risk_training::KindFigures;
using risk_training::RiskKind;

// "0.79 (0.70 to 0.88)".
std::string WithInterval(double value, const std::optional<ranking::Interval>& interval) {
  std::string text = absl::StrFormat("%.3f", value);
  if (interval) absl::StrAppendFormat(&text, " (%.2f to %.2f)", interval->low, interval->high);
  return text;
}

void PrintFigures(const char* kind, const char* way, const KindFigures& figures) {
  std::printf("%-12s %-16s %3d with, %3d without: AUC %s, precision %s, recall %s, F1 %.2f\n", kind,
              way, figures.positives, figures.negatives,
              WithInterval(figures.auc_roc, figures.bootstrap.auc_roc).c_str(),
              WithInterval(figures.precision, figures.bootstrap.precision).c_str(),
              WithInterval(figures.recall, figures.bootstrap.recall).c_str(), figures.f1);
}

// Every source by itself: what helps on one footage may harm on another.
void Report(const std::vector<Episode>& episodes, const RiskWeights& base,
            const RiskFittingFlags& flags, ModelManifest& manifest) {
  for (const auto& [kind, name] :
       {std::pair(RiskKind::kConcealment, "concealment"), std::pair(RiskKind::kFight, "fight")}) {
    const KindFigures held =
        risk_training::CrossValidate(episodes, kind, base, flags.fit, flags.folds);
    if (held.positives == 0) continue;
    PrintFigures(name, "base", risk_training::Measure(episodes, kind, base, flags.fit));
    PrintFigures(name, "fitted, held out", held);
    manifest.metrics[absl::StrCat(name, "_episodes")] = held.positives;
    manifest.metrics[absl::StrCat(name, "_auc_roc")] = held.auc_roc;
    manifest.metrics[absl::StrCat(name, "_precision")] = held.precision;
    manifest.metrics[absl::StrCat(name, "_recall")] = held.recall;
  }
}

}  // namespace

void AddRiskFittingFlags(CLI::App& command, RiskFittingFlags& flags) {
  command.add_option("--out", flags.out, "Folder NAME/VERSION for the model")->required();
  command
      .add_option("--base", flags.base,
                  "Risk model to begin with, NAME or NAME/VERSION; \"none\" are the weights set by "
                  "hand")
      ->capture_default_str();
  command
      .add_option("--spread", flags.fit.spread,
                  "How far a weight may well move from the base: the prior's standard deviation")
      ->check(CLI::Range(0.001, 100.0))
      ->capture_default_str();
  command
      .add_option(
          "--precision", flags.fit.precision,
          "Rules fire by default from the risk with the best F1 on, or from a higher one at "
          "which this share of alarms is right")
      ->check(CLI::Range(0.01, 1.0))
      ->capture_default_str();
  command.add_option("--folds", flags.folds, "Folds of the cross-validation")
      ->check(CLI::Range(2, 100))
      ->capture_default_str();
}

absl::StatusOr<RiskWeights> LoadBaseWeights(const RiskFittingFlags& flags,
                                            const std::vector<std::string>& repositories) {
  if (flags.base == "none") return RiskWeights();
  const std::pair<std::string, std::string> parts =
      absl::StrSplit(flags.base, absl::MaxSplits('/', 1));
  AW_ASSIGN_OR_RETURN(const RiskFile file,
                      LoadRiskFile(ModelRepository(repositories), parts.first, parts.second));
  return file.weights;
}

absl::Status FitAndSaveRisk(const std::vector<Episode>& episodes, const RiskWeights& base,
                            const RiskFittingFlags& flags, const RiskProvenance& provenance) {
  ModelManifest manifest;
  AW_ASSIGN_OR_RETURN(manifest.info, ModelInfoOfFolder(flags.out));
  AW_ASSIGN_OR_RETURN(const RiskWeights fitted, risk_training::FitRisk(episodes, base, flags.fit));
  manifest.licence = "Apache-2.0";
  manifest.training.data =
      absl::StrCat(provenance.data, "; metrics by cross-validation on the same");
  manifest.training.seed = provenance.seed;
  manifest.training.command = absl::StrCat(provenance.command, " --base ", flags.base, " --spread ",
                                           flags.fit.spread, " --precision ", flags.fit.precision,
                                           " --folds ", flags.folds, " --out NAME/VERSION");
  Report(episodes, base, flags, manifest);
  for (const auto& [name, weight] : NamedRiskWeights()) {
    std::printf("  %-20s %7.3f -> %7.3f\n", std::string(name).c_str(), base.*weight,
                fitted.*weight);
  }
  AW_RETURN_IF_ERROR(SaveRiskFile(fitted, std::move(manifest), flags.out));
  std::printf("wrote %s\n", flags.out.c_str());
  return absl::OkStatus();
}

}  // namespace aislewatch
