#include "services/events/adapters/postgres/event_rows.h"

#include <nlohmann/json.hpp>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "services/events/adapters/postgres/sql.h"

namespace aislewatch::events {
namespace {

using nlohmann::json;

json TimeOrNull(const std::optional<absl::Time>& time) {
  return time.has_value() ? json(SqlTime(*time)) : json(nullptr);
}

}  // namespace

std::string TransitionsToJson(const std::vector<const Transition*>& transitions) {
  json list = json::array();
  for (const Transition* transition : transitions) {
    const Incident& incident = transition->incident;
    list.push_back({{"ordinal", list.size() + 1},
                    {"incident_id", incident.incident_id},
                    {"number", transition->number},
                    {"transition_kind", Number(transition->kind)},
                    {"transition_time", TimeOrNull(transition->time)},
                    {"opened_time", TimeOrNull(incident.opened_time)},
                    {"store_id", incident.store_id},
                    {"camera_id", incident.camera_id},
                    {"kind", Number(incident.kind)},
                    {"severity", Number(incident.severity)},
                    {"state", Number(incident.state)},
                    {"updated_time", TimeOrNull(incident.updated_time)},
                    {"closed_time", TimeOrNull(incident.closed_time)},
                    {"peak_risk", incident.peak_risk},
                    {"content", incident.content}});
  }
  return list.dump();
}

std::string TracksToJson(const std::vector<const Transition*>& transitions) {
  json list = json::array();
  for (const Transition* transition : transitions) {
    for (const IncidentTrack& track : transition->incident.tracks) {
      list.push_back({{"incident_id", transition->incident.incident_id},
                      {"opened_time", TimeOrNull(transition->incident.opened_time)},
                      {"number", transition->number},
                      {"track_id", track.track_id},
                      {"peak_risk", track.peak_risk},
                      {"first_time", TimeOrNull(track.first_time)},
                      {"last_time", TimeOrNull(track.last_time)}});
    }
  }
  return list.dump();
}

std::string FilterSql(const std::string& table) {
  return absl::StrReplaceAll(
      " ($1::text[] IS NULL OR T.store_id = ANY ($1::text[]))"
      " AND ($2::text[] IS NULL OR T.camera_id = ANY ($2::text[]))"
      " AND ($3::smallint[] IS NULL OR T.kind = ANY ($3::smallint[]))"
      " AND ($4::smallint IS NULL OR T.severity >= $4::smallint)"
      " AND ($5::smallint IS NULL OR T.state = $5::smallint)"
      " AND ($6::smallint IS NULL OR T.review_state = $6::smallint)"
      " AND ($7::timestamptz IS NULL OR T.opened_time >= $7::timestamptz)"
      " AND ($8::timestamptz IS NULL OR T.opened_time < $8::timestamptz) ",
      {{"T.", table + "."}});
}

void AddFilter(const IncidentFilter& filter, Params& params) {
  const auto add_ids = [&params](const std::vector<std::string>& ids) {
    ids.empty() ? params.Null() : params.Array(ids);
  };
  const auto add_number = [&params](int number) {
    number == 0 ? params.Null() : params.Int(number);
  };
  add_ids(filter.store_ids);
  add_ids(filter.camera_ids);
  std::vector<std::string> kinds;
  for (const IncidentKind kind : filter.kinds) kinds.push_back(absl::StrCat(Number(kind)));
  add_ids(kinds);
  add_number(Number(filter.min_severity));
  add_number(Number(filter.state));
  add_number(Number(filter.review_state));
  params.Time(filter.opened_from).Time(filter.opened_until);
}

std::string IncidentColumns(const std::string& alias) {
  return absl::StrReplaceAll(
      absl::StrCat("T.incident_id, T.camera_id, T.store_id, T.kind, T.severity, T.state, ",
                   MicrosOf("T.opened_time"), ", ", MicrosOf("T.updated_time"), ", ",
                   MicrosOf("T.closed_time"), ", T.transition_number, T.review_state, T.hold, ",
                   "T.content"),
      {{"T.", alias + "."}});
}

Incident ReadIncident(const pqxx::row& row, int first) {
  Incident incident;
  incident.incident_id = ReadText(row[first]);
  incident.camera_id = ReadText(row[first + 1]);
  incident.store_id = ReadText(row[first + 2]);
  incident.kind = static_cast<IncidentKind>(ReadInt(row[first + 3]));
  incident.severity = static_cast<Severity>(ReadInt(row[first + 4]));
  incident.state = static_cast<IncidentState>(ReadInt(row[first + 5]));
  incident.opened_time = ReadTime(row[first + 6]);
  incident.updated_time = ReadTime(row[first + 7]);
  incident.closed_time = ReadTime(row[first + 8]);
  incident.transition_number = static_cast<uint32_t>(ReadInt(row[first + 9]));
  incident.review_state = static_cast<ReviewState>(ReadInt(row[first + 10]));
  incident.hold = ReadBool(row[first + 11]);
  incident.content = ReadText(row[first + 12]);
  return incident;
}

std::string ReviewColumns(const std::string& alias) {
  return absl::StrReplaceAll(
      absl::StrCat("T.review_id, T.incident_id, T.state, T.reviewer, T.note, ",
                   MicrosOf("T.create_time")),
      {{"T.", alias + "."}});
}

Review ReadReview(const pqxx::row& row, int first) {
  Review review;
  review.review_id = ReadText(row[first]);
  review.incident_id = ReadText(row[first + 1]);
  review.state = static_cast<ReviewState>(ReadInt(row[first + 2]));
  review.reviewer = ReadText(row[first + 3]);
  review.note = ReadText(row[first + 4]);
  review.create_time = ReadTime(row[first + 5]).value_or(absl::UnixEpoch());
  return review;
}

uint64_t TakeChangeNumbers(Transaction& transaction, size_t count) {
  static const Statement take{
      "changes_take",
      "UPDATE change_counter SET last_change = last_change + $1 RETURNING last_change"};
  const auto rows = transaction.Run(take, Params().Int(static_cast<int64_t>(count)));
  return static_cast<uint64_t>(ReadInt(rows[0][0])) - count;
}

void NotifyWatchers(Transaction& transaction) {
  static const Statement notify{"changes_notify", "SELECT pg_notify('aislewatch_changes', '')"};
  transaction.Run(notify);
}

}  // namespace aislewatch::events
