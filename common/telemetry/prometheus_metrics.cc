#include "common/telemetry/prometheus_metrics.h"

#include <utility>

#include <prometheus/counter.h>
#include <prometheus/family.h>
#include <prometheus/gauge.h>
#include <prometheus/histogram.h>
#include <prometheus/registry.h>
#include <prometheus/text_serializer.h>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "common/base/status.h"
#include "common/telemetry/metrics_server.h"

namespace aislewatch {
namespace {

class CounterImpl : public Counter {
 public:
  explicit CounterImpl(prometheus::Counter& c) : counter_(c) {}
  void Add(double by) override { counter_.Increment(by); }

 private:
  prometheus::Counter& counter_;
};

class GaugeImpl : public Gauge {
 public:
  explicit GaugeImpl(prometheus::Gauge& g) : gauge_(g) {}
  void Set(double value) override { gauge_.Set(value); }
  void Add(double by) override { gauge_.Increment(by); }

 private:
  prometheus::Gauge& gauge_;
};

class HistogramImpl : public Histogram {
 public:
  explicit HistogramImpl(prometheus::Histogram& h) : histogram_(h) {}
  void Observe(double value) override { histogram_.Observe(value); }

 private:
  prometheus::Histogram& histogram_;
};

template <class T>
using ByNameAndLabels = std::map<std::pair<std::string, Labels>, std::unique_ptr<T>>;

}  // namespace

struct PrometheusMetrics::Impl {
  std::shared_ptr<prometheus::Registry> registry = std::make_shared<prometheus::Registry>();
  absl::Mutex mutex;
  ByNameAndLabels<CounterImpl> counters ABSL_GUARDED_BY(mutex);
  ByNameAndLabels<GaugeImpl> gauges ABSL_GUARDED_BY(mutex);
  ByNameAndLabels<HistogramImpl> histograms ABSL_GUARDED_BY(mutex);
  std::unique_ptr<MetricsServer> server;
};

absl::StatusOr<std::unique_ptr<PrometheusMetrics>> PrometheusMetrics::Create(
    const std::string& listen) {
  auto impl = std::make_unique<Impl>();
  if (!listen.empty()) {
    AW_ASSIGN_OR_RETURN(impl->server, MetricsServer::Create(listen, [registry = impl->registry] {
                          return prometheus::TextSerializer().Serialize(registry->Collect());
                        }));
  }
  return std::unique_ptr<PrometheusMetrics>(new PrometheusMetrics(std::move(impl)));
}

PrometheusMetrics::PrometheusMetrics(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
PrometheusMetrics::~PrometheusMetrics() = default;

int PrometheusMetrics::port() const {
  return impl_->server == nullptr ? 0 : impl_->server->port();
}

Counter& PrometheusMetrics::GetCounter(const std::string& name, const std::string& help,
                                       const Labels& labels) {
  absl::MutexLock lock(&impl_->mutex);
  auto& slot = impl_->counters[{name, labels}];
  if (slot == nullptr) {
    auto& family = prometheus::BuildCounter().Name(name).Help(help).Register(*impl_->registry);
    slot = std::make_unique<CounterImpl>(family.Add(labels));
  }
  return *slot;
}

Gauge& PrometheusMetrics::GetGauge(const std::string& name, const std::string& help,
                                   const Labels& labels) {
  absl::MutexLock lock(&impl_->mutex);
  auto& slot = impl_->gauges[{name, labels}];
  if (slot == nullptr) {
    auto& family = prometheus::BuildGauge().Name(name).Help(help).Register(*impl_->registry);
    slot = std::make_unique<GaugeImpl>(family.Add(labels));
  }
  return *slot;
}

Histogram& PrometheusMetrics::GetHistogram(const std::string& name, const std::string& help,
                                           const std::vector<double>& buckets,
                                           const Labels& labels) {
  absl::MutexLock lock(&impl_->mutex);
  auto& slot = impl_->histograms[{name, labels}];
  if (slot == nullptr) {
    auto& family = prometheus::BuildHistogram().Name(name).Help(help).Register(*impl_->registry);
    slot = std::make_unique<HistogramImpl>(family.Add(labels, buckets));
  }
  return *slot;
}

}  // namespace aislewatch
