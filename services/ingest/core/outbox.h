// Keeps transitions, evidence and visits safe until event storage has committed them.
//
// Written before they are sent, removed once they are stored: what is in the outbox survives the
// death of this process and any outage of event storage. adapters/sqlite_outbox.h implements it.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "absl/types/span.h"

namespace aislewatch::ingest {

/// What an item of the outbox is. The numbers are stored; never change them.
enum class OutboxKind { kTransition = 1, kEvidence = 2, kVisit = 3 };

/// Which piece of evidence; the numbers are those of aislewatch.v1.EvidenceKind.
enum class EvidenceKind { kSnapshot = 1, kSnapshotOverlay = 2, kClip = 3, kScoreCurve = 4 };

/// How a piece of evidence is; the numbers are those of aislewatch.v1.EvidenceState.
enum class EvidenceState {
  /// Announced: its bytes will follow, or the reason why not.
  kPending = 1,
  kReady = 2,
  kFailed = 3,
};

/// What of the outbox is to be read: large bodies travel apart, so that no incident waits for a clip
/// on a slow line, and so do visits, which event storage adds to sums and may refuse for reasons of their own.
enum class OutboxLane { kFirst, kBulk, kVisits };

/// One thing to be stored.
struct OutboxItem {
  /// Given by the outbox; rises in the order of appending.
  int64_t id = 0;
  OutboxKind kind = OutboxKind::kTransition;
  std::string camera_id;
  std::string incident_id;
  /// For transitions: number, and whether the incident is open after it.
  uint32_t number = 0;
  bool leaves_open = false;
  /// For evidence.
  std::string evidence_id;
  EvidenceKind evidence_kind = EvidenceKind::kSnapshot;
  EvidenceState evidence_state = EvidenceState::kReady;
  absl::Time capture_time;
  /// When it was appended; given by the outbox to an item that has none.
  absl::Time append_time = absl::InfinitePast();
  /// For transitions an aislewatch.v1.IncidentTransition, for evidence that is READY its bytes, for
  /// what FAILED the reason, for visits an aislewatch.v1.ZoneVisit.
  std::string body;
};

/// Clips with their bytes are bulk, visits a lane of their own; everything else goes first.
inline OutboxLane LaneOf(const OutboxItem& item) {
  if (item.kind == OutboxKind::kVisit) return OutboxLane::kVisits;
  const bool clip = item.kind == OutboxKind::kEvidence &&
                    item.evidence_kind == EvidenceKind::kClip &&
                    item.evidence_state == EvidenceState::kReady;
  return clip ? OutboxLane::kBulk : OutboxLane::kFirst;
}

/// An ordered, durable list. Thread-safe. Calls block for the disk.
class Outbox {
 public:
  virtual ~Outbox() = default;
  /// Appends all items or none; when it returns OK they survive a power cut. RESOURCE_EXHAUSTED
  /// where the disk is full. Evidence that is PENDING becomes a promise, which the same evidence,
  /// READY or FAILED, ends: both in the transaction that appends. Visits are appended apart from the rest,
  /// so that they never cost an incident its place.
  virtual absl::Status Append(absl::Span<const OutboxItem> items) = 0;
  /// Items of a lane with an id above `after`, in order: at most `limit` of them, and so many that
  /// their bodies have some megabytes together, but at least one unless there is none.
  virtual absl::StatusOr<std::vector<OutboxItem>> Read(int64_t after, size_t limit,
                                                       OutboxLane lane = OutboxLane::kFirst) = 0;
  /// Removes items that event storage has committed; unknown ids are ignored.
  virtual absl::Status Remove(absl::Span<const int64_t> ids) = 0;
  /// Moves an item that event storage refuses for ever to the dead letters, with the reason.
  virtual absl::Status Bury(int64_t id, absl::string_view reason) = 0;
  /// Transitions of `camera_id` that wait, without evidence, in order.
  virtual absl::StatusOr<std::vector<OutboxItem>> TransitionsOf(absl::string_view camera_id) = 0;
  /// The announcements of evidence that has become neither READY nor FAILED.
  virtual absl::StatusOr<std::vector<OutboxItem>> Promises() = 0;
  /// When the oldest item that waits was appended; InfiniteFuture where none waits.
  virtual absl::StatusOr<absl::Time> Oldest() = 0;
  /// Items that wait. Does not block.
  virtual size_t pending() const = 0;
};

}  // namespace aislewatch::ingest
