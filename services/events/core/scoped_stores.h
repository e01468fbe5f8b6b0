// The stores as one caller may see them: what lies outside of its scope is not there.
//
// Every call of a client goes through these, so that a handler cannot forget to ask; a new method
// of a store does not compile before it is said here how a scope limits it. They are made for a
// call and live as long as it. Not thread-safe: one call at a time. What they refer to must outlive
// them.
#pragma once

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "services/events/core/access.h"
#include "services/events/core/stores.h"

namespace aislewatch::events {

/// The filter for what fits both; nothing where that is empty, which a filter cannot say.
std::optional<IncidentFilter> Intersect(const IncidentFilter& filter, const Scope& scope);
/// Likewise for lists of ids, in which an empty one means all of them.
std::optional<std::vector<std::string>> Intersect(const std::vector<std::string>& asked,
                                                  const std::vector<std::string>& scope);

class ScopedEventStore : public EventStore {
 public:
  ScopedEventStore(EventStore& store, Principal principal)
      : store_(store), principal_(std::move(principal)) {}

  /// PERMISSION_DENIED where a transition's camera or store lies outside of the scope.
  absl::StatusOr<RecordResult> Record(const std::vector<Transition>& transitions) override;
  absl::StatusOr<IncidentHistory> Get(const std::string& incident_id) override;
  absl::StatusOr<IncidentPlace> Place(const std::string& incident_id) override;
  /// Ingest may list open incidents only.
  absl::StatusOr<std::vector<Incident>> List(const IncidentFilter& filter,
                                             const std::optional<IncidentPosition>& after,
                                             size_t limit) override;
  /// The reviewer is the principal, whatever the review says.
  absl::StatusOr<Review> AddReview(const Review& review) override;
  absl::StatusOr<Incident> SetHold(const std::string& incident_id, bool hold) override;
  absl::StatusOr<uint64_t> LastChange() override { return store_.LastChange(); }
  absl::StatusOr<ChangeBatch> ReadChanges(const IncidentFilter& filter, uint64_t after,
                                          size_t limit) override;

 private:
  EventStore& store_;
  const Principal principal_;
};

class ScopedEvidenceStore : public EvidenceStore {
 public:
  /// `events` knows where incidents are.
  ScopedEvidenceStore(EvidenceStore& store, EventStore& events, const Principal& principal)
      : store_(store), events_(events, principal), everything_(principal.scope.everything()) {}

  absl::StatusOr<Evidence> GetEvidence(const std::string& evidence_id) override;
  absl::StatusOr<std::vector<Evidence>> ListEvidence(const std::string& incident_id) override;
  absl::StatusOr<Evidence> DescribeEvidence(const Evidence& evidence) override;
  // Only who may record calls these; the incident is checked by the other two.
  absl::StatusOr<uint64_t> UploadedBytes(const std::string& evidence_id,
                                         const std::string& sha256) override {
    return store_.UploadedBytes(evidence_id, sha256);
  }
  absl::StatusOr<std::string> BeginUpload(const std::string& evidence_id, const std::string& sha256,
                                          uint64_t offset) override {
    return store_.BeginUpload(evidence_id, sha256, offset);
  }
  absl::StatusOr<std::string> ReadUpload(const std::string& upload_id, uint64_t offset) override {
    return store_.ReadUpload(upload_id, offset);
  }
  absl::Status AppendUpload(const std::string& upload_id, uint64_t offset,
                            absl::string_view bytes) override {
    return store_.AppendUpload(upload_id, offset, bytes);
  }
  absl::StatusOr<Evidence> CommitUpload(const std::string& upload_id,
                                        const Evidence& evidence) override;
  void AbandonUpload(const std::string& upload_id) override { store_.AbandonUpload(upload_id); }
  absl::StatusOr<int> SweepUploads(absl::Duration age) override { return store_.SweepUploads(age); }
  absl::StatusOr<std::string> ReadEvidence(const std::string& evidence_id,
                                           uint64_t offset) override;

 private:
  // OK where the incident lies in the scope.
  absl::Status CheckIncident(const std::string& incident_id);

  EvidenceStore& store_;
  ScopedEventStore events_;
  const bool everything_;
  std::string readable_;  // The evidence that was found in the scope last.
};

class ScopedCameraStore : public CameraStore {
 public:
  ScopedCameraStore(CameraStore& store, Principal principal)
      : store_(store), principal_(std::move(principal)) {}

  /// PERMISSION_DENIED where the camera would lie outside of the scope; so does Update.
  absl::StatusOr<Camera> Create(const Camera& camera) override;
  absl::StatusOr<Camera> Update(const Camera& camera, bool check_revision) override;
  absl::Status Delete(const std::string& camera_id) override;
  absl::StatusOr<CameraWithStatus> Get(const std::string& camera_id) override;
  absl::StatusOr<std::vector<CameraWithStatus>> List(const std::vector<std::string>& store_ids,
                                                     const std::vector<std::string>& camera_ids,
                                                     const std::string& after,
                                                     size_t limit) override;

 private:
  absl::Status CheckNew(const Camera& camera) const;

  CameraStore& store_;
  const Principal principal_;
};

}  // namespace aislewatch::events
