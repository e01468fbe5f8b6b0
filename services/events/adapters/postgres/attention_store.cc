#include "services/events/adapters/postgres/attention_store.h"

#include <nlohmann/json.hpp>
#include <string>

#include "absl/strings/str_cat.h"
#include "common/base/status.h"

namespace aislewatch::events {
namespace {

std::string VisitsToJson(const std::vector<ZoneVisit>& visits) {
  nlohmann::json list = nlohmann::json::array();
  for (const ZoneVisit& visit : visits) {
    list.push_back({{"visit_id", visit.visit_id},
                    {"store_id", visit.store_id},
                    {"camera_id", visit.camera_id},
                    {"zone_id", visit.zone_id},
                    {"zone_kind", Number(visit.zone_kind)},
                    {"begin_time", SqlTime(*visit.begin_time)},
                    {"looked", visit.looked ? 1 : 0},
                    {"entered", visit.entered ? 1 : 0},
                    {"looked_first", visit.looked_before_entering ? 1 : 0},
                    {"looking_us", absl::ToInt64Microseconds(visit.looking_time)},
                    {"dwell_us", absl::ToInt64Microseconds(visit.dwell)}});
  }
  return list.dump();
}

// In the order of their keys, so that two calls cannot wait for each other's rows.
const Statement& AddVisits() {
  static const Statement add{
      "attention_add",
      "WITH sent AS (SELECT DISTINCT ON (visit_id) * FROM jsonb_to_recordset($1::jsonb) AS t("
      "   visit_id uuid, store_id text, camera_id text, zone_id text, zone_kind smallint,"
      "   begin_time timestamptz, looked int, entered int, looked_first int, looking_us bigint,"
      "   dwell_us bigint) ORDER BY visit_id)"
      ", fresh AS (INSERT INTO attention_visits (visit_id) SELECT visit_id FROM sent"
      "   ON CONFLICT DO NOTHING RETURNING visit_id)"
      ", added AS (INSERT INTO attention_sums AS s (hour, store_id, camera_id, zone_id, zone_kind,"
      "     passers_by, looked, entered, looked_and_entered, looking_us, dwell_us)"
      "   SELECT date_trunc('hour', begin_time AT TIME ZONE 'UTC') AT TIME ZONE 'UTC' AS h,"
      "     store_id, camera_id, zone_id, zone_kind, count(*), sum(looked), sum(entered),"
      "     sum(looked_first), sum(looking_us), sum(dwell_us)"
      "   FROM sent JOIN fresh USING (visit_id) GROUP BY h, store_id, camera_id, zone_id, zone_kind"
      "   ORDER BY h, store_id, camera_id, zone_id, zone_kind"
      "   ON CONFLICT (hour, store_id, camera_id, zone_id, zone_kind) DO UPDATE SET"
      "     passers_by = s.passers_by + EXCLUDED.passers_by,"
      "     looked = s.looked + EXCLUDED.looked, entered = s.entered + EXCLUDED.entered,"
      "     looked_and_entered = s.looked_and_entered + EXCLUDED.looked_and_entered,"
      "     looking_us = s.looking_us + EXCLUDED.looking_us,"
      "     dwell_us = s.dwell_us + EXCLUDED.dwell_us)"
      " SELECT count(*) FROM fresh"};
  return add;
}

// Where the step of an hour begins.
std::string StartOf(AttentionStep step) {
  switch (step) {
    case AttentionStep::kDay:
      return "date_trunc('day', hour AT TIME ZONE $6::text) AT TIME ZONE $6::text";
    case AttentionStep::kTotal:
      return "$1::timestamptz";
    case AttentionStep::kHour:
    case AttentionStep::kUnspecified:
      break;
  }
  return "hour";
}

Statement SelectSums(AttentionStep step) {
  return {absl::StrCat("attention_list_", Number(step)),
          absl::StrCat("SELECT store_id, camera_id, zone_id, zone_kind, ", MicrosOf("start"),
                       ", p, l, e, b, lt, dt FROM (SELECT ", StartOf(step),
                       " AS start, store_id, camera_id, zone_id, zone_kind,"
                       "   sum(passers_by) AS p, sum(looked) AS l, sum(entered) AS e,"
                       "   sum(looked_and_entered) AS b, sum(looking_us) AS lt, sum(dwell_us) AS dt"
                       " FROM attention_sums WHERE hour >= $1::timestamptz AND hour < $2"
                       "   AND ($3::text[] IS NULL OR store_id = ANY ($3::text[]))"
                       "   AND ($4::text[] IS NULL OR camera_id = ANY ($4::text[]))"
                       "   AND ($5::smallint[] IS NULL OR zone_kind = ANY ($5::smallint[]))"
                       "   AND $6::text IS NOT NULL"
                       " GROUP BY start, store_id, camera_id, zone_id, zone_kind) t"
                       " ORDER BY start, store_id, camera_id, zone_id, zone_kind LIMIT $7")};
}

Params SumParams(const AttentionQuery& query, size_t limit) {
  Params params;
  params.Time(query.from).Time(query.until);
  query.store_ids.empty() ? params.Null() : params.Array(query.store_ids);
  query.camera_ids.empty() ? params.Null() : params.Array(query.camera_ids);
  std::vector<std::string> kinds;
  for (const ZoneKind kind : query.zone_kinds) kinds.push_back(absl::StrCat(Number(kind)));
  kinds.empty() ? params.Null() : params.Array(kinds);
  return params.Text(query.time_zone).Int(static_cast<int64_t>(limit));
}

AttentionSum ReadSum(const pqxx::row& row) {
  AttentionSum sum;
  sum.store_id = ReadText(row[0]);
  sum.camera_id = ReadText(row[1]);
  sum.zone_id = ReadText(row[2]);
  sum.zone_kind = static_cast<ZoneKind>(ReadInt(row[3]));
  sum.start_time = ReadTime(row[4]).value_or(absl::UnixEpoch());
  sum.passers_by = static_cast<uint64_t>(ReadInt(row[5]));
  sum.looked = static_cast<uint64_t>(ReadInt(row[6]));
  sum.entered = static_cast<uint64_t>(ReadInt(row[7]));
  sum.looked_and_entered = static_cast<uint64_t>(ReadInt(row[8]));
  sum.looking_time = absl::Microseconds(ReadInt(row[9]));
  sum.dwell = absl::Microseconds(ReadInt(row[10]));
  return sum;
}

}  // namespace

absl::StatusOr<RecordResult> PostgresAttentionStore::RecordVisits(
    const std::vector<ZoneVisit>& visits) {
  const Params params = Params().Text(VisitsToJson(visits));
  RecordResult result;
  AW_RETURN_IF_ERROR(pool_.Run([&](Transaction& transaction) {
    result.recorded = static_cast<uint32_t>(ReadInt(transaction.Run(AddVisits(), params)[0][0]));
    return absl::OkStatus();
  }));
  result.duplicates = static_cast<uint32_t>(visits.size()) - result.recorded;
  return result;
}

absl::StatusOr<std::vector<AttentionSum>> PostgresAttentionStore::ListSums(
    const AttentionQuery& query, size_t limit) {
  const Statement select = SelectSums(query.step);
  const Params params = SumParams(query, limit);
  std::vector<AttentionSum> sums;
  AW_RETURN_IF_ERROR(pool_.Run([&](Transaction& transaction) -> absl::Status {
    sums.clear();
    AW_RETURN_IF_ERROR(time_zones_.Check(transaction, query.time_zone));
    for (const auto& row : transaction.Run(select, params)) sums.push_back(ReadSum(row));
    return absl::OkStatus();
  }));
  return sums;
}

}  // namespace aislewatch::events
