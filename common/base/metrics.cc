#include "common/base/metrics.h"

#include <atomic>

namespace aislewatch {

const std::vector<double>& LatencyBuckets() {
  static const auto* const buckets = new std::vector<double>{
      0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.2, 0.35, 0.5, 0.75, 1, 1.5, 2, 3, 5, 10};
  return *buckets;
}

class FakeMetrics::Cell : public Counter, public Gauge, public Histogram {
 public:
  void Add(double by) override { value_.fetch_add(by); }
  void Set(double value) override { value_.store(value); }
  void Observe(double) override { value_.fetch_add(1); }
  double value() const { return value_.load(); }

 private:
  std::atomic<double> value_{0};
};

// Here, where Cell is complete.
FakeMetrics::FakeMetrics() = default;
FakeMetrics::~FakeMetrics() = default;

FakeMetrics::Cell& FakeMetrics::Find(const std::string& name, const Labels& labels) {
  absl::MutexLock lock(&mutex_);
  auto& cell = cells_[{name, labels}];
  if (cell == nullptr) cell = std::make_unique<Cell>();
  return *cell;
}

Counter& FakeMetrics::GetCounter(const std::string& name, const std::string&,
                                 const Labels& labels) {
  return Find(name, labels);
}

Gauge& FakeMetrics::GetGauge(const std::string& name, const std::string&, const Labels& labels) {
  return Find(name, labels);
}

Histogram& FakeMetrics::GetHistogram(const std::string& name, const std::string&,
                                     const std::vector<double>&, const Labels& labels) {
  return Find(name, labels);
}

double FakeMetrics::Value(const std::string& name, const Labels& labels) const {
  absl::MutexLock lock(&mutex_);
  const auto it = cells_.find({name, labels});
  return it == cells_.end() ? 0 : it->second->value();
}

}  // namespace aislewatch
