#include "models/object_training/report/object_mistakes.h"

#include <algorithm>
#include <map>
#include <utility>

namespace aislewatch::object_training {
namespace {

using ByPicture = std::map<size_t, FalseDetection>;

void AddFalseAlarms(const ClassVerdicts& verdicts, double threshold, ByPicture& worst) {
  for (const JudgedDetection& one : verdicts.detections) {
    if (one.object.score < threshold) break;
    if (one.verdict != Verdict::kWrong) continue;
    const auto [it, is_first] =
        worst.try_emplace(one.picture, FalseDetection{one.picture, one.object});
    if (!is_first && one.object.score > it->second.object.score) it->second.object = one.object;
  }
}

/// Whether `a`, of which `area_a` is labelled, is the worse miss.
bool IsWorse(const MissedBox& a, float area_a, const MissedBox& b, float area_b) {
  return a.best_score != b.best_score ? a.best_score < b.best_score : area_a > area_b;
}

void AddMisses(const ClassVerdicts& verdicts, absl::Span<const JudgedPicture> judged,
               int class_index, double threshold, std::map<size_t, MissedBox>& worst) {
  // The score that each box is found with.
  std::map<std::pair<size_t, size_t>, float> found;
  for (const JudgedDetection& one : verdicts.detections) {
    if (one.verdict == Verdict::kRight) found[{one.picture, one.box}] = one.object.score;
  }
  for (size_t p = 0; p < judged.size(); ++p) {
    const std::vector<LabelledBox>& truth = judged[p].truth;
    for (size_t b = 0; b < truth.size(); ++b) {
      if (truth[b].class_index != class_index || truth[b].ignored) continue;
      const auto score = found.find({p, b});
      if (score != found.end() && score->second >= threshold) continue;
      const MissedBox miss = {p, b, score == found.end() ? 0 : score->second};
      const auto [it, is_first] = worst.try_emplace(p, miss);
      if (!is_first &&
          IsWorse(miss, truth[b].box.area(), it->second, truth[it->second.box].box.area())) {
        it->second = miss;
      }
    }
  }
}

}  // namespace

ObjectMistakes FindMistakes(const std::vector<ObjectClass>& classes,
                            absl::Span<const JudgedPicture> judged, double threshold) {
  const bool any_weapon =
      std::any_of(classes.begin(), classes.end(), [](const ObjectClass& c) { return c.weapon; });
  ByPicture false_alarms;
  std::map<size_t, MissedBox> missed;
  for (size_t c = 0; c < classes.size(); ++c) {
    if (any_weapon && !classes[c].weapon) continue;
    const ClassVerdicts verdicts = JudgeClass(judged, static_cast<int>(c));
    AddFalseAlarms(verdicts, threshold, false_alarms);
    AddMisses(verdicts, judged, static_cast<int>(c), threshold, missed);
  }
  ObjectMistakes mistakes;
  for (const auto& [picture, alarm] : false_alarms) mistakes.false_alarms.push_back(alarm);
  std::stable_sort(mistakes.false_alarms.begin(), mistakes.false_alarms.end(),
                   [](const auto& a, const auto& b) { return a.object.score > b.object.score; });
  for (const auto& [picture, miss] : missed) mistakes.misses.push_back(miss);
  std::stable_sort(mistakes.misses.begin(), mistakes.misses.end(),
                   [&](const MissedBox& a, const MissedBox& b) {
                     return IsWorse(a, judged[a.picture].truth[a.box].box.area(), b,
                                    judged[b.picture].truth[b.box].box.area());
                   });
  return mistakes;
}

}  // namespace aislewatch::object_training
