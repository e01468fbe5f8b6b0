#include "services/events/adapters/postgres/event_store.h"

#include <map>
#include <set>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/base/status.h"
#include "services/events/adapters/postgres/event_rows.h"
#include "services/events/adapters/postgres/webhook_ledger.h"
#include "services/events/core/not_found.h"

namespace aislewatch::events {
namespace {

// Makes or locks the incidents' keys, in the order of their ids so that two calls never wait for
// each other, and refuses what contradicts them.
absl::Status LockKeys(Transaction& transaction, const std::vector<Transition>& transitions,
                      const Params& all) {
  // In the order in which ensure_incident_month locks them for a new partition, and readers too:
  // otherwise the two could wait for each other.
  static const Statement lock_tables{
      "record_tables",
      "LOCK TABLE incidents, incident_transitions, incident_tracks IN ROW EXCLUSIVE MODE"};
  static const Statement insert{
      "record_keys",
      "INSERT INTO incident_keys (incident_id, opened_time, store_id, camera_id)"
      " SELECT DISTINCT ON (incident_id) incident_id, opened_time, store_id, camera_id"
      " FROM jsonb_to_recordset($1::jsonb) AS t(ordinal int, incident_id uuid,"
      "   opened_time timestamptz, store_id text, camera_id text)"
      " ORDER BY incident_id, ordinal ON CONFLICT DO NOTHING"};
  static const Statement lock{
      "record_lock",
      "SELECT incident_id FROM incident_keys WHERE incident_id IN ("
      "   SELECT incident_id FROM jsonb_to_recordset($1::jsonb) AS t(incident_id uuid))"
      " ORDER BY incident_id FOR NO KEY UPDATE"};
  static const Statement contradiction{
      "record_check",
      "SELECT t.ordinal FROM jsonb_to_recordset($1::jsonb) AS t(ordinal int, incident_id uuid,"
      "   opened_time timestamptz, store_id text, camera_id text)"
      " JOIN incident_keys k USING (incident_id)"
      " WHERE (k.opened_time, k.store_id, k.camera_id)"
      "   IS DISTINCT FROM (t.opened_time, t.store_id, t.camera_id)"
      " ORDER BY t.ordinal LIMIT 1"};
  transaction.Run(lock_tables);
  transaction.Run(insert, all);
  transaction.Run(lock, all);
  const auto rows = transaction.Run(contradiction, all);
  if (rows.empty()) return absl::OkStatus();
  const size_t index = static_cast<size_t>(ReadInt(rows[0][0])) - 1;
  return absl::InvalidArgumentError(absl::StrCat(
      "transitions[", index, "] (number ", transitions[index].number, " of incident ",
      transitions[index].incident.incident_id,
      ") has another camera, store or opened_time than the incident was recorded with; these never "
      "change, so drop it, or give a new incident a new id"));
}

// Writes the transitions that are not there yet and returns these.
std::vector<const Transition*> InsertTransitions(Transaction& transaction,
                                                 const std::vector<Transition>& transitions,
                                                 const Params& all) {
  static const Statement insert{
      "record_transitions",
      "INSERT INTO incident_transitions"
      "   (incident_id, number, opened_time, kind, transition_time, content)"
      " SELECT incident_id, number, opened_time, transition_kind, transition_time, content::jsonb"
      " FROM jsonb_to_recordset($1::jsonb) AS t(incident_id uuid, number int,"
      "   opened_time timestamptz, transition_kind smallint, transition_time timestamptz,"
      "   content text)"
      " ON CONFLICT DO NOTHING RETURNING incident_id, number"};
  std::set<std::pair<std::string, uint32_t>> written;
  for (const auto& row : transaction.Run(insert, all)) {
    written.emplace(ReadText(row[0]), static_cast<uint32_t>(ReadInt(row[1])));
  }
  std::vector<const Transition*> fresh;
  for (const Transition& transition : transitions) {
    // Erased, so that a repetition within one call counts as a duplicate.
    if (written.erase({transition.incident.incident_id, transition.number}) > 0) {
      fresh.push_back(&transition);
    }
  }
  return fresh;
}

// Brings the incidents to their newest transition; older ones that come late change nothing.
void UpdateIncidents(Transaction& transaction, const Params& fresh, const Params& tracks) {
  static const Statement upsert{
      "record_incidents",
      "INSERT INTO incidents (incident_id, opened_time, store_id, camera_id, kind, severity, state,"
      "   updated_time, closed_time, peak_risk, transition_number, content)"
      " SELECT DISTINCT ON (incident_id) incident_id, opened_time, store_id, camera_id, kind,"
      "   severity, state, updated_time, closed_time, peak_risk, number, content::jsonb"
      " FROM jsonb_to_recordset($1::jsonb) AS t(incident_id uuid, opened_time timestamptz,"
      "   store_id text, camera_id text, kind smallint, severity smallint, state smallint,"
      "   updated_time timestamptz, closed_time timestamptz, peak_risk real, number int,"
      "   content text)"
      " ORDER BY incident_id, number DESC"
      " ON CONFLICT (incident_id, opened_time) DO UPDATE SET kind = EXCLUDED.kind,"
      "   severity = EXCLUDED.severity, state = EXCLUDED.state,"
      "   updated_time = EXCLUDED.updated_time, closed_time = EXCLUDED.closed_time,"
      "   peak_risk = EXCLUDED.peak_risk, transition_number = EXCLUDED.transition_number,"
      "   content = EXCLUDED.content"
      " WHERE incidents.transition_number < EXCLUDED.transition_number"};
  static const Statement upsert_tracks{
      "record_tracks",
      "INSERT INTO incident_tracks"
      "   (incident_id, track_id, opened_time, peak_risk, first_time, last_time)"
      " SELECT DISTINCT ON (incident_id, track_id) t.incident_id, track_id, t.opened_time,"
      "   t.peak_risk, first_time, last_time"
      " FROM jsonb_to_recordset($1::jsonb) AS t(incident_id uuid, opened_time timestamptz,"
      "   number int, track_id bigint, peak_risk real, first_time timestamptz,"
      "   last_time timestamptz)"
      " JOIN incidents i ON i.incident_id = t.incident_id AND i.opened_time = t.opened_time"
      "   AND i.transition_number <= t.number"
      " ORDER BY incident_id, track_id, number DESC"
      " ON CONFLICT (incident_id, track_id, opened_time) DO UPDATE SET"
      "   peak_risk = EXCLUDED.peak_risk, first_time = EXCLUDED.first_time,"
      "   last_time = EXCLUDED.last_time"};
  transaction.Run(upsert, fresh);
  transaction.Run(upsert_tracks, tracks);
}

void AddTransitionChanges(Transaction& transaction, const std::string& fresh, size_t count) {
  static const Statement insert{
      "record_changes",
      "INSERT INTO incident_changes (change_number, incident_id, opened_time, transition_number,"
      "   store_id, camera_id, kind, severity, state, review_state)"
      " SELECT $2::bigint + t.ordinal, t.incident_id, t.opened_time, t.number, t.store_id,"
      "   t.camera_id, t.kind, t.severity, t.state, i.review_state"
      " FROM jsonb_to_recordset($1::jsonb) AS t(ordinal int, incident_id uuid,"
      "   opened_time timestamptz, number int, store_id text, camera_id text, kind smallint,"
      "   severity smallint, state smallint)"
      " JOIN incidents i ON i.incident_id = t.incident_id AND i.opened_time = t.opened_time"};
  const uint64_t before = TakeChangeNumbers(transaction, count);
  transaction.Run(insert, Params().Text(fresh).Int(static_cast<int64_t>(before)));
  NotifyWatchers(transaction);
}

absl::Status EnsureMonths(Pool& pool, const std::string& all) {
  static const Statement ensure{
      "record_months",
      "SELECT ensure_incident_month(month) FROM ("
      "   SELECT DISTINCT date_trunc('month', opened_time) AS month"
      "   FROM jsonb_to_recordset($1::jsonb) AS t(opened_time timestamptz) ORDER BY month) AS m"};
  return pool.Run([&](Transaction& transaction) {
    transaction.Run(ensure, Params().Text(all));
    return absl::OkStatus();
  });
}

}  // namespace

absl::StatusOr<RecordResult> PostgresEventStore::Record(
    const std::vector<Transition>& transitions) {
  std::vector<const Transition*> pointers;
  for (const Transition& transition : transitions) pointers.push_back(&transition);
  const std::string all = TransitionsToJson(pointers);
  AW_RETURN_IF_ERROR(EnsureMonths(pool_, all));
  RecordResult result;
  AW_RETURN_IF_ERROR(pool_.Run([&](Transaction& transaction) {
    const Params params = Params().Text(all);
    AW_RETURN_IF_ERROR(LockKeys(transaction, transitions, params));
    const auto fresh = InsertTransitions(transaction, transitions, params);
    if (!fresh.empty()) {
      const std::string json = TransitionsToJson(fresh);
      UpdateIncidents(transaction, Params().Text(json), Params().Text(TracksToJson(fresh)));
      EnterTransitions(transaction, json);
      AddTransitionChanges(transaction, json, fresh.size());
    }
    result.recorded = static_cast<uint32_t>(fresh.size());
    result.duplicates = static_cast<uint32_t>(transitions.size() - fresh.size());
    return absl::OkStatus();
  }));
  return result;
}

absl::StatusOr<IncidentHistory> PostgresEventStore::Get(const std::string& incident_id) {
  static const Statement incident{"get_incident",
                                  absl::StrCat("SELECT ", IncidentColumns("i"),
                                               " FROM incident_keys k JOIN incidents i"
                                               "   ON i.incident_id = k.incident_id"
                                               "   AND i.opened_time = k.opened_time"
                                               " WHERE k.incident_id = $1")};
  static const Statement transitions{
      "get_transitions",
      absl::StrCat("SELECT number, kind, ", MicrosOf("transition_time"),
                   ", content FROM incident_transitions"
                   " WHERE incident_id = $1 AND opened_time = $2 ORDER BY number")};
  static const Statement reviews{"get_reviews",
                                 absl::StrCat("SELECT ", ReviewColumns("r"),
                                              " FROM reviews r WHERE r.incident_id = $1"
                                              " ORDER BY r.create_time, r.review_id")};
  IncidentHistory history;
  AW_RETURN_IF_ERROR(pool_.Run([&](Transaction& transaction) -> absl::Status {
    history = {};
    const Params id = Params().Text(incident_id);
    const auto found = transaction.Run(incident, id);
    if (found.empty()) return NoIncident(incident_id);
    history.incident = ReadIncident(found[0]);
    const Params key = Params().Text(incident_id).Time(history.incident.opened_time);
    for (const auto& row : transaction.Run(transitions, key)) {
      Transition transition;
      transition.number = static_cast<uint32_t>(ReadInt(row[0]));
      transition.kind = static_cast<TransitionKind>(ReadInt(row[1]));
      transition.time = ReadTime(row[2]);
      transition.incident = history.incident;
      transition.incident.content = ReadText(row[3]);
      transition.incident.transition_number = transition.number;
      history.transitions.push_back(std::move(transition));
    }
    for (const auto& row : transaction.Run(reviews, id)) {
      history.reviews.push_back(ReadReview(row));
    }
    return absl::OkStatus();
  }));
  return history;
}

absl::StatusOr<IncidentPlace> PostgresEventStore::Place(const std::string& incident_id) {
  static const Statement select{
      "get_place", "SELECT store_id, camera_id FROM incident_keys WHERE incident_id = $1"};
  IncidentPlace place;
  AW_RETURN_IF_ERROR(pool_.Run([&](Transaction& transaction) -> absl::Status {
    const auto rows = transaction.Run(select, Params().Text(incident_id));
    if (rows.empty()) return NoIncident(incident_id);
    place = {ReadText(rows[0][0]), ReadText(rows[0][1])};
    return absl::OkStatus();
  }));
  return place;
}

absl::StatusOr<std::vector<Incident>> PostgresEventStore::List(
    const IncidentFilter& filter, const std::optional<IncidentPosition>& after, size_t limit) {
  static const Statement list{
      "list_incidents",
      absl::StrCat("SELECT ", IncidentColumns("i"), " FROM incidents i WHERE", FilterSql("i"),
                   " AND ($9::timestamptz IS NULL"
                   "   OR (i.opened_time, i.incident_id) < ($9::timestamptz, $10::uuid))"
                   " ORDER BY i.opened_time DESC, i.incident_id DESC LIMIT $11")};
  Params params;
  AddFilter(filter, params);
  if (after.has_value()) {
    params.Time(after->opened_time).Text(after->incident_id);
  } else {
    params.Null().Null();
  }
  params.Int(static_cast<int64_t>(limit));
  std::vector<Incident> incidents;
  AW_RETURN_IF_ERROR(pool_.Run([&](Transaction& transaction) {
    incidents.clear();
    for (const auto& row : transaction.Run(list, params)) incidents.push_back(ReadIncident(row));
    return absl::OkStatus();
  }));
  return incidents;
}

}  // namespace aislewatch::events
