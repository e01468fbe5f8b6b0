#include "models/clip_training/clip_verdict.h"

#include <algorithm>

#include <nlohmann/json.hpp>

namespace aislewatch::clip_training {
namespace {

constexpr char kNormalFolder[] = "normal";
constexpr float kDecision = 0.5f;

/// Index of the judged class.
size_t Judge(const std::vector<float>& peaks, const std::vector<std::string>& classes) {
  size_t best = classes.size();
  size_t normal = classes.size();
  for (size_t c = 0; c < classes.size(); ++c) {
    if (classes[c] == kNormalFolder) {
      normal = c;
    } else if (best == classes.size() || peaks[c] > peaks[best]) {
      best = c;
    }
  }
  if (best == classes.size()) return normal;
  return peaks[best] >= kDecision || normal == classes.size() ? best : normal;
}

}  // namespace

void ClipVerdict::Push(uint64_t track_id, const ActionScores& scores) {
  std::deque<ActionScores>& recent = recent_[track_id];
  recent.push_back(scores);
  if (recent.size() > kAveraged) recent.pop_front();
  std::array<float, kActionCount> mean{};
  for (const ActionScores& one : recent) {
    for (int a = 0; a < kActionCount; ++a) {
      mean[a] += one.probability[a] / static_cast<float>(recent.size());
    }
  }
  // A track's first crops show too little of it to count.
  if (recent.size() == kAveraged) moments_.push_back(mean);
}

float ClipVerdict::Peak(const ActionSet& actions) const {
  float peak = 0;
  for (const auto& moment : moments_) {
    float sum = 0;
    for (int a = 0; a < kActionCount; ++a) {
      if (actions[a]) sum += moment[a];
    }
    peak = std::max(peak, sum);
  }
  return peak;
}

Evaluation Evaluate(const std::vector<JudgedClip>& clips) {
  std::map<std::string, ActionSet> sets;
  for (const JudgedClip& judged : clips) sets[judged.clip.folder] = judged.clip.actions;
  Evaluation result;
  result.clips = static_cast<int>(clips.size());
  for (const auto& [folder, set] : sets) result.classes.push_back(folder);
  const size_t count = result.classes.size();
  result.confusion.assign(count, std::vector<int>(count, 0));

  std::vector<std::vector<float>> peaks(count);  // [class][clip]
  std::vector<size_t> truths;
  for (const JudgedClip& judged : clips) {
    std::vector<float> own;
    for (size_t c = 0; c < count; ++c) {
      own.push_back(judged.verdict.Peak(sets[result.classes[c]]));
      peaks[c].push_back(own.back());
    }
    const auto at = std::find(result.classes.begin(), result.classes.end(), judged.clip.folder);
    truths.push_back(static_cast<size_t>(at - result.classes.begin()));
    ++result.confusion[truths.back()][Judge(own, result.classes)];
  }
  result.accuracy = Accuracy(result.confusion);
  int alarming = 0;
  for (size_t c = 0; c < count; ++c) {
    if (result.classes[c] == kNormalFolder) continue;
    ++alarming;
    std::vector<bool> positive;
    for (const size_t truth : truths) positive.push_back(truth == c);
    result.f1 += F1(result.confusion, c);
    result.auc_roc += AreaUnderRoc(peaks[c], positive);
  }
  if (alarming > 0) {
    result.f1 /= alarming;
    result.auc_roc /= alarming;
  }
  return result;
}

nlohmann::json EvaluationToJson(const Evaluation& evaluation) {
  return {{"clips", evaluation.clips},       {"accuracy", evaluation.accuracy},
          {"f1", evaluation.f1},             {"auc_roc", evaluation.auc_roc},
          {"classes", evaluation.classes},   {"confusion", evaluation.confusion}};
}

}  // namespace aislewatch::clip_training
