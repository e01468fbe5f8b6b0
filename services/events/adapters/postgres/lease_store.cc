#include "services/events/adapters/postgres/lease_store.h"

#include <algorithm>
#include <map>
#include <nlohmann/json.hpp>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/base/status.h"
#include "services/events/adapters/postgres/camera_rows.h"
#include "services/events/core/fair_share.h"

namespace aislewatch::events {
namespace {

// now() plus a parameter in microseconds.
std::string Later(const std::string& parameter) {
  return absl::StrCat("now() + ", parameter, "::bigint * interval '1 microsecond'");
}

Params HolderAndDuration(const LeaseRequest& request) {
  return Params().Text(request.holder).Int(absl::ToInt64Microseconds(request.duration));
}

void RegisterHolder(Transaction& transaction, const LeaseRequest& request) {
  static const Statement upsert{
      "holder_upsert",
      absl::StrCat("INSERT INTO lease_holders (holder, expire_time, max_cameras)"
                   " VALUES ($1, ",
                   Later("$2"),
                   ", $3)"
                   " ON CONFLICT (holder) DO UPDATE SET expire_time = EXCLUDED.expire_time,"
                   "   max_cameras = EXCLUDED.max_cameras")};
  static const Statement forget{
      "holder_forget",
      "DELETE FROM lease_holders WHERE holder IN (SELECT holder FROM lease_holders"
      "   WHERE expire_time < now() - interval '1 minute' FOR UPDATE SKIP LOCKED)"};
  transaction.Run(upsert, HolderAndDuration(request).Int(request.max_cameras));
  transaction.Run(forget);
}

void GiveBackAndRenew(Transaction& transaction, const LeaseRequest& request) {
  static const Statement report{
      "lease_report",
      "UPDATE camera_leases l SET pipeline = t.pipeline::jsonb, report_time = now()"
      " FROM jsonb_to_recordset($2::jsonb) AS t(camera_id text, pipeline text)"
      " WHERE l.camera_id = t.camera_id AND l.holder = $1"};
  static const Statement give_back{
      "lease_give_back",
      "UPDATE camera_leases l SET holder = NULL, acquire_time = NULL, expire_time = NULL,"
      "   handing_over = false"
      " WHERE l.holder = $1 AND (l.handing_over OR l.camera_id = ANY ($2::text[])"
      "   OR NOT (SELECT c.enabled FROM cameras c WHERE c.camera_id = l.camera_id))"};
  static const Statement renew{
      "lease_renew",
      absl::StrCat("UPDATE camera_leases SET expire_time = ", Later("$2"), " WHERE holder = $1")};
  nlohmann::json reports = nlohmann::json::array();
  for (const PipelineReport& entry : request.reports) {
    reports.push_back({{"camera_id", entry.camera_id}, {"pipeline", entry.pipeline}});
  }
  transaction.Run(report, Params().Text(request.holder).Text(reports.dump()));
  transaction.Run(give_back, Params().Text(request.holder).Array(request.release_camera_ids));
  transaction.Run(renew, HolderAndDuration(request));
}

// How the cameras are spread over the holders that are alive.
struct Spread {
  uint32_t held = 0;   // By this holder.
  uint32_t share = 0;  // Its fair share.
  // The fewest cameras that another holder has which has less than its share; none: nobody wants.
  std::optional<uint32_t> neediest;
};

Spread ReadSpread(Transaction& transaction, const std::string& holder) {
  static const Statement count{"lease_enabled", "SELECT count(*) FROM cameras WHERE enabled"};
  static const Statement select{
      "lease_spread",
      "SELECT h.holder, h.max_cameras, (SELECT count(*) FROM camera_leases l"
      "   WHERE l.holder = h.holder AND l.expire_time > now() AND NOT l.handing_over)"
      " FROM lease_holders h WHERE h.expire_time > now()"};
  const auto cameras = static_cast<uint32_t>(ReadInt(transaction.Run(count)[0][0]));
  std::map<std::string, uint32_t> capacities, held;
  for (const auto& row : transaction.Run(select)) {
    capacities[ReadText(row[0])] = static_cast<uint32_t>(ReadInt(row[1]));
    held[ReadText(row[0])] = static_cast<uint32_t>(ReadInt(row[2]));
  }
  const auto shares = FairShares(capacities, cameras);
  Spread spread{held[holder], shares.at(holder), std::nullopt};
  for (const auto& [name, share] : shares) {
    if (name == holder || held[name] >= share) continue;
    spread.neediest = std::min(spread.neediest.value_or(held[name]), held[name]);
  }
  return spread;
}

// How many cameras this holder should let go of.
uint32_t Surplus(const Spread& spread, uint32_t max_cameras) {
  const uint32_t over_limit = spread.held > max_cameras ? spread.held - max_cameras : 0;
  // A difference of one is fair whoever has the more; moving that camera would only interrupt it.
  const bool unfair = spread.neediest.has_value() && spread.held > spread.share &&
                      spread.held > *spread.neediest + 1;
  return std::max(over_limit, unfair ? spread.held - spread.share : 0);
}

void Balance(Transaction& transaction, const LeaseRequest& request) {
  static const Statement hand_over{
      "lease_hand_over",
      "UPDATE camera_leases SET handing_over = true WHERE camera_id IN ("
      "   SELECT camera_id FROM camera_leases WHERE holder = $1 AND NOT handing_over"
      "   ORDER BY acquire_time DESC, camera_id DESC LIMIT $2)"};
  static const Statement take{
      "lease_take",
      absl::StrCat(
          "UPDATE camera_leases SET holder = $1, acquire_time = now(), expire_time = ", Later("$2"),
          ", handing_over = false, pipeline = NULL, report_time = NULL"
          " WHERE camera_id IN ("
          "   SELECT l.camera_id FROM camera_leases l JOIN cameras c USING (camera_id)"
          "   WHERE c.enabled AND (l.holder IS NULL OR l.expire_time < now())"
          "   ORDER BY l.camera_id LIMIT $3 FOR UPDATE OF l SKIP LOCKED)")};
  const Spread spread = ReadSpread(transaction, request.holder);
  if (const uint32_t surplus = Surplus(spread, request.max_cameras); surplus > 0) {
    transaction.Run(hand_over, Params().Text(request.holder).Int(surplus));
  } else if (spread.held < spread.share) {
    transaction.Run(take, HolderAndDuration(request).Int(spread.share - spread.held));
  }
}

LeaseGrant ReadGrant(Transaction& transaction, const LeaseRequest& request,
                     const SecretBox* secrets) {
  static const Statement select{
      "lease_grant",
      absl::StrCat("SELECT ", CameraColumns(),
                   " FROM cameras c JOIN camera_leases l USING (camera_id)"
                   " WHERE l.holder = $1 AND NOT l.handing_over ORDER BY camera_id")};
  static const Statement rest{
      "lease_rest",
      absl::StrCat("SELECT ", MicrosOf("(" + Later("$1") + ")"),
                   ", (SELECT count(*)"
                   " FROM camera_leases l JOIN cameras c USING (camera_id)"
                   " WHERE c.enabled AND (l.holder IS NULL OR l.expire_time < now()))")};
  LeaseGrant grant;
  for (const auto& row : transaction.Run(select, Params().Text(request.holder))) {
    Camera camera = ReadCamera(row, secrets);
    if (camera.source_fault.empty()) grant.cameras.push_back(std::move(camera));
  }
  const auto rows =
      transaction.Run(rest, Params().Int(absl::ToInt64Microseconds(request.duration)));
  grant.expire_time = ReadTime(rows[0][0]).value_or(absl::UnixEpoch());
  grant.unleased_cameras = static_cast<uint32_t>(ReadInt(rows[0][1]));
  static const Statement ended{
      "lease_ended",
      "SELECT r FROM unnest($1::text[]) AS r WHERE NOT EXISTS ("
      "   SELECT 1 FROM cameras c WHERE c.camera_id = r AND c.enabled) ORDER BY r"};
  std::vector<std::string> reported;
  for (const PipelineReport& report : request.reports) reported.push_back(report.camera_id);
  for (const auto& row : transaction.Run(ended, Params().Array(reported))) {
    grant.ended_camera_ids.push_back(ReadText(row[0]));
  }
  return grant;
}

}  // namespace

absl::StatusOr<LeaseGrant> PostgresLeaseStore::Sync(const LeaseRequest& request) {
  LeaseGrant grant;
  AW_RETURN_IF_ERROR(pool_.Run([&](Transaction& transaction) {
    RegisterHolder(transaction, request);
    GiveBackAndRenew(transaction, request);
    Balance(transaction, request);
    grant = ReadGrant(transaction, request, secrets_);
    return absl::OkStatus();
  }));
  return grant;
}

}  // namespace aislewatch::events
