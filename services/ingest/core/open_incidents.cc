#include "services/ingest/core/open_incidents.h"

#include <utility>

namespace aislewatch::ingest {

OpenIncidents::OpenIncidents(std::vector<OpenIncident> from_before) {
  for (OpenIncident& incident : from_before) {
    OpenIncident& slot = open_[incident.incident_id];
    if (incident.number >= slot.number) slot = std::move(incident);
  }
}

void OpenIncidents::Apply(const Transition& transition) {
  absl::MutexLock lock(&mutex_);
  if (transition.kind == TransitionKind::kClosed) {
    open_.erase(transition.incident_id);
    return;
  }
  OpenIncident& incident = open_[transition.incident_id];
  if (transition.number <= incident.number) return;
  incident = {transition.incident_id, transition.number, transition.message};
}

std::vector<OpenIncident> OpenIncidents::All() const {
  absl::MutexLock lock(&mutex_);
  std::vector<OpenIncident> all;
  for (const auto& [id, incident] : open_) all.push_back(incident);
  return all;
}

}  // namespace aislewatch::ingest
