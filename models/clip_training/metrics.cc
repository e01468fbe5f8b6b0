#include "models/clip_training/metrics.h"

#include <algorithm>
#include <numeric>

namespace aislewatch::clip_training {

double AreaUnderRoc(absl::Span<const float> scores, const std::vector<bool>& positive) {
  std::vector<size_t> order(scores.size());
  std::iota(order.begin(), order.end(), size_t{0});
  std::sort(order.begin(), order.end(), [&](size_t a, size_t b) { return scores[a] < scores[b]; });
  // Mann-Whitney: the sum of the positives' ranks, ties sharing their middle rank.
  double rank_sum = 0;
  double positives = 0;
  for (size_t begin = 0; begin < order.size();) {
    size_t end = begin;
    while (end < order.size() && scores[order[end]] == scores[order[begin]]) ++end;
    const double rank = (static_cast<double>(begin + end) + 1) / 2;
    for (size_t i = begin; i < end; ++i) {
      if (!positive[order[i]]) continue;
      rank_sum += rank;
      ++positives;
    }
    begin = end;
  }
  const double negatives = static_cast<double>(order.size()) - positives;
  if (positives == 0 || negatives == 0) return 0.5;
  return (rank_sum - positives * (positives + 1) / 2) / (positives * negatives);
}

double Accuracy(const Confusion& confusion) {
  int right = 0;
  int all = 0;
  for (size_t truth = 0; truth < confusion.size(); ++truth) {
    right += confusion[truth][truth];
    all += std::accumulate(confusion[truth].begin(), confusion[truth].end(), 0);
  }
  return all == 0 ? 0 : static_cast<double>(right) / all;
}

double F1(const Confusion& confusion, size_t of_class) {
  int missed = 0;
  int wrong = 0;
  for (size_t other = 0; other < confusion.size(); ++other) {
    if (other == of_class) continue;
    missed += confusion[of_class][other];
    wrong += confusion[other][of_class];
  }
  const int hits = confusion[of_class][of_class];
  return hits == 0 ? 0 : 2.0 * hits / (2.0 * hits + missed + wrong);
}

}  // namespace aislewatch::clip_training
