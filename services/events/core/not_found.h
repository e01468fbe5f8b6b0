// What is said of things that are not there, and, in the same words, of those outside the caller's
// scope: nobody shall learn from an error that they exist.
#pragma once

#include <string>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"

namespace aislewatch::events {

inline absl::Status NoIncident(const std::string& incident_id) {
  return absl::NotFoundError(absl::StrCat("there is no incident ", incident_id));
}

inline absl::Status NoEvidence(const std::string& evidence_id) {
  return absl::NotFoundError(absl::StrCat("there is no evidence ", evidence_id));
}

inline absl::Status NoCamera(const std::string& camera_id) {
  return absl::NotFoundError(absl::StrCat("there is no camera ", camera_id));
}

/// For evidence that comes before its incident.
inline absl::Status NotRecorded(const std::string& incident_id) {
  return absl::FailedPreconditionError(
      absl::StrCat("incident ", incident_id,
                   " is not recorded; record its transitions, then send its evidence again"));
}

}  // namespace aislewatch::events
