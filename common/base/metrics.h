// Counters, gauges and histograms as core code sees them: without Prometheus.
//
// A core class takes a Metrics&, asks it once for the instruments it needs and keeps the
// references, which live as long as the Metrics. Instruments are thread-safe and cheap.
// common/telemetry implements them with prometheus-cpp; tests use FakeMetrics or NoMetrics().
#pragma once

#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/strings/string_view.h"
#include "absl/synchronization/mutex.h"

namespace aislewatch {

/// Only rises.
class Counter {
 public:
  virtual ~Counter() = default;
  virtual void Add(double by = 1) = 0;
};

/// Rises and falls.
class Gauge {
 public:
  virtual ~Gauge() = default;
  virtual void Set(double value) = 0;
  virtual void Add(double by) = 0;
};

/// Counts observations in buckets.
class Histogram {
 public:
  virtual ~Histogram() = default;
  virtual void Observe(double value) = 0;
};

/// Label names and values. Values must be bounded in number: camera groups and reasons, never
/// track or incident ids.
using Labels = std::map<std::string, std::string>;

/// Bucket bounds for durations in seconds, 1 ms to 10 s.
const std::vector<double>& LatencyBuckets();

/// Makes instruments. Asking again for the same name and labels returns the same one. Names follow
/// aislewatch_<service>_<thing>_<unit>, in seconds and bytes; counters end in _total. Thread-safe.
class Metrics {
 public:
  virtual ~Metrics() = default;
  virtual Counter& GetCounter(const std::string& name, const std::string& help,
                              const Labels& labels = {}) = 0;
  virtual Gauge& GetGauge(const std::string& name, const std::string& help,
                          const Labels& labels = {}) = 0;
  virtual Histogram& GetHistogram(const std::string& name, const std::string& help,
                                  const std::vector<double>& buckets,
                                  const Labels& labels = {}) = 0;
};

/// Remembers values, for tests and for code that nobody watches.
class FakeMetrics : public Metrics {
 public:
  FakeMetrics();
  ~FakeMetrics() override;
  Counter& GetCounter(const std::string& name, const std::string& help,
                      const Labels& labels = {}) override;
  Gauge& GetGauge(const std::string& name, const std::string& help,
                  const Labels& labels = {}) override;
  Histogram& GetHistogram(const std::string& name, const std::string& help,
                          const std::vector<double>& buckets, const Labels& labels = {}) override;
  /// The value of a counter or gauge, or the number of observations of a histogram; 0 if unknown.
  double Value(const std::string& name, const Labels& labels = {}) const;

 private:
  class Cell;
  Cell& Find(const std::string& name, const Labels& labels);

  mutable absl::Mutex mutex_;
  std::map<std::pair<std::string, Labels>, std::unique_ptr<Cell>> cells_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace aislewatch
