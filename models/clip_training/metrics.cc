#include "models/clip_training/metrics.h"

#include <numeric>

namespace aislewatch::clip_training {

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
