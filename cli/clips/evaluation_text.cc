#include "cli/clips/evaluation_text.h"

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"

namespace aislewatch {
namespace {

// " (0.393 to 0.714)".
std::string In(const std::optional<ranking::Interval>& interval) {
  return interval ? absl::StrFormat(" (%.3f to %.3f)", interval->low, interval->high) : "";
}

}  // namespace

std::string EvaluationText(const std::string& name, const clip_training::Evaluation& evaluation) {
  std::string text = absl::StrFormat(
      "%s: %d clips, accuracy %.3f%s, F1 %.3f%s, AUC %.3f%s\n", name, evaluation.clips,
      evaluation.accuracy, In(evaluation.bootstrap.accuracy), evaluation.f1,
      In(evaluation.bootstrap.f1), evaluation.auc_roc, In(evaluation.bootstrap.auc_roc));
  for (size_t truth = 0; truth < evaluation.classes.size(); ++truth) {
    absl::StrAppend(&text, absl::StrFormat("  %-22s", evaluation.classes[truth]));
    for (const int count : evaluation.confusion[truth]) {
      absl::StrAppend(&text, absl::StrFormat(" %5d", count));
    }
    absl::StrAppend(&text, "\n");
  }
  return text;
}

}  // namespace aislewatch
