#include "services/fusion/core/fusion_metrics.h"

#include <string>

namespace aislewatch::fusion {

FusionMetrics::FusionMetrics(Metrics& metrics)
    : metrics_(metrics),
      people_(metrics.GetCounter("aislewatch_fusion_people_total", "People judged.")),
      open_(metrics.GetGauge("aislewatch_fusion_open_incidents",
                             "Incidents open on the streams of this process.")) {}

void FusionMetrics::Judged(size_t people) { people_.Add(static_cast<double>(people)); }

void FusionMetrics::Happened(const Transition& transition) {
  // Rare, so that the look-up does not matter.
  const auto transition_name = kTransitionKindNames[static_cast<size_t>(transition.kind)];
  metrics_
      .GetCounter("aislewatch_fusion_transitions_total", "Steps in the lives of incidents.",
                  {{"transition", std::string(transition_name)},
                   {"kind", std::string(Name(transition.incident.kind))},
                   {"severity", std::string(Name(transition.incident.severity))}})
      .Add();
}

void FusionMetrics::Visited(ZoneKind kind) {
  metrics_
      .GetCounter("aislewatch_fusion_visits_total", "Visits to zones of attention that ended.",
                  {{"kind", std::string(Name(kind))}})
      .Add();
}

void FusionMetrics::Suppressed(const std::string& reason) {
  metrics_
      .GetCounter("aislewatch_fusion_suppressed_total",
                  "Times that a rule held but was not allowed to raise anything.",
                  {{"reason", reason}})
      .Add();
}

}  // namespace aislewatch::fusion
