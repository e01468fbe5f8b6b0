#include "services/ingest/core/outbox_sender.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "common/base/log.h"

namespace aislewatch::ingest {

Counter& DroppedVisits(Metrics& metrics, const std::string& reason) {
  return metrics.GetCounter("aislewatch_ingest_visits_dropped_total",
                            "Visits to zones that are in no sum", {{"reason", reason}});
}

OutboxSender::OutboxSender(Outbox& outbox, EventSink& sink, OutboxSenderOptions options,
                           Metrics& metrics, Clock& clock)
    : outbox_(outbox),
      sink_(sink),
      options_(options),
      clock_(clock),
      pending_(metrics.GetGauge("aislewatch_ingest_outbox_pending_items",
                                "Transitions and evidence that event storage has not committed")),
      oldest_age_(metrics.GetGauge("aislewatch_ingest_outbox_oldest_age_seconds",
                                   "How long the oldest item of the outbox has waited")),
      sent_(metrics.GetCounter("aislewatch_ingest_outbox_sent_items_total",
                               "Transitions and evidence that event storage has committed")),
      retries_(metrics.GetCounter("aislewatch_ingest_outbox_retries_total",
                                  "Attempts to reach event storage that failed")),
      buried_(metrics.GetCounter("aislewatch_ingest_outbox_dead_letters_total",
                                 "Items that event storage refused for ever")),
      refused_visits_(DroppedVisits(metrics, "refused")),
      unknown_visits_(DroppedVisits(metrics, "unimplemented")),
      thread_([this] { Run(); }) {}

OutboxSender::~OutboxSender() {
  {
    absl::MutexLock lock(&mutex_);
    stopping_ = true;
    changed_.SignalAll();
  }
  thread_.join();
}

void OutboxSender::Notify() {
  absl::MutexLock lock(&mutex_);
  notified_ = true;
  changed_.SignalAll();
}

bool OutboxSender::Flush(absl::Time deadline) {
  absl::MutexLock lock(&mutex_);
  while (true) {
    const uint64_t seen = passes_;
    notified_ = true;
    changed_.SignalAll();
    // An item may have been appended during a pass, so only an empty outbox after a pass counts.
    while (passes_ == seen && clock_.Now() < deadline && !stopping_) {
      clock_.WaitUntil(changed_, mutex_, deadline);
    }
    if (outbox_.pending() == 0) return true;
    if (clock_.Now() >= deadline || stopping_) return false;
    clock_.WaitUntil(changed_, mutex_, std::min(deadline, clock_.Now() + options_.backoff_min));
  }
}

void OutboxSender::Run() {
  while (true) {
    {
      absl::MutexLock lock(&mutex_);
      const absl::Time retry = NextRetry();
      while (!stopping_ && !notified_ && clock_.Now() < retry) {
        clock_.WaitUntil(changed_, mutex_, retry);
      }
      if (stopping_) return;
      notified_ = false;
    }
    if (Pass()) {
      backoff_ = absl::ZeroDuration();
    } else {
      retries_.Add();
      backoff_ = std::clamp(2 * backoff_, options_.backoff_min, options_.backoff_max);
    }
    ShowWaiting();
    absl::MutexLock lock(&mutex_);
    ++passes_;
    changed_.SignalAll();
  }
}

void OutboxSender::ShowWaiting() {
  pending_.Set(static_cast<double>(outbox_.pending()));
  const auto oldest = outbox_.Oldest();
  if (!oldest.ok()) return;  // Reading failed, which Pass has said.
  const absl::Time now = clock_.Now();
  oldest_age_.Set(absl::ToDoubleSeconds(now - std::min(now, *oldest)));
}

absl::Time OutboxSender::NextRetry() const {
  if (backoff_ > absl::ZeroDuration()) return clock_.Now() + backoff_;
  absl::Time next =
      unremoved_.empty() ? absl::InfiniteFuture() : clock_.Now() + options_.backoff_max;
  for (const auto& [incident, hold] : holds_) next = std::min(next, hold.until);
  return next;
}

bool OutboxSender::Pass() {
  if (!unremoved_.empty()) {
    const std::vector<int64_t> ids(unremoved_.begin(), unremoved_.end());
    if (outbox_.Remove(ids).ok()) unremoved_.clear();
  }
  evidence_away_ = false;
  int64_t after = 0;
  while (true) {
    {
      absl::MutexLock lock(&mutex_);
      if (stopping_) return true;
    }
    const auto page = outbox_.Read(after, options_.batch, options_.lane);
    if (!page.ok()) {
      LogError("the outbox cannot be read", {{"error", std::string(page.status().message())}});
      return false;
    }
    if (page->empty()) return !evidence_away_;
    after = page->back().id;
    if (!SendPage(*page)) return false;
  }
}

// Transitions go in batches; evidence by itself, after the transitions before it.
bool OutboxSender::SendPage(const std::vector<OutboxItem>& page) {
  if (options_.lane == OutboxLane::kVisits) {
    std::vector<OutboxItem> visits;
    for (const OutboxItem& item : page) {
      if (!unremoved_.contains(item.id)) visits.push_back(item);
    }
    return SendVisits(visits);
  }
  std::vector<OutboxItem> batch;
  for (const OutboxItem& item : page) {
    if (item.kind == OutboxKind::kTransition) {
      if (!Skip(item)) batch.push_back(item);
      continue;
    }
    if (!SendTransitions(batch)) return false;
    batch.clear();
    // A full evidence volume must not keep alerts back: where event storage itself is away, the
    // next transition finds out.
    if (evidence_away_ || Skip(item)) continue;
    evidence_away_ = !Settle(item, sink_.Upload(item));
    if (evidence_away_ && options_.lane == OutboxLane::kBulk) return false;  // No transitions here.
  }
  return SendTransitions(batch);
}

bool OutboxSender::SendTransitions(absl::Span<const OutboxItem> batch) {
  if (batch.empty()) return true;
  const absl::Status status = sink_.Record(batch);
  if (status.ok()) {
    std::vector<int64_t> ids;
    for (const OutboxItem& item : batch) {
      ids.push_back(item.id);
      holds_.erase(item.incident_id);
    }
    sent_.Add(static_cast<double>(batch.size()));
    Remove(std::move(ids));
    return true;
  }
  if (batch.size() == 1) return Settle(batch[0], status);
  if (Judge(status) == Fate::kAway) return Settle(batch[0], status);
  // Something in the batch is at fault: one by one, so that it does not stop the others.
  for (const OutboxItem& item : batch) {
    if (Skip(item)) continue;
    if (!SendTransitions(absl::MakeConstSpan(&item, 1))) return false;
  }
  return true;
}

bool OutboxSender::SendVisits(absl::Span<const OutboxItem> batch) {
  if (batch.empty()) return true;
  const absl::Status status = sink_.RecordVisits(batch);
  std::vector<int64_t> ids;
  for (const OutboxItem& item : batch) ids.push_back(item.id);
  if (status.ok()) {
    knows_no_visits_ = false;
    sent_.Add(static_cast<double>(batch.size()));
    Remove(std::move(ids));
    return true;
  }
  if (absl::IsUnimplemented(status)) {
    if (!knows_no_visits_) {
      LogWarning(
          "event storage knows no visits; they are dropped until it is of this release or later",
          {{"error", std::string(status.message())}});
    }
    knows_no_visits_ = true;
    unknown_visits_.Add(static_cast<double>(batch.size()));
    Remove(std::move(ids));
    return true;
  }
  // Whatever it fails on goes with the lane, which holds back nothing but visits.
  if (Judge(status) != Fate::kPoison)
    return Settle(batch[0], absl::UnavailableError(status.message()));
  if (batch.size() > 1) {
    for (const OutboxItem& item : batch) {
      if (!SendVisits(absl::MakeConstSpan(&item, 1))) return false;
    }
    return true;
  }
  refused_visits_.Add();
  LogWarning("event storage refuses a visit; it is not counted",
             {{"camera", batch[0].camera_id}, {"error", std::string(status.message())}});
  Remove(std::move(ids));
  return true;
}

OutboxSender::Fate OutboxSender::Judge(const absl::Status& status) {
  switch (status.code()) {
    case absl::StatusCode::kOk:
      return Fate::kDone;
    case absl::StatusCode::kInvalidArgument:
    case absl::StatusCode::kNotFound:
    case absl::StatusCode::kOutOfRange:
      return Fate::kPoison;
    // Of these every item would suffer alike. Whoever misses a right or a service is told by the
    // log and the growing outbox; nothing is given up for it.
    case absl::StatusCode::kUnavailable:
    case absl::StatusCode::kDeadlineExceeded:
    case absl::StatusCode::kCancelled:
    case absl::StatusCode::kUnauthenticated:
    case absl::StatusCode::kPermissionDenied:
    case absl::StatusCode::kUnimplemented:
    case absl::StatusCode::kResourceExhausted:
      return Fate::kAway;
    default:
      return Fate::kHold;
  }
}

// Does with an item what its answer asks for. Returns false where event storage is away.
bool OutboxSender::Settle(const OutboxItem& item, const absl::Status& status) {
  const std::string error(status.message());
  switch (Judge(status)) {
    case Fate::kDone: {
      sent_.Add();
      holds_.erase(item.incident_id);
      Remove({item.id});
      return true;
    }
    case Fate::kPoison:
      buried_.Add();
      LogError("event storage refuses an item; it was moved to the outbox's dead letters",
               {{"incident", item.incident_id}, {"camera", item.camera_id}, {"error", error}});
      return outbox_.Bury(item.id, status.ToString()).ok();
    case Fate::kHold: {
      retries_.Add();
      Hold& hold = holds_[item.incident_id];
      hold.backoff = std::clamp(2 * hold.backoff, options_.backoff_min, options_.backoff_max);
      hold.until = clock_.Now() + hold.backoff;
      LogWarning("event storage fails on an incident; it is held back",
                 {{"incident", item.incident_id}, {"error", error}});
      return true;
    }
    case Fate::kAway:
      if (status != last_error_) LogWarning("event storage is away", {{"error", error}});
      last_error_ = status;
      return false;
  }
  return false;
}

void OutboxSender::Remove(std::vector<int64_t> ids) {
  const absl::Status removed = outbox_.Remove(ids);
  if (removed.ok()) return;
  LogError("sent items cannot be removed from the outbox; it is tried again",
           {{"error", std::string(removed.message())}});
  unremoved_.insert(ids.begin(), ids.end());
}

bool OutboxSender::Skip(const OutboxItem& item) {
  if (unremoved_.contains(item.id)) return true;
  const auto hold = holds_.find(item.incident_id);
  return hold != holds_.end() && clock_.Now() < hold->second.until;
}

}  // namespace aislewatch::ingest
