// What fusion says: risks, incidents and the steps of their lives. Plain values; the protos
// Incident and IncidentTransition hold the same.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/time/time.h"
#include "common/roles/model_info.h"
#include "common/scene/scene.h"
#include "common/risk/risk_model.h"
#include "services/fusion/core/judged_frame.h"
#include "services/fusion/core/visit.h"

namespace aislewatch::fusion {

/// One track's part in an incident.
struct IncidentTrack {
  uint64_t track_id = 0;
  /// Highest risk of the track in the incident, 0..1.
  float peak_risk = 0;
  absl::Time first_time;
  absl::Time last_time;
};

/// One scene that staff should know of. Times are capture times;
/// opened_time <= peak_time, updated_time <= closed_time.
struct Incident {
  /// UUID.
  std::string id;
  IncidentKind kind = IncidentKind::kUnspecified;
  /// Only ever rises.
  Severity severity = Severity::kUnspecified;
  bool open = true;
  absl::Time opened_time;
  /// The last frame that belongs to it.
  absl::Time updated_time;
  /// Meaningful once it is closed.
  absl::Time closed_time;
  float peak_risk = 0;
  absl::Time peak_time;
  std::vector<IncidentTrack> tracks;
  std::vector<std::string> rule_ids;
  std::vector<std::string> zone_ids;
  /// Of the risk at the peak.
  std::vector<RiskPart> parts;
  std::vector<ModelInfo> models;
  std::vector<std::string> degraded;
  /// Number of its last transition, from 1.
  uint32_t transition_number = 0;
};

/// Numbered as aislewatch.v1.TransitionKind.
enum class TransitionKind : uint8_t { kUnspecified, kOpened, kUpdated, kClosed };
inline constexpr std::array<absl::string_view, 4> kTransitionKindNames = {"unspecified", "opened",
                                                                          "updated", "closed"};

/// A step in an incident's life, with the incident as it is after it. Its number is
/// incident.transition_number.
struct Transition {
  TransitionKind kind = TransitionKind::kUnspecified;
  /// Capture time of the frame that caused it.
  absl::Time time;
  Incident incident;
};

/// The risk of one person in one frame.
struct PersonRisk {
  uint64_t track_id = 0;
  /// Unset during a track's warm-up.
  std::optional<float> pose_anomaly;
  /// Unset where there is no clip score.
  std::optional<float> shoplifting;
  Risk concealment;
  Risk fight;
  std::vector<std::string> zone_ids;
  /// Zones that the person looks at.
  std::vector<std::string> looking_at_zone_ids;
  /// How long the track has been seen.
  absl::Duration dwell;

  /// The greater of both risks.
  const Risk& greatest() const { return fight.value > concealment.value ? fight : concealment; }
};

/// What fusion says of one frame.
struct Judgement {
  /// One per person, in the observation's order.
  std::vector<PersonRisk> people;
  /// In the order in which they happened.
  std::vector<Transition> transitions;
  /// What a journal keeps of the frame.
  JudgedFrame judged;
  /// Visits to zones that ended with this frame.
  std::vector<Visit> visits;
};

}  // namespace aislewatch::fusion
