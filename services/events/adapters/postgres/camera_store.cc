#include "services/events/adapters/postgres/camera_store.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "common/base/log.h"
#include "common/base/status.h"
#include "services/events/adapters/postgres/camera_rows.h"
#include "services/events/core/not_found.h"
#include "services/events/core/source_url.h"

namespace aislewatch::events {
namespace {

// $1..$12, in the order of the columns.
Params CameraParams(const Camera& camera, const StoredSecret& source) {
  Params params;
  params.Text(camera.camera_id)
      .Text(camera.store_id)
      .Text(camera.name)
      .Text(source.clear)
      .Bool(camera.enabled)
      .Float(camera.analysis_fps)
      .Int(camera.analysis_size)
      .Bool(camera.show_heads)
      .Bool(camera.loop)
      .Bool(camera.as_fast_as_possible);
  source.sealed.empty() ? params.Null() : params.Text(source.sealed);
  return params.Text(camera.time_zone);
}

void InsertStore(Transaction& transaction, const std::string& store_id) {
  static const Statement insert{"store_insert",
                                "INSERT INTO stores (store_id) VALUES ($1) ON CONFLICT DO NOTHING"};
  transaction.Run(insert, Params().Text(store_id));
}

void ReplaceScene(Transaction& transaction, const Camera& camera) {
  static const Statement delete_zones{"zones_delete", "DELETE FROM zones WHERE camera_id = $1"};
  static const Statement delete_rules{"rules_delete", "DELETE FROM rules WHERE camera_id = $1"};
  static const Statement insert_zones{
      "zones_insert",
      "INSERT INTO zones (camera_id, zone_id, position, name, kind, polygon)"
      " SELECT $1, zone_id, position, name, kind, polygon FROM jsonb_to_recordset($2::jsonb)"
      "   AS t(zone_id text, position int, name text, kind smallint, polygon real[])"};
  static const Statement insert_rules{
      "rules_insert",
      "INSERT INTO rules (camera_id, rule_id, position, kind, severity, zone_ids, min_risk,"
      "   min_duration_us, cooldown_us, fire_once_per, min_people, escalate_after_us)"
      " SELECT $1, rule_id, position, kind, severity, zone_ids, min_risk, min_duration_us,"
      "   cooldown_us, fire_once_per, min_people, escalate_after_us"
      " FROM jsonb_to_recordset($2::jsonb) AS t(rule_id text, position int, kind smallint,"
      "   severity smallint, zone_ids text[], min_risk real, min_duration_us bigint,"
      "   cooldown_us bigint, fire_once_per smallint, min_people int, escalate_after_us bigint)"};
  transaction.Run(delete_zones, Params().Text(camera.camera_id));
  transaction.Run(delete_rules, Params().Text(camera.camera_id));
  transaction.Run(insert_zones, Params().Text(camera.camera_id).Text(ZonesToJson(camera.scene)));
  transaction.Run(insert_rules, Params().Text(camera.camera_id).Text(RulesToJson(camera.scene)));
}

}  // namespace

absl::StatusOr<Camera> PostgresCameraStore::Create(const Camera& camera) {
  static const Statement insert{
      "camera_insert",
      "INSERT INTO cameras (camera_id, store_id, name, source_url, enabled, analysis_fps,"
      "   analysis_size, show_heads, loop, as_fast_as_possible, source_secret, time_zone)"
      " VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12) ON CONFLICT DO NOTHING"};
  static const Statement insert_lease{"camera_lease_insert",
                                      "INSERT INTO camera_leases (camera_id) VALUES ($1)"};
  AW_ASSIGN_OR_RETURN(const StoredSecret source,
                      SealSource(camera.camera_id, camera.source_url, secrets_));
  AW_RETURN_IF_ERROR(pool_.Run([&](Transaction& transaction) -> absl::Status {
    if (!camera.time_zone.empty()) {
      AW_RETURN_IF_ERROR(time_zones_.Check(transaction, camera.time_zone));
    }
    InsertStore(transaction, camera.store_id);
    if (transaction.Run(insert, CameraParams(camera, source)).affected_rows() == 0) {
      return absl::AlreadyExistsError(absl::StrCat("there is a camera ", camera.camera_id,
                                                   " already; change it with UpdateCamera"));
    }
    transaction.Run(insert_lease, Params().Text(camera.camera_id));
    ReplaceScene(transaction, camera);
    return absl::OkStatus();
  }));
  Camera stored = camera;
  stored.revision = 1;
  return stored;
}

absl::StatusOr<Camera> PostgresCameraStore::Update(const Camera& camera, bool check_revision) {
  static const Statement lock{
      "camera_lock", "SELECT revision, time_zone FROM cameras WHERE camera_id = $1 FOR UPDATE"};
  static const Statement update{
      "camera_update",
      "UPDATE cameras SET store_id = $2, name = $3, source_url = $4, enabled = $5,"
      "   analysis_fps = $6, analysis_size = $7, show_heads = $8, loop = $9,"
      "   as_fast_as_possible = $10, time_zone = $12, revision = revision + 1, update_time = now(),"
      // A masked URL that stays as it is keeps its secret: nobody could read it.
      "   source_secret = CASE WHEN $11::text IS NULL AND source_url = $4 THEN source_secret"
      "     ELSE $11::text END"
      " WHERE camera_id = $1 RETURNING revision"};
  AW_ASSIGN_OR_RETURN(const StoredSecret source,
                      SealSource(camera.camera_id, camera.source_url, secrets_));
  Camera stored = camera;
  AW_RETURN_IF_ERROR(pool_.Run([&](Transaction& transaction) -> absl::Status {
    const auto found = transaction.Run(lock, Params().Text(camera.camera_id));
    if (found.empty()) return NoCamera(camera.camera_id);
    const uint64_t revision = static_cast<uint64_t>(ReadInt(found[0][0]));
    if (check_revision && revision != camera.revision) {
      // FAILED_PRECONDITION would mean the same, but ABORTED tells the client to begin again.
      return absl::AbortedError(absl::StrCat(
          "camera ", camera.camera_id, " has revision ", revision, ", not ", camera.revision,
          ": somebody changed it; read it again and repeat the change"));
    }
    // One that was known stays, should a newer PostgreSQL have dropped its name.
    if (!camera.time_zone.empty() && camera.time_zone != ReadText(found[0][1])) {
      AW_RETURN_IF_ERROR(time_zones_.Check(transaction, camera.time_zone));
    }
    InsertStore(transaction, camera.store_id);
    stored.revision =
        static_cast<uint64_t>(ReadInt(transaction.Run(update, CameraParams(camera, source))[0][0]));
    ReplaceScene(transaction, camera);
    return absl::OkStatus();
  }));
  return stored;
}

absl::Status PostgresCameraStore::Delete(const std::string& camera_id) {
  static const Statement remove{"camera_delete", "DELETE FROM cameras WHERE camera_id = $1"};
  return pool_.Run([&](Transaction& transaction) -> absl::Status {
    const auto result = transaction.Run(remove, Params().Text(camera_id));
    return result.affected_rows() == 0 ? NoCamera(camera_id) : absl::OkStatus();
  });
}

absl::StatusOr<CameraWithStatus> PostgresCameraStore::Get(const std::string& camera_id) {
  static const Statement select{
      "camera_get", absl::StrCat("SELECT ", CameraColumns(), ", ", StatusColumns(),
                                 " FROM cameras c JOIN camera_leases l USING (camera_id)"
                                 " WHERE camera_id = $1")};
  CameraWithStatus found;
  AW_RETURN_IF_ERROR(pool_.Run([&](Transaction& transaction) -> absl::Status {
    const auto rows = transaction.Run(select, Params().Text(camera_id));
    if (rows.empty()) return NoCamera(camera_id);
    found = {ReadCamera(rows[0], secrets_), ReadStatus(rows[0])};
    return absl::OkStatus();
  }));
  return found;
}

absl::StatusOr<std::vector<CameraWithStatus>> PostgresCameraStore::List(
    const std::vector<std::string>& store_ids, const std::vector<std::string>& camera_ids,
    const std::string& after, size_t limit) {
  static const Statement select{
      "camera_list", absl::StrCat("SELECT ", CameraColumns(), ", ", StatusColumns(),
                                  " FROM cameras c JOIN camera_leases l USING (camera_id)"
                                  " WHERE ($1::text[] IS NULL OR store_id = ANY ($1::text[]))"
                                  "   AND ($2::text[] IS NULL OR camera_id = ANY ($2::text[]))"
                                  "   AND camera_id > $3 ORDER BY camera_id LIMIT $4")};
  Params params;
  store_ids.empty() ? params.Null() : params.Array(store_ids);
  camera_ids.empty() ? params.Null() : params.Array(camera_ids);
  params.Text(after).Int(static_cast<int64_t>(limit));
  std::vector<CameraWithStatus> cameras;
  AW_RETURN_IF_ERROR(pool_.Run([&](Transaction& transaction) {
    cameras.clear();
    for (const auto& row : transaction.Run(select, params)) {
      cameras.push_back({ReadCamera(row, secrets_), ReadStatus(row)});
    }
    return absl::OkStatus();
  }));
  return cameras;
}

absl::StatusOr<SealCounts> PostgresCameraStore::SealPasswords() {
  static const Statement select{
      "camera_secrets",
      "SELECT camera_id, source_url, source_secret FROM cameras WHERE camera_id > $1"
      " ORDER BY camera_id LIMIT $2 FOR NO KEY UPDATE"};
  static const Statement update{
      "camera_seal", "UPDATE cameras SET source_url = $2, source_secret = $3 WHERE camera_id = $1"};
  const SecretTable table{
      .select = select,
      .update = update,
      .open = [this](const std::string& id,
                     const StoredSecret& stored) { return OpenSource(id, stored, secrets_); },
      .seal = [this](const std::string& id,
                     const std::string& url) { return SealSource(id, url, secrets_); },
      .is_secret = [](const std::string& url) { return MaskPassword(url) != url; },
      .unreadable_message =
          "a camera's password cannot be read; give the right "
          "--secrets-key-file, or set the camera's address anew",
      .id_label = "camera"};
  AW_ASSIGN_OR_RETURN(const SealCounts counts, SealTable(pool_, secrets_, table));
  if (counts.sealed > 0) LogInfo("encrypted passwords", {{"cameras", absl::StrCat(counts.sealed)}});
  if (counts.clear > 0) {
    LogWarning("passwords of cameras are stored in clear; --secrets-key-file encrypts them",
               {{"cameras", absl::StrCat(counts.clear)}});
  }
  return counts;
}

}  // namespace aislewatch::events
