// Tells by a gauge which model is served.
#pragma once

#include <string>
#include <utility>

#include "common/base/metrics.h"
#include "common/roles/model_info.h"

namespace aislewatch {

/// aislewatch_SERVICE_model_info{role,name,version}: 1 for the model that is served, 0 for those
/// before it. One thread at a time; the Metrics must outlive it.
class ServedModelGauge {
 public:
  ServedModelGauge(Metrics& metrics, std::string service, std::string role)
      : metrics_(metrics), service_(std::move(service)), role_(std::move(role)) {}

  void Set(const ModelInfo& model) {
    if (!model_.name.empty()) Gauge(model_).Set(0);
    model_ = model;
    if (!model_.name.empty()) Gauge(model_).Set(1);
  }

 private:
  ::aislewatch::Gauge& Gauge(const ModelInfo& model) {
    return metrics_.GetGauge("aislewatch_" + service_ + "_model_info",
                             "1 for each model that is served",
                             {{"role", role_}, {"name", model.name}, {"version", model.version}});
  }

  Metrics& metrics_;
  const std::string service_;
  const std::string role_;
  ModelInfo model_;
};

}  // namespace aislewatch
