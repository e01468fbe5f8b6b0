// The part of PostgresEventStore that reviews and holds incidents and reads the feed of changes.
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/base/status.h"
#include "services/events/adapters/postgres/event_rows.h"
#include "services/events/adapters/postgres/event_store.h"
#include "services/events/adapters/postgres/webhook_ledger.h"

namespace aislewatch::events {
namespace {

// Columns of a change, of its transition (NULL for a review) and of its review, in this order.
constexpr int kTransitionColumn = 1;
constexpr int kIncidentColumn = 4;
constexpr int kReviewColumn = kIncidentColumn + kIncidentColumns;

std::string SelectChanges() {
  return absl::StrCat(
      "SELECT c.change_number, t.number, t.kind, ", MicrosOf("t.transition_time"), ", ",
      // The incident as the transition left it: what is filtered by is kept with the change.
      "c.incident_id, c.camera_id, c.store_id, c.kind, c.severity, c.state, ",
      MicrosOf("c.opened_time"), ", NULL, NULL, t.number, c.review_state, false, t.content, ",
      ReviewColumns("r"),
      " FROM incident_changes c"
      " LEFT JOIN incident_transitions t ON t.incident_id = c.incident_id"
      "   AND t.number = c.transition_number AND t.opened_time = c.opened_time"
      " LEFT JOIN reviews r ON r.review_id = c.review_id"
      " WHERE c.change_number > $9::bigint AND c.change_number <= $10::bigint AND",
      FilterSql("c"), " ORDER BY c.change_number LIMIT $11");
}

Change ReadChange(const pqxx::row& row) {
  Change change;
  change.number = static_cast<uint64_t>(ReadInt(row[0]));
  if (!row[kTransitionColumn].is_null()) {
    Transition transition;
    transition.number = static_cast<uint32_t>(ReadInt(row[kTransitionColumn]));
    transition.kind = static_cast<TransitionKind>(ReadInt(row[kTransitionColumn + 1]));
    transition.time = ReadTime(row[kTransitionColumn + 2]);
    transition.incident = ReadIncident(row, kIncidentColumn);
    change.transition = std::move(transition);
  }
  if (!row[kReviewColumn].is_null()) change.review = ReadReview(row, kReviewColumn);
  return change;
}

uint64_t ReadLastChange(Transaction& transaction) {
  static const Statement last{"changes_last", "SELECT last_change FROM change_counter"};
  return static_cast<uint64_t>(ReadInt(transaction.Run(last)[0][0]));
}

}  // namespace

absl::StatusOr<Review> PostgresEventStore::AddReview(const Review& review) {
  static const Statement lock{"review_lock",
                              absl::StrCat("SELECT ", MicrosOf("opened_time"),
                                           " FROM incident_keys WHERE incident_id = $1"
                                           " FOR NO KEY UPDATE")};
  static const Statement insert{
      "review_insert",
      absl::StrCat("INSERT INTO reviews AS r (review_id, incident_id, state, reviewer, note)"
                   " VALUES ($1, $2, $3, $4, $5) RETURNING ",
                   ReviewColumns("r"))};
  static const Statement update{
      "review_incident",
      "UPDATE incidents SET review_state = $3 WHERE incident_id = $1 AND opened_time = $2"};
  static const Statement change{
      "review_change",
      "INSERT INTO incident_changes (change_number, incident_id, opened_time, review_id, store_id,"
      "   camera_id, kind, severity, state, review_state)"
      " SELECT $1, incident_id, opened_time, $2, store_id, camera_id, kind, severity, state,"
      "   review_state FROM incidents WHERE incident_id = $3 AND opened_time = $4"};
  Review stored;
  AW_RETURN_IF_ERROR(pool_.Run([&](Transaction& transaction) -> absl::Status {
    const auto key = transaction.Run(lock, Params().Text(review.incident_id));
    if (key.empty()) {
      return absl::NotFoundError(absl::StrCat("there is no incident ", review.incident_id));
    }
    const auto opened = ReadTime(key[0][0]);
    const int state = static_cast<int>(review.state);
    const auto rows = transaction.Run(insert, Params()
                                                  .Text(review.review_id)
                                                  .Text(review.incident_id)
                                                  .Int(state)
                                                  .Text(review.reviewer)
                                                  .Text(review.note));
    stored = ReadReview(rows[0]);
    transaction.Run(update, Params().Text(review.incident_id).Time(opened).Int(state));
    EnterReview(transaction, review.review_id, review.incident_id, *opened);
    const uint64_t before = TakeChangeNumbers(transaction, 1);
    transaction.Run(change, Params()
                                .Int(static_cast<int64_t>(before + 1))
                                .Text(review.review_id)
                                .Text(review.incident_id)
                                .Time(opened));
    NotifyWatchers(transaction);
    return absl::OkStatus();
  }));
  return stored;
}

absl::StatusOr<Incident> PostgresEventStore::SetHold(const std::string& incident_id, bool hold) {
  // Retention locks the same key before it looks at hold: one of the two comes first.
  static const Statement lock{
      "hold_lock", "SELECT 1 FROM incident_keys WHERE incident_id = $1 FOR NO KEY UPDATE"};
  static const Statement update{
      "hold_set", absl::StrCat("UPDATE incidents i SET hold = $2 FROM incident_keys k"
                               " WHERE k.incident_id = $1 AND i.incident_id = k.incident_id"
                               "   AND i.opened_time = k.opened_time RETURNING ",
                               IncidentColumns("i"))};
  Incident incident;
  AW_RETURN_IF_ERROR(pool_.Run([&](Transaction& transaction) -> absl::Status {
    const auto key = transaction.Run(lock, Params().Text(incident_id));
    const auto rows = transaction.Run(update, Params().Text(incident_id).Bool(hold));
    if (key.empty() || rows.empty()) {
      return absl::NotFoundError(absl::StrCat("there is no incident ", incident_id));
    }
    incident = ReadIncident(rows[0]);
    return absl::OkStatus();
  }));
  return incident;
}

absl::StatusOr<uint64_t> PostgresEventStore::LastChange() {
  uint64_t last = 0;
  AW_RETURN_IF_ERROR(pool_.Run([&](Transaction& transaction) {
    last = ReadLastChange(transaction);
    return absl::OkStatus();
  }));
  return last;
}

absl::StatusOr<ChangeBatch> PostgresEventStore::ReadChanges(const IncidentFilter& filter,
                                                            uint64_t after, size_t limit) {
  static const Statement select{"changes_select", SelectChanges()};
  ChangeBatch batch;
  AW_RETURN_IF_ERROR(pool_.Run([&](Transaction& transaction) -> absl::Status {
    batch = {};
    // Read before the changes: all up to this number are committed (see change_counter), while
    // those above it may come while we read.
    const uint64_t last = ReadLastChange(transaction);
    if (after > last) {
      return absl::OutOfRangeError(
          absl::StrCat("change ", after, " lies above the last one, ", last));
    }
    batch.read_up_to = last;
    if (after == last) return absl::OkStatus();
    Params params;
    AddFilter(filter, params);
    params.Int(static_cast<int64_t>(after))
        .Int(static_cast<int64_t>(last))
        .Int(static_cast<int64_t>(limit));
    for (const auto& row : transaction.Run(select, params)) {
      batch.changes.push_back(ReadChange(row));
    }
    if (batch.changes.size() == limit) batch.read_up_to = batch.changes.back().number;
    return absl::OkStatus();
  }));
  return batch;
}

}  // namespace aislewatch::events
