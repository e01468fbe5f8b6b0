// Event storage and an outbox in memory, for tests.
#pragma once

#include <algorithm>
#include <functional>
#include <map>
#include <string>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "services/ingest/core/event_sink.h"
#include "services/ingest/core/outbox.h"

namespace aislewatch::ingest {

inline OutboxItem TransitionItem(const std::string& incident, uint32_t number, bool open = true,
                                 const std::string& camera = "cam") {
  OutboxItem item;
  item.camera_id = camera;
  item.incident_id = incident;
  item.number = number;
  item.leaves_open = open;
  item.body = incident + "/" + std::to_string(number);
  return item;
}

inline OutboxItem EvidenceItem(const std::string& incident, const std::string& evidence,
                               std::string body = "jpeg") {
  OutboxItem item;
  item.kind = OutboxKind::kEvidence;
  item.camera_id = "cam";
  item.incident_id = incident;
  item.evidence_id = evidence;
  item.body = std::move(body);
  return item;
}

inline OutboxItem VisitItem(const std::string& visit) {
  OutboxItem item;
  item.kind = OutboxKind::kVisit;
  item.camera_id = "cam";
  item.evidence_id = visit;
  item.body = visit;
  return item;
}

/// Remembers what it is told; fails where a test says so. Thread-safe.
class FakeEventSink : public EventSink {
 public:
  /// Asked for every item; an error for one of a batch fails the batch.
  using Verdict = std::function<absl::Status(const OutboxItem&)>;
  void FailWhere(Verdict verdict) {
    absl::MutexLock lock(&mutex_);
    verdict_ = std::move(verdict);
  }
  void SetOpen(absl::StatusOr<std::vector<OpenIncident>> open) {
    absl::MutexLock lock(&mutex_);
    open_ = std::move(open);
  }

  absl::Status Record(absl::Span<const OutboxItem> transitions) override {
    absl::MutexLock lock(&mutex_);
    ++calls_;
    for (const OutboxItem& t : transitions) {
      if (absl::Status s = Judge(t); !s.ok()) return s;
    }
    for (const OutboxItem& t : transitions) stored_.push_back(t.body);
    return absl::OkStatus();
  }
  absl::Status Upload(const OutboxItem& evidence) override {
    absl::MutexLock lock(&mutex_);
    ++calls_;
    if (absl::Status s = Judge(evidence); !s.ok()) return s;
    stored_.push_back(evidence.evidence_id);
    return absl::OkStatus();
  }
  absl::Status RecordVisits(absl::Span<const OutboxItem> visits) override {
    absl::MutexLock lock(&mutex_);
    visit_batches_.push_back(visits.size());
    for (const OutboxItem& visit : visits) {
      if (absl::Status s = Judge(visit); !s.ok()) return s;
    }
    for (const OutboxItem& visit : visits) visits_.push_back(visit.body);
    return absl::OkStatus();
  }
  absl::StatusOr<std::vector<OpenIncident>> ListOpen(absl::string_view) override {
    absl::MutexLock lock(&mutex_);
    return open_;
  }

  /// Bodies of transitions and ids of evidence, in the order in which they were stored.
  std::vector<std::string> stored() {
    absl::MutexLock lock(&mutex_);
    return stored_;
  }
  /// Bodies of visits, in the order in which they were stored, and how many each call held.
  std::vector<std::string> visits() {
    absl::MutexLock lock(&mutex_);
    return visits_;
  }
  std::vector<size_t> visit_batches() {
    absl::MutexLock lock(&mutex_);
    return visit_batches_;
  }
  /// Of transitions and evidence.
  int calls() {
    absl::MutexLock lock(&mutex_);
    return calls_;
  }

 private:
  absl::Status Judge(const OutboxItem& item) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) {
    return verdict_ ? verdict_(item) : absl::OkStatus();
  }

  absl::Mutex mutex_;
  Verdict verdict_ ABSL_GUARDED_BY(mutex_);
  absl::StatusOr<std::vector<OpenIncident>> open_ ABSL_GUARDED_BY(mutex_) =
      std::vector<OpenIncident>{};
  std::vector<std::string> stored_ ABSL_GUARDED_BY(mutex_);
  std::vector<std::string> visits_ ABSL_GUARDED_BY(mutex_);
  std::vector<size_t> visit_batches_ ABSL_GUARDED_BY(mutex_);
  int calls_ ABSL_GUARDED_BY(mutex_) = 0;
};

/// An outbox in memory that can be told to be full. Thread-safe.
class FakeOutbox : public Outbox {
 public:
  void SetFull(bool full) {
    absl::MutexLock lock(&mutex_);
    full_ = full;
  }
  absl::Status Append(absl::Span<const OutboxItem> items) override {
    absl::MutexLock lock(&mutex_);
    if (full_) return absl::ResourceExhaustedError("disk full");
    for (const OutboxItem& item : items) {
      items_.push_back(item);
      items_.back().id = ++last_id_;
      if (item.kind != OutboxKind::kEvidence) continue;
      if (item.evidence_state == EvidenceState::kPending) {
        promises_[item.evidence_id] = item;
      } else {
        promises_.erase(item.evidence_id);
      }
    }
    return absl::OkStatus();
  }
  absl::StatusOr<std::vector<OutboxItem>> Read(int64_t after, size_t limit,
                                               OutboxLane lane = OutboxLane::kFirst) override {
    absl::MutexLock lock(&mutex_);
    std::vector<OutboxItem> page;
    for (const OutboxItem& item : items_) {
      if (item.id > after && page.size() < limit && LaneOf(item) == lane) page.push_back(item);
    }
    return page;
  }
  absl::Status Remove(absl::Span<const int64_t> ids) override {
    absl::MutexLock lock(&mutex_);
    if (full_) return absl::ResourceExhaustedError("disk full");
    for (const int64_t id : ids) Erase(id);
    return absl::OkStatus();
  }
  absl::Status Bury(int64_t id, absl::string_view reason) override {
    absl::MutexLock lock(&mutex_);
    buried_.emplace_back(reason);
    Erase(id);
    return absl::OkStatus();
  }
  absl::StatusOr<std::vector<OutboxItem>> TransitionsOf(absl::string_view camera_id) override {
    absl::MutexLock lock(&mutex_);
    std::vector<OutboxItem> found;
    for (const OutboxItem& item : items_) {
      const bool match = item.camera_id == camera_id && item.kind == OutboxKind::kTransition;
      if (match) found.push_back(item);
    }
    return found;
  }
  absl::StatusOr<std::vector<OutboxItem>> Promises() override {
    absl::MutexLock lock(&mutex_);
    std::vector<OutboxItem> promises;
    for (const auto& [id, item] : promises_) promises.push_back(item);
    return promises;
  }
  absl::StatusOr<absl::Time> Oldest() override {
    absl::MutexLock lock(&mutex_);
    return items_.empty() ? absl::InfiniteFuture() : items_.front().append_time;
  }
  size_t pending() const override {
    absl::MutexLock lock(&mutex_);
    return items_.size();
  }
  std::vector<OutboxItem> items() {
    absl::MutexLock lock(&mutex_);
    return items_;
  }
  std::vector<std::string> buried() {
    absl::MutexLock lock(&mutex_);
    return buried_;
  }

 private:
  void Erase(int64_t id) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) {
    std::erase_if(items_, [id](const OutboxItem& i) { return i.id == id; });
  }

  mutable absl::Mutex mutex_;
  std::vector<OutboxItem> items_ ABSL_GUARDED_BY(mutex_);
  std::map<std::string, OutboxItem> promises_ ABSL_GUARDED_BY(mutex_);
  std::vector<std::string> buried_ ABSL_GUARDED_BY(mutex_);
  int64_t last_id_ ABSL_GUARDED_BY(mutex_) = 0;
  bool full_ ABSL_GUARDED_BY(mutex_) = false;
};

}  // namespace aislewatch::ingest
