// What event storage needs of a database, one interface for each role.
//
// Implementations are thread-safe and block, so callers run them on a thread pool, never on a gRPC
// thread. Every method may return UNAVAILABLE while the database is away; nothing has then been
// stored, or, where the message says so, it is not known whether it has, and the same call may be
// made again. Arguments have been validated by core before they come here.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "services/events/core/camera.h"
#include "services/events/core/evidence.h"
#include "services/events/core/incident.h"

namespace aislewatch::events {

struct RecordResult {
  uint32_t recorded = 0;    // Written now.
  uint32_t duplicates = 0;  // Already there.
};

struct IncidentHistory {
  Incident incident;
  std::vector<Transition> transitions;  // By number.
  std::vector<Review> reviews;          // Oldest first.
};

/// Where an incident is.
struct IncidentPlace {
  std::string store_id;
  std::string camera_id;
};

/// One entry of the feed of changes; exactly one of transition and review is set.
struct Change {
  uint64_t number = 0;
  std::optional<Transition> transition;
  std::optional<Review> review;
};

/// A piece of the feed.
struct ChangeBatch {
  std::vector<Change> changes;  // By number.
  /// Every change up to this number that fits the filter has been told; >= the number asked from.
  uint64_t read_up_to = 0;
};

/// Incidents, their history and reviews.
class EventStore {
 public:
  virtual ~EventStore() = default;

  /// All or nothing, idempotent by incident id and number. Late older transitions join the history
  /// and leave the incident as it is. INVALID_ARGUMENT where a transition contradicts what never
  /// changes in its incident: camera, store, opening time.
  virtual absl::StatusOr<RecordResult> Record(const std::vector<Transition>& transitions) = 0;
  /// NOT_FOUND.
  virtual absl::StatusOr<IncidentHistory> Get(const std::string& incident_id) = 0;
  /// NOT_FOUND.
  virtual absl::StatusOr<IncidentPlace> Place(const std::string& incident_id) = 0;
  /// Newest first, those after `after` only, at most `limit`.
  virtual absl::StatusOr<std::vector<Incident>> List(const IncidentFilter& filter,
                                                     const std::optional<IncidentPosition>& after,
                                                     size_t limit) = 0;
  /// Stores the review (create_time aside) and returns it. Idempotent by review_id. NOT_FOUND where
  /// there is no such incident.
  virtual absl::StatusOr<Review> AddReview(const Review& review) = 0;
  /// Keeps an incident from retention, or lets go of it. Idempotent. Returns the incident as it is
  /// then. NOT_FOUND.
  virtual absl::StatusOr<Incident> SetHold(const std::string& incident_id, bool hold) = 0;
  /// The number of the last change; 0 where there was none.
  virtual absl::StatusOr<uint64_t> LastChange() = 0;
  /// Changes with numbers above `after`, at most `limit`. OUT_OF_RANGE where `after` lies above the
  /// last change.
  virtual absl::StatusOr<ChangeBatch> ReadChanges(const IncidentFilter& filter, uint64_t after,
                                                  size_t limit) = 0;
};

/// Evidence and its bytes.
class EvidenceStore {
 public:
  virtual ~EvidenceStore() = default;

  /// NOT_FOUND.
  virtual absl::StatusOr<Evidence> GetEvidence(const std::string& evidence_id) = 0;
  /// Oldest first. NOT_FOUND where there is no such incident.
  virtual absl::StatusOr<std::vector<Evidence>> ListEvidence(const std::string& incident_id) = 0;
  /// Stores a description whose bytes are not there: state pending or failed. Never takes a READY
  /// or EXPIRED one back, nor makes a FAILED one PENDING again. FAILED_PRECONDITION where its
  /// incident has not been recorded. Returns what is stored.
  virtual absl::StatusOr<Evidence> DescribeEvidence(const Evidence& evidence) = 0;

  /// How many bytes of `evidence_id` with that sha256 an upload that broke off has left, from the
  /// first on; 0 where there is none.
  virtual absl::StatusOr<uint64_t> UploadedBytes(const std::string& evidence_id,
                                                 const std::string& sha256) = 0;
  /// Begins a place for bytes, which nobody sees until CommitUpload, or goes on with the one that
  /// an upload of the same evidence has left: its first `offset` bytes stay. ABORTED where it
  /// cannot go on there.
  virtual absl::StatusOr<std::string> BeginUpload(const std::string& evidence_id,
                                                  const std::string& sha256, uint64_t offset) = 0;
  /// Bytes of an upload from `offset` on, at most kMaxEvidenceChunkBytes, at least one unless it
  /// has no more.
  virtual absl::StatusOr<std::string> ReadUpload(const std::string& upload_id, uint64_t offset) = 0;
  /// Appends bytes at `offset`, at most kMaxEvidenceChunkBytes.
  virtual absl::Status AppendUpload(const std::string& upload_id, uint64_t offset,
                                    absl::string_view bytes) = 0;
  /// Makes the bytes those of `evidence` and its state READY. Where another upload of the same
  /// evidence came first, that one stays: OK where its sha256 is the same, else ALREADY_EXISTS.
  virtual absl::StatusOr<Evidence> CommitUpload(const std::string& upload_id,
                                                const Evidence& evidence) = 0;
  /// Frees what an upload that will never be committed has stored.
  virtual void AbandonUpload(const std::string& upload_id) = 0;
  /// Frees what uploads have stored that were begun or gone on with more than `age` ago and never
  /// committed. Returns how many.
  virtual absl::StatusOr<int> SweepUploads(absl::Duration age) = 0;

  /// Bytes of READY evidence from `offset` on, at most kMaxEvidenceChunkBytes, at least one unless
  /// `offset` is its size. NOT_FOUND, or FAILED_PRECONDITION where its state has no bytes.
  virtual absl::StatusOr<std::string> ReadEvidence(const std::string& evidence_id,
                                                   uint64_t offset) = 0;
};

/// Cameras with their zones and rules.
class CameraStore {
 public:
  virtual ~CameraStore() = default;

  /// ALREADY_EXISTS; INVALID_ARGUMENT where its time zone is not known.
  virtual absl::StatusOr<Camera> Create(const Camera& camera) = 0;
  /// `check_revision`: ABORTED where camera.revision is not the stored one. NOT_FOUND;
  /// INVALID_ARGUMENT where its time zone is another than before and not known.
  virtual absl::StatusOr<Camera> Update(const Camera& camera, bool check_revision) = 0;
  /// NOT_FOUND.
  virtual absl::Status Delete(const std::string& camera_id) = 0;
  /// NOT_FOUND.
  virtual absl::StatusOr<CameraWithStatus> Get(const std::string& camera_id) = 0;
  /// By id, those after `after` only, at most `limit`. An empty list of ids means all of them.
  virtual absl::StatusOr<std::vector<CameraWithStatus>> List(
      const std::vector<std::string>& store_ids, const std::vector<std::string>& camera_ids,
      const std::string& after, size_t limit) = 0;
};

/// Who runs which camera. Time is the database's.
class LeaseStore {
 public:
  virtual ~LeaseStore() = default;

  /// Gives back, renews and takes leases, and keeps the reports, in one transaction.
  virtual absl::StatusOr<LeaseGrant> Sync(const LeaseRequest& request) = 0;
};

}  // namespace aislewatch::events
