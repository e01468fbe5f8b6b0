#include "services/events/core/retention/retention.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "common/base/log.h"
#include "common/base/status.h"

namespace aislewatch::events {
namespace {

// Small enough for a statement's time limit and for those who wait for the same rows.
constexpr int kIncidentsAtOnce = 50;
constexpr int kRowsAtOnce = 1000;

uint64_t Taken(const RetentionResult& result) {
  return result.evidence + result.failed + result.incidents + result.deliveries +
         result.attention_sums + result.visit_ids + result.audit_entries;
}

using Batch = std::function<absl::StatusOr<RetentionResult>()>;

// Batch after batch until one takes nothing.
absl::Status TakeAll(const std::function<bool()>& keep_going, const Batch& batch,
                     RetentionResult& total) {
  while (keep_going()) {
    AW_ASSIGN_OR_RETURN(const RetentionResult taken, batch());
    total.evidence += taken.evidence;
    total.evidence_bytes += taken.evidence_bytes;
    total.incidents += taken.incidents;
    total.failed += taken.failed;
    total.deliveries += taken.deliveries;
    total.attention_sums += taken.attention_sums;
    total.visit_ids += taken.visit_ids;
    total.audit_entries += taken.audit_entries;
    if (Taken(taken) == 0) break;
  }
  return absl::OkStatus();
}

absl::Status RemoveOldIncidents(const RetentionPolicy& policy, RetentionStore& store,
                                absl::Time now, const std::function<bool()>& keep_going,
                                RetentionResult& result) {
  if (policy.incidents == absl::ZeroDuration()) return absl::OkStatus();
  const absl::Time cutoff = now - policy.incidents;
  AW_RETURN_IF_ERROR(TakeAll(
      keep_going, [&] { return store.RemoveIncidents(cutoff, kIncidentsAtOnce); }, result));
  if (!keep_going()) return absl::OkStatus();
  AW_ASSIGN_OR_RETURN(const RetentionResult dropped, store.DropEmptyMonths(cutoff));
  result.months += dropped.months;
  return absl::OkStatus();
}

}  // namespace

absl::Status RunRetention(const RetentionPolicy& policy, RetentionStore& store, absl::Time now,
                          const std::function<bool()>& keep_going, RetentionResult& result) {
  const std::pair<Severity, absl::Duration> evidence[] = {
      {Severity::kInfo, policy.info_evidence},
      {Severity::kWarning, policy.warning_evidence},
      {Severity::kCritical, policy.critical_evidence}};
  for (const auto& [severity, age] : evidence) {
    if (age == absl::ZeroDuration()) continue;
    AW_RETURN_IF_ERROR(TakeAll(
        keep_going,
        [&, s = severity, cutoff = now - age] {
          return store.ExpireEvidence(s, cutoff, kIncidentsAtOnce);
        },
        result));
  }
  if (policy.deliveries != absl::ZeroDuration()) {
    AW_RETURN_IF_ERROR(TakeAll(
        keep_going, [&] { return store.RemoveDeliveries(now - policy.deliveries, kRowsAtOnce); },
        result));
  }
  if (policy.attention != absl::ZeroDuration()) {
    AW_RETURN_IF_ERROR(TakeAll(
        keep_going, [&] { return store.RemoveAttention(now - policy.attention, kRowsAtOnce); },
        result));
  }
  AW_RETURN_IF_ERROR(TakeAll(
      keep_going, [&] { return store.ForgetVisits(kVisitIdsKept, kRowsAtOnce); }, result));
  if (policy.audit != absl::ZeroDuration()) {
    AW_RETURN_IF_ERROR(TakeAll(
        keep_going, [&] { return store.RemoveAudit(now - policy.audit, kRowsAtOnce); }, result));
  }
  if (policy.pending_evidence != absl::ZeroDuration()) {
    AW_RETURN_IF_ERROR(TakeAll(
        keep_going, [&] { return store.FailPending(policy.pending_evidence, kRowsAtOnce); },
        result));
  }
  AW_RETURN_IF_ERROR(RemoveOldIncidents(policy, store, now, keep_going, result));
  // Last, since it looks at every file.
  for (int part = 0; part < kOrphanParts && keep_going(); ++part) {
    AW_ASSIGN_OR_RETURN(const RetentionResult removed, store.RemoveOrphans(part, kOrphanAge));
    result.orphans += removed.orphans;
  }
  return absl::OkStatus();
}

RetentionJob::RetentionJob(Options options, RetentionStore& store, Metrics& metrics, Clock& clock)
    : options_(std::move(options)),
      store_(store),
      evidence_(metrics.GetCounter("aislewatch_events_retention_evidence_total",
                                   "Pieces of evidence that lost their bytes to age")),
      evidence_bytes_(metrics.GetCounter("aislewatch_events_retention_evidence_bytes_total",
                                         "Bytes of evidence that were freed by age")),
      incidents_(metrics.GetCounter("aislewatch_events_retention_incidents_total",
                                    "Incidents that were removed by age")),
      failures_(metrics.GetCounter("aislewatch_events_retention_failures_total",
                                   "Runs of retention that failed")),
      last_success_(metrics.GetGauge("aislewatch_events_retention_last_success_timestamp_seconds",
                                     "When retention last ran to its end here, or another replica "
                                     "was at it; Unix time")),
      clock_(clock),
      thread_([this] { Run(); }) {}

RetentionJob::~RetentionJob() {
  {
    absl::MutexLock lock(&mutex_);
    stopping_ = true;
    stopped_.SignalAll();
  }
  thread_.join();
}

bool RetentionJob::stopping() const {
  absl::MutexLock lock(&mutex_);
  return stopping_;
}

void RetentionJob::Run() {
  absl::Duration pause = options_.retry_interval;
  while (true) {
    {
      absl::MutexLock lock(&mutex_);
      const absl::Time next = clock_.Now() + pause;
      while (!stopping_ && clock_.Now() < next) clock_.WaitUntil(stopped_, mutex_, next);
      if (stopping_) return;
    }
    const absl::Status status = RunOnce();
    pause = status.ok() ? options_.interval : options_.retry_interval;
    if (status.ok()) {
      last_success_.Set(absl::ToDoubleSeconds(clock_.Now() - absl::UnixEpoch()));
    } else if (!stopping()) {
      failures_.Add();
      LogWarning("retention failed", {{"reason", std::string(status.message())},
                                      {"next_try_in", absl::FormatDuration(pause)}});
    }
  }
}

absl::Status RetentionJob::RunOnce() {
  RetentionResult result;
  const absl::Status status = RunRetention(
      options_.policy, store_, clock_.Now(), [this] { return !stopping(); }, result);
  evidence_.Add(static_cast<double>(result.evidence));
  evidence_bytes_.Add(static_cast<double>(result.evidence_bytes));
  incidents_.Add(static_cast<double>(result.incidents));
  if (Taken(result) + result.months + result.orphans > 0) {
    LogInfo("retention took what was too old",
            {{"evidence", absl::StrCat(result.evidence)},
             {"evidence_bytes", absl::StrCat(result.evidence_bytes)},
             {"incidents", absl::StrCat(result.incidents)},
             {"evidence_failed", absl::StrCat(result.failed)},
             {"orphans", absl::StrCat(result.orphans)},
             {"deliveries", absl::StrCat(result.deliveries)},
             {"attention_sums", absl::StrCat(result.attention_sums)},
             {"visit_ids", absl::StrCat(result.visit_ids)},
             {"audit_entries", absl::StrCat(result.audit_entries)},
             {"months", absl::StrCat(result.months)}});
  }
  return absl::IsAborted(status) ? absl::OkStatus() : status;  // Another replica is at it.
}

}  // namespace aislewatch::events
