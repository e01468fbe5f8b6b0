// Metrics for Prometheus, served over HTTP at /metrics.
//
// Thread-safe. A name keeps the help text and buckets of its first use.
#pragma once

#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "common/base/metrics.h"

namespace aislewatch {

class PrometheusMetrics : public Metrics {
 public:
  /// `listen`: "HOST:PORT"; port 0 takes a free one; empty serves nothing. UNAVAILABLE where it
  /// cannot be bound. Ending a served one takes up to 2 s, the poll interval of its HTTP server.
  static absl::StatusOr<std::unique_ptr<PrometheusMetrics>> Create(const std::string& listen);
  ~PrometheusMetrics() override;

  Counter& GetCounter(const std::string& name, const std::string& help,
                      const Labels& labels) override;
  Gauge& GetGauge(const std::string& name, const std::string& help, const Labels& labels) override;
  Histogram& GetHistogram(const std::string& name, const std::string& help,
                          const std::vector<double>& buckets, const Labels& labels) override;

  /// The port that is served; 0 for none.
  int port() const;

 private:
  struct Impl;
  explicit PrometheusMetrics(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace aislewatch
