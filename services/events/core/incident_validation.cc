#include "services/events/core/incident_validation.h"

#include <limits>
#include <string>

#include "absl/strings/str_cat.h"
#include "common/base/ids.h"
#include "services/events/core/faults.h"

namespace aislewatch::events {
namespace {

constexpr size_t kMaxTracks = 1000;
constexpr size_t kMaxFilterValues = 1000;
constexpr size_t kMaxReviewerLength = 128;
constexpr size_t kMaxNoteLength = 4000;
// A month's incidents lie in one partition, made when its first one comes; a wild clock must not
// make them without end.
const absl::Time kEarliest = absl::UnixEpoch();
const absl::Time kLatest = absl::FromUnixSeconds(4102444800);  // 2100-01-01

template <typename Enum>
bool Known(Enum value, int last) {
  return static_cast<int>(value) >= 1 && static_cast<int>(value) <= last;
}

template <typename Enum>
bool KnownOrUnset(Enum value, int last) {
  return static_cast<int>(value) >= 0 && static_cast<int>(value) <= last;
}

constexpr int kLastIncidentKind = static_cast<int>(kIncidentKindNames.size()) - 1;
constexpr int kLastSeverity = static_cast<int>(kSeverityNames.size()) - 1;

void CheckTime(const std::optional<absl::Time>& time, absl::string_view what, bool required,
               Faults& faults) {
  if (!time.has_value()) {
    if (required) faults.Add(what, "is missing");
  } else if (*time < kEarliest || *time >= kLatest) {
    faults.Add(what, "must lie between 1970 and 2100");
  }
}

void CheckProbability(float value, absl::string_view what, Faults& faults) {
  if (!(value >= 0 && value <= 1)) faults.Add(what, "must be 0..1");  // Not-a-number fails, too.
}

void CheckTracks(const std::vector<IncidentTrack>& tracks, Faults& faults) {
  if (tracks.size() > kMaxTracks) faults.Add("tracks", "are more than 1000");
  for (const IncidentTrack& track : tracks) {
    const std::string what = absl::StrCat("track ", track.track_id);
    if (track.track_id == 0 || track.track_id > std::numeric_limits<int64_t>::max()) {
      faults.Add(what, "has an id outside 1..2^63-1");
    }
    CheckProbability(track.peak_risk, what + "'s peak_risk", faults);
    CheckTime(track.first_time, what + "'s first_time", false, faults);
    CheckTime(track.last_time, what + "'s last_time", false, faults);
  }
}

void CheckIncident(const Incident& incident, Faults& faults) {
  faults.Add(CheckUuid(incident.incident_id, "incident_id"));
  faults.Add(CheckId(incident.camera_id, "camera_id"));
  faults.Add(CheckId(incident.store_id, "store_id"));
  if (!Known(incident.kind, kLastIncidentKind)) faults.Add("kind", "must be given");
  if (!Known(incident.severity, kLastSeverity)) faults.Add("severity", "must be given");
  if (!Known(incident.state, kLastIncidentState)) faults.Add("state", "must be given");
  CheckTime(incident.opened_time, "opened_time", true, faults);
  CheckTime(incident.updated_time, "updated_time", true, faults);
  CheckTime(incident.closed_time, "closed_time", incident.state == IncidentState::kClosed, faults);
  CheckProbability(incident.peak_risk, "peak_risk", faults);
  CheckTracks(incident.tracks, faults);
  if (incident.content.size() > kMaxContentBytes) faults.Add("incident", "is over 256 KiB as JSON");
}

void CheckIds(const std::vector<std::string>& ids, absl::string_view what, Faults& faults) {
  if (ids.size() > kMaxFilterValues) faults.Add(what, "are more than 1000");
  for (const std::string& id : ids) faults.Add(CheckId(id, what));
}

}  // namespace

absl::Status CheckUuid(const std::string& id, absl::string_view what) {
  if (IsUuid(id)) return absl::OkStatus();
  return absl::InvalidArgumentError(absl::StrCat(
      what, " \"", id.substr(0, 40), "\" must be a UUID in lower-case hexadecimal with hyphens"));
}

absl::Status CheckTransitions(const std::vector<Transition>& transitions) {
  if (transitions.empty() || transitions.size() > kMaxTransitionsPerCall) {
    return absl::InvalidArgumentError(
        absl::StrCat("transitions: ", transitions.size(), " given; a call takes 1..500"));
  }
  Faults all;
  for (size_t i = 0; i < transitions.size(); ++i) {
    const Transition& transition = transitions[i];
    Faults faults;
    if (transition.number == 0 ||
        transition.number > static_cast<uint32_t>(std::numeric_limits<int32_t>::max())) {
      faults.Add("number", "must be 1..2147483647");
    }
    if (!Known(transition.kind, kLastTransitionKind)) faults.Add("kind", "must be given");
    CheckTime(transition.time, "time", true, faults);
    CheckIncident(transition.incident, faults);
    all.Add(faults.ToStatus(absl::StrCat("transitions[", i, "] (number ", transition.number,
                                         " of incident \"",
                                         transition.incident.incident_id.substr(0, 40), "\")")));
  }
  return all.ToStatus("cannot record");
}

absl::Status CheckFilter(const IncidentFilter& filter) {
  Faults faults;
  CheckIds(filter.store_ids, "store_ids", faults);
  CheckIds(filter.camera_ids, "camera_ids", faults);
  for (const IncidentKind kind : filter.kinds) {
    if (!Known(kind, kLastIncidentKind)) faults.Add("kinds", "has an unknown kind");
  }
  if (!KnownOrUnset(filter.min_severity, kLastSeverity)) faults.Add("min_severity", "is unknown");
  if (!KnownOrUnset(filter.state, kLastIncidentState)) faults.Add("state", "is unknown");
  if (!KnownOrUnset(filter.review_state, kLastReviewState))
    faults.Add("review_state", "is unknown");
  if (filter.opened_from.has_value() && filter.opened_until.has_value() &&
      *filter.opened_from >= *filter.opened_until) {
    faults.Add("opened_until", "must be later than opened_from");
  }
  return faults.ToStatus("filter");
}

absl::Status CheckReview(const Review& review) {
  Faults faults;
  faults.Add(CheckUuid(review.incident_id, "incident_id"));
  if (!Known(review.state, kLastReviewState)) {
    faults.Add("state", "must be CONFIRMED, FALSE_ALARM or UNREVIEWED");
  }
  if (review.reviewer.empty() || review.reviewer.size() > kMaxReviewerLength) {
    faults.Add("reviewer", "must be 1..128 characters");
  }
  if (review.note.size() > kMaxNoteLength) faults.Add("note", "is over 4,000 characters");
  // PostgreSQL's text cannot hold it.
  if (review.reviewer.find('\0') != std::string::npos ||
      review.note.find('\0') != std::string::npos) {
    faults.Add("note or reviewer", "has a zero character");
  }
  return faults.ToStatus("review");
}

}  // namespace aislewatch::events
