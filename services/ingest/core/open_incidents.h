// Which incidents of a camera are open, so that a fusion stream that is opened anew can adopt them.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "services/ingest/core/stages.h"

namespace aislewatch::ingest {

/// An incident that is open.
struct OpenIncident {
  std::string incident_id;
  /// Number of its last transition.
  uint32_t number = 0;
  /// The aislewatch.v1.IncidentTransition with that number, which holds the whole incident.
  std::string message;
};

/// Follows a camera's transitions. Thread-safe; nothing blocks.
class OpenIncidents {
 public:
  explicit OpenIncidents(std::vector<OpenIncident> from_before);

  /// Takes a transition; one with a number already seen changes nothing.
  void Apply(const Transition& transition) ABSL_LOCKS_EXCLUDED(mutex_);

  /// By incident id.
  std::vector<OpenIncident> All() const ABSL_LOCKS_EXCLUDED(mutex_);

 private:
  mutable absl::Mutex mutex_;
  std::map<std::string, OpenIncident> open_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace aislewatch::ingest
