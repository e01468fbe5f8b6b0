#include "services/events/core/scoped_stores.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "common/base/status.h"
#include "services/events/core/not_found.h"

namespace aislewatch::events {
namespace {

absl::Status OutsideOfScope(absl::string_view what, const std::string& store_id,
                            const std::string& camera_id, const Principal& principal) {
  return absl::PermissionDeniedError(absl::StrCat(what, " camera ", camera_id, " in store ",
                                                  store_id, " lies outside of the scope of ",
                                                  principal.name));
}

}  // namespace

std::optional<std::vector<std::string>> Intersect(const std::vector<std::string>& asked,
                                                  const std::vector<std::string>& scope) {
  if (scope.empty()) return asked;
  if (asked.empty()) return scope;
  std::vector<std::string> both;
  for (const std::string& id : asked) {
    if (std::find(scope.begin(), scope.end(), id) != scope.end()) both.push_back(id);
  }
  if (both.empty()) return std::nullopt;
  return both;
}

std::optional<IncidentFilter> Intersect(const IncidentFilter& filter, const Scope& scope) {
  auto stores = Intersect(filter.store_ids, scope.store_ids);
  auto cameras = Intersect(filter.camera_ids, scope.camera_ids);
  if (!stores.has_value() || !cameras.has_value()) return std::nullopt;
  IncidentFilter both = filter;
  both.store_ids = *std::move(stores);
  both.camera_ids = *std::move(cameras);
  return both;
}

absl::StatusOr<RecordResult> ScopedEventStore::Record(const std::vector<Transition>& transitions) {
  for (size_t i = 0; i < transitions.size(); ++i) {
    const Incident& incident = transitions[i].incident;
    if (!principal_.scope.Covers(incident.store_id, incident.camera_id)) {
      return OutsideOfScope(absl::StrCat("transitions[", i, "]:"), incident.store_id,
                            incident.camera_id, principal_);
    }
  }
  return store_.Record(transitions);
}

absl::StatusOr<IncidentPlace> ScopedEventStore::Place(const std::string& incident_id) {
  AW_ASSIGN_OR_RETURN(IncidentPlace place, store_.Place(incident_id));
  if (!principal_.scope.Covers(place.store_id, place.camera_id)) return NoIncident(incident_id);
  return place;
}

absl::StatusOr<IncidentHistory> ScopedEventStore::Get(const std::string& incident_id) {
  if (!principal_.scope.everything()) AW_RETURN_IF_ERROR(Place(incident_id).status());
  return store_.Get(incident_id);
}

absl::StatusOr<std::vector<Incident>> ScopedEventStore::List(
    const IncidentFilter& filter, const std::optional<IncidentPosition>& after, size_t limit) {
  if (principal_.role == Role::kIngest && filter.state != IncidentState::kOpen) {
    return absl::PermissionDeniedError("ingest may list open incidents only; filter by that state");
  }
  const auto both = Intersect(filter, principal_.scope);
  if (!both.has_value()) return std::vector<Incident>();
  return store_.List(*both, after, limit);
}

absl::StatusOr<Review> ScopedEventStore::AddReview(const Review& review) {
  if (!principal_.scope.everything()) AW_RETURN_IF_ERROR(Place(review.incident_id).status());
  Review signed_review = review;
  if (!principal_.installation) signed_review.reviewer = principal_.name;
  return store_.AddReview(signed_review);
}

absl::StatusOr<Incident> ScopedEventStore::SetHold(const std::string& incident_id, bool hold) {
  if (!principal_.scope.everything()) AW_RETURN_IF_ERROR(Place(incident_id).status());
  return store_.SetHold(incident_id, hold);
}

absl::StatusOr<ChangeBatch> ScopedEventStore::ReadChanges(const IncidentFilter& filter,
                                                          uint64_t after, size_t limit) {
  const auto both = Intersect(filter, principal_.scope);
  if (both.has_value()) return store_.ReadChanges(*both, after, limit);
  AW_ASSIGN_OR_RETURN(const uint64_t last, store_.LastChange());
  if (after > last) {
    return absl::OutOfRangeError(
        absl::StrCat("change ", after, " lies above the last one, ", last));
  }
  return ChangeBatch{{}, last};
}

absl::Status ScopedEvidenceStore::CheckIncident(const std::string& incident_id) {
  return everything_ ? absl::OkStatus() : events_.Place(incident_id).status();
}

absl::StatusOr<Evidence> ScopedEvidenceStore::GetEvidence(const std::string& evidence_id) {
  AW_ASSIGN_OR_RETURN(Evidence evidence, store_.GetEvidence(evidence_id));
  const absl::Status status = CheckIncident(evidence.incident_id);
  if (absl::IsNotFound(status)) return NoEvidence(evidence_id);
  AW_RETURN_IF_ERROR(status);
  readable_ = evidence_id;
  return evidence;
}

absl::StatusOr<std::vector<Evidence>> ScopedEvidenceStore::ListEvidence(
    const std::string& incident_id) {
  AW_RETURN_IF_ERROR(CheckIncident(incident_id));
  return store_.ListEvidence(incident_id);
}

absl::StatusOr<Evidence> ScopedEvidenceStore::DescribeEvidence(const Evidence& evidence) {
  const absl::Status status = CheckIncident(evidence.incident_id);
  if (absl::IsNotFound(status)) return NotRecorded(evidence.incident_id);
  AW_RETURN_IF_ERROR(status);
  return store_.DescribeEvidence(evidence);
}

absl::StatusOr<Evidence> ScopedEvidenceStore::CommitUpload(const std::string& upload_id,
                                                           const Evidence& evidence) {
  const absl::Status status = CheckIncident(evidence.incident_id);
  if (absl::IsNotFound(status)) return NotRecorded(evidence.incident_id);
  AW_RETURN_IF_ERROR(status);
  return store_.CommitUpload(upload_id, evidence);
}

absl::StatusOr<std::string> ScopedEvidenceStore::ReadEvidence(const std::string& evidence_id,
                                                              uint64_t offset) {
  if (readable_ != evidence_id) AW_RETURN_IF_ERROR(GetEvidence(evidence_id).status());
  return store_.ReadEvidence(evidence_id, offset);
}

absl::Status ScopedCameraStore::CheckNew(const Camera& camera) const {
  if (principal_.scope.Covers(camera.store_id, camera.camera_id)) return absl::OkStatus();
  return OutsideOfScope("a", camera.store_id, camera.camera_id, principal_);
}

absl::StatusOr<Camera> ScopedCameraStore::Create(const Camera& camera) {
  AW_RETURN_IF_ERROR(CheckNew(camera));
  return store_.Create(camera);
}

absl::StatusOr<Camera> ScopedCameraStore::Update(const Camera& camera, bool check_revision) {
  if (principal_.scope.everything()) return store_.Update(camera, check_revision);
  AW_ASSIGN_OR_RETURN(const CameraWithStatus stored, Get(camera.camera_id));
  AW_RETURN_IF_ERROR(CheckNew(camera));
  // Of the revision that was seen to lie in the scope, for it may be moved to another store now.
  Camera change = camera;
  if (!check_revision) change.revision = stored.camera.revision;
  return store_.Update(change, /*check_revision=*/true);
}

absl::Status ScopedCameraStore::Delete(const std::string& camera_id) {
  if (!principal_.scope.everything()) AW_RETURN_IF_ERROR(Get(camera_id).status());
  return store_.Delete(camera_id);
}

absl::StatusOr<CameraWithStatus> ScopedCameraStore::Get(const std::string& camera_id) {
  AW_ASSIGN_OR_RETURN(CameraWithStatus found, store_.Get(camera_id));
  if (!principal_.scope.Covers(found.camera.store_id, camera_id)) return NoCamera(camera_id);
  return found;
}

absl::StatusOr<std::vector<CameraWithStatus>> ScopedCameraStore::List(
    const std::vector<std::string>& store_ids, const std::vector<std::string>& camera_ids,
    const std::string& after, size_t limit) {
  const auto stores = Intersect(store_ids, principal_.scope.store_ids);
  const auto cameras = Intersect(camera_ids, principal_.scope.camera_ids);
  if (!stores.has_value() || !cameras.has_value()) return std::vector<CameraWithStatus>();
  return store_.List(*stores, *cameras, after, limit);
}

}  // namespace aislewatch::events
