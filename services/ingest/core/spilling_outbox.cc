#include "services/ingest/core/spilling_outbox.h"

#include <algorithm>
#include <string>

#include "absl/strings/str_cat.h"
#include "common/base/log.h"
#include "common/base/status.h"
#include "services/ingest/core/outbox_sender.h"

namespace aislewatch::ingest {

SpillingOutbox::SpillingOutbox(Outbox& disk, SpillLimits limits, Metrics& metrics, Clock& clock)
    : disk_(disk),
      limits_(limits),
      clock_(clock),
      write_errors_(metrics.GetCounter("aislewatch_ingest_outbox_write_errors_total",
                                       "Writes to the outbox file that failed")),
      lost_(metrics.GetCounter("aislewatch_ingest_outbox_lost_items_total",
                               "Items lost because disk and memory of the outbox were full")),
      in_memory_(metrics.GetGauge("aislewatch_ingest_outbox_memory_items",
                                  "Items that wait in memory because the disk refused them")),
      lost_visits_(DroppedVisits(metrics, "outbox_full")) {}

absl::Status SpillingOutbox::Append(absl::Span<const OutboxItem> items) {
  if (items.empty()) return absl::OkStatus();
  absl::MutexLock lock(&mutex_);
  Unspill();
  if (items.front().kind == OutboxKind::kVisit) return AppendVisits(items);
  if (memory_.empty()) {
    const absl::Status written = disk_.Append(items);
    if (written.ok()) return written;
    write_errors_.Add();
    LogError("the outbox cannot be written; going on in memory, where a crash loses incidents",
             {{"error", std::string(written.message())}});
  }
  absl::Status status;
  for (const OutboxItem& item : items) status.Update(Spill(item));
  ShowCount();
  return status;
}

absl::Status SpillingOutbox::AppendVisits(absl::Span<const OutboxItem> visits) {
  const absl::Status written =
      memory_.empty() ? disk_.Append(visits)
                      : absl::ResourceExhaustedError("incidents wait for room on the disk");
  if (!written.ok()) {
    lost_visits_.Add(static_cast<double>(visits.size()));
    if (!losing_visits_) {
      LogWarning("visits are not counted: the outbox does not take them",
                 {{"camera", visits.front().camera_id}, {"error", std::string(written.message())}});
    }
  }
  losing_visits_ = !written.ok();
  return written;
}

absl::Status SpillingOutbox::Spill(const OutboxItem& item) {
  while (memory_.size() + 1 > limits_.max_items || bytes_ + item.body.size() > limits_.max_bytes) {
    const bool worth_it = item.kind == OutboxKind::kTransition;
    if (worth_it && DropOldestEvidence()) continue;
    lost_.Add();
    const auto error = absl::ResourceExhaustedError(
        absl::StrCat("the outbox's disk and memory are full; incident ", item.incident_id,
                     worth_it ? " loses a transition" : " loses evidence",
                     "; free disk space and check that event storage is reachable"));
    LogError(error.message(), {{"incident", item.incident_id}, {"camera", item.camera_id}});
    return error;
  }
  memory_.push_back(item);
  memory_.back().id = next_id_++;
  memory_.back().append_time = clock_.Now();
  bytes_ += item.body.size();
  return absl::OkStatus();
}

bool SpillingOutbox::DropOldestEvidence() {
  const auto oldest = std::find_if(memory_.begin(), memory_.end(), [](const OutboxItem& i) {
    return i.kind == OutboxKind::kEvidence;
  });
  if (oldest == memory_.end()) return false;
  LogError("evidence is lost: the outbox's disk and memory are full",
           {{"incident", oldest->incident_id}, {"camera", oldest->camera_id}});
  lost_.Add();
  bytes_ -= oldest->body.size();
  memory_.erase(oldest);
  return true;
}

// Moves what waits in memory to the disk, in order, as far as the disk takes it. An item that is
// just being sent gets another id and is sent twice, which event storage does not mind.
void SpillingOutbox::Unspill() {
  while (!memory_.empty()) {
    if (!disk_.Append(absl::MakeConstSpan(&memory_.front(), 1)).ok()) break;
    bytes_ -= memory_.front().body.size();
    memory_.pop_front();
    if (memory_.empty()) LogInfo("the outbox can be written again");
  }
  ShowCount();
}

absl::StatusOr<std::vector<OutboxItem>> SpillingOutbox::Read(int64_t after, size_t limit,
                                                             OutboxLane lane) {
  absl::MutexLock lock(&mutex_);
  Unspill();
  std::vector<OutboxItem> items;
  if (after < kFirstMemoryId) {
    auto from_disk = disk_.Read(after, limit, lane);
    if (!from_disk.ok() && memory_.empty()) return from_disk.status();
    if (from_disk.ok()) items = *std::move(from_disk);
  }
  for (const OutboxItem& item : memory_) {
    if (items.size() >= limit) break;
    if (item.id > after && LaneOf(item) == lane) items.push_back(item);
  }
  return items;
}

absl::Status SpillingOutbox::Remove(absl::Span<const int64_t> ids) {
  absl::MutexLock lock(&mutex_);
  std::vector<int64_t> on_disk;
  for (const int64_t id : ids) {
    if (id < kFirstMemoryId) {
      on_disk.push_back(id);
    } else {
      Forget(id);
    }
  }
  return on_disk.empty() ? absl::OkStatus() : disk_.Remove(on_disk);
}

absl::Status SpillingOutbox::Bury(int64_t id, absl::string_view reason) {
  absl::MutexLock lock(&mutex_);
  if (id < kFirstMemoryId) return disk_.Bury(id, reason);
  const auto item = std::find_if(memory_.begin(), memory_.end(),
                                 [id](const OutboxItem& i) { return i.id == id; });
  if (item == memory_.end()) return absl::OkStatus();
  LogError("event storage refuses an item that could not be kept as a dead letter",
           {{"incident", item->incident_id}, {"reason", std::string(reason)}});
  lost_.Add();
  Forget(id);
  return absl::OkStatus();
}

void SpillingOutbox::Forget(int64_t id) {
  const auto item = std::find_if(memory_.begin(), memory_.end(),
                                 [id](const OutboxItem& i) { return i.id == id; });
  if (item == memory_.end()) return;
  bytes_ -= item->body.size();
  memory_.erase(item);
  ShowCount();
}

absl::StatusOr<std::vector<OutboxItem>> SpillingOutbox::TransitionsOf(absl::string_view camera_id) {
  absl::MutexLock lock(&mutex_);
  AW_ASSIGN_OR_RETURN(std::vector<OutboxItem> items, disk_.TransitionsOf(camera_id));
  for (const OutboxItem& item : memory_) {
    if (item.kind == OutboxKind::kTransition && item.camera_id == camera_id) items.push_back(item);
  }
  return items;
}

absl::StatusOr<absl::Time> SpillingOutbox::Oldest() {
  absl::MutexLock lock(&mutex_);
  const auto on_disk = disk_.Oldest();
  if (memory_.empty()) return on_disk;
  return std::min(on_disk.value_or(absl::InfiniteFuture()), memory_.front().append_time);
}

void SpillingOutbox::ShowCount() {
  memory_count_ = memory_.size();
  in_memory_.Set(static_cast<double>(memory_.size()));
}

}  // namespace aislewatch::ingest
