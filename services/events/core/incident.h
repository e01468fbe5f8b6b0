// Incidents as event storage sees them.
//
// Kinds and severities are those of common/scene. Event storage filters and sorts by a few facts of
// an incident and keeps the rest as its sender gave it. Facts are fields here; the whole is
// `content`, JSON text that core never looks into. Enumerations carry the numbers of aislewatch.v1.
// Times are kept to the microsecond, the database's resolution. Plain values.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/time/time.h"
#include "common/scene/scene.h"

namespace aislewatch::events {

enum class IncidentState : int { kUnspecified = 0, kOpen = 1, kClosed = 2 };
inline constexpr int kLastIncidentState = 2;

enum class ReviewState : int { kUnspecified = 0, kUnreviewed = 1, kConfirmed = 2, kFalseAlarm = 3 };
inline constexpr int kLastReviewState = 3;

enum class TransitionKind : int { kUnspecified = 0, kOpened = 1, kUpdated = 2, kClosed = 3 };
inline constexpr int kLastTransitionKind = 3;

/// One track's part in an incident.
struct IncidentTrack {
  uint64_t track_id = 0;
  float peak_risk = 0;  // 0..1
  std::optional<absl::Time> first_time;
  std::optional<absl::Time> last_time;
};

/// An incident at some moment.
struct Incident {
  std::string incident_id;  // UUID
  std::string camera_id;
  std::string store_id;
  IncidentKind kind = IncidentKind::kUnspecified;
  Severity severity = Severity::kUnspecified;
  IncidentState state = IncidentState::kUnspecified;
  std::optional<absl::Time> opened_time;
  std::optional<absl::Time> updated_time;
  std::optional<absl::Time> closed_time;
  float peak_risk = 0;  // 0..1
  std::vector<IncidentTrack> tracks;
  /// The whole incident as JSON, without the three fields below.
  std::string content;
  /// Kept by event storage.
  uint32_t transition_number = 0;
  ReviewState review_state = ReviewState::kUnreviewed;
  bool hold = false;
};

/// A step in an incident's life, with the incident as it is after the step.
struct Transition {
  uint32_t number = 0;  // From 1.
  TransitionKind kind = TransitionKind::kUnspecified;
  std::optional<absl::Time> time;
  Incident incident;
};

/// What staff said of an incident.
struct Review {
  std::string review_id;  // UUID
  std::string incident_id;
  ReviewState state = ReviewState::kUnspecified;
  std::string reviewer;
  std::string note;
  absl::Time create_time;
};

/// Which incidents. Empty, unset and kUnspecified mean "any".
struct IncidentFilter {
  std::vector<std::string> store_ids;
  std::vector<std::string> camera_ids;
  std::vector<IncidentKind> kinds;
  Severity min_severity = Severity::kUnspecified;
  IncidentState state = IncidentState::kUnspecified;
  ReviewState review_state = ReviewState::kUnspecified;
  std::optional<absl::Time> opened_from;   // Inclusive.
  std::optional<absl::Time> opened_until;  // Exclusive.
};

/// Where an incident stands in the order of lists: newest first, then by id, descending.
struct IncidentPosition {
  absl::Time opened_time;
  std::string incident_id;
};

}  // namespace aislewatch::events
