// What fusion counts. Thread-safe; shared by all streams of a process.
#pragma once

#include "common/base/metrics.h"
#include "services/fusion/core/incident.h"

namespace aislewatch::fusion {

class FusionMetrics {
 public:
  /// `metrics` must outlive it.
  explicit FusionMetrics(Metrics& metrics);

  /// People of an observation that was judged. Observations are counted by the stage endpoint.
  void Judged(size_t people);
  void Happened(const Transition& transition);
  /// A rule held but was not allowed to raise anything: "cooldown" or "fire_once". Counted when it
  /// begins, not for every frame.
  void Suppressed(const std::string& reason);
  /// A visit to a zone that has ended.
  void Visited(ZoneKind kind);
  /// Incidents that became open (adopted ones included) or no longer are (their stream ended).
  void OpenChanged(int by) { open_.Add(by); }

 private:
  Metrics& metrics_;
  Counter& people_;
  Gauge& open_;
};

}  // namespace aislewatch::fusion
