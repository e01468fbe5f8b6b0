#include "models/clip_training/act_events.h"

#include <algorithm>
#include <functional>
#include <limits>

namespace aislewatch::clip_training {
namespace {

constexpr size_t kRecent = 8;
constexpr size_t kConfirming = 5;
/// After an act an alarm is still its own for so many crops.
constexpr int64_t kLate = 20;
constexpr int64_t kCooldown = 100;
/// How much recall counts against precision.
constexpr double kBeta = 0.5;
constexpr float kNever = -std::numeric_limits<float>::infinity();

/// For each score, the highest threshold that enough of the last ones reach.
std::vector<float> Confirmed(const std::vector<float>& log_odds) {
  std::vector<float> confirmed;
  std::vector<float> recent;
  for (size_t i = 0; i < log_odds.size(); ++i) {
    const size_t begin = i + 1 > kRecent ? i + 1 - kRecent : 0;
    recent.assign(log_odds.begin() + static_cast<int64_t>(begin),
                  log_odds.begin() + static_cast<int64_t>(i) + 1);
    if (recent.size() < kConfirming) {
      confirmed.push_back(kNever);
      continue;
    }
    std::nth_element(recent.begin(), recent.begin() + kConfirming - 1, recent.end(),
                     std::greater<>());
    confirmed.push_back(recent[kConfirming - 1]);
  }
  return confirmed;
}

int AtLeast(const std::vector<float>& scores, float threshold) {
  return static_cast<int>(
      std::count_if(scores.begin(), scores.end(), [&](float score) { return score >= threshold; }));
}

}  // namespace

double ActEvents::Figures::recall() const {
  return acts == 0 ? 0 : static_cast<double>(found) / acts;
}

double ActEvents::Figures::precision() const {
  return found + false_alarms == 0 ? 0 : static_cast<double>(found) / (found + false_alarms);
}

double ActEvents::Figures::f(double beta, double act_weight) const {
  const double all = act_weight * (beta * beta * acts + found) + false_alarms;
  return all == 0 ? 0 : (1 + beta * beta) * act_weight * found / all;
}

void ActEvents::Add(const std::vector<int64_t>& crops, const std::vector<float>& log_odds,
                    const std::vector<ActionSet>& targets) {
  const std::vector<float> confirmed = Confirmed(log_odds);
  int64_t act_until = -1;    // Alarms up to here belong to the last act.
  int64_t other_since = -1;  // Where the stretch of others_.back() begins; -1: there is none.
  bool acting_before = false;
  for (size_t i = 0; i < crops.size(); ++i) {
    const int64_t crop = crops[i];
    const ActionSet coarse = Coarse(targets[static_cast<size_t>(crop)], actions_);
    const bool acting = coarse == actions_;
    if (acting) {
      if (!acting_before && crop > act_until) acts_.push_back(kNever);
      act_until = crop + kLate;
    }
    acting_before = acting;
    if (crop <= act_until) {
      acts_.back() = std::max(acts_.back(), confirmed[i]);
      other_since = -1;
    } else if (!coarse.all()) {
      if (other_since < 0 || crop - other_since >= kCooldown) {
        others_.push_back(kNever);
        other_since = crop;
      }
      others_.back() = std::max(others_.back(), confirmed[i]);
    }
  }
}

ActEvents::Figures ActEvents::At(float threshold) const {
  return {static_cast<int>(acts_.size()), AtLeast(acts_, threshold), AtLeast(others_, threshold),
          threshold};
}

ActEvents::Figures ActEvents::Best(double act_weight) const {
  std::vector<float> scores;
  for (const std::vector<float>* list : {&acts_, &others_}) {
    for (const float score : *list) {
      if (score > kNever) scores.push_back(score);
    }
  }
  std::sort(scores.begin(), scores.end());
  Figures best = At(scores.empty() ? 0 : scores.back() + 1);
  for (size_t i = 0; i < scores.size(); ++i) {
    const float below = i == 0 ? scores[i] - 1 : scores[i - 1];
    const Figures here = At(scores[i]);
    if (here.f(kBeta, act_weight) > best.f(kBeta, act_weight)) {
      best = here;
      best.threshold = (scores[i] + below) / 2;
    }
  }
  return best;
}

}  // namespace aislewatch::clip_training
