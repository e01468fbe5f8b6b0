#include "services/events/adapters/postgres/camera_rows.h"

#include <nlohmann/json.hpp>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "common/base/status.h"
#include "services/events/adapters/postgres/sql.h"
#include "services/events/core/source_url.h"

namespace aislewatch::events {
namespace {

using nlohmann::json;

Zone ReadZone(const json& entry) {
  Zone zone;
  zone.id = entry.at("zone_id").get<std::string>();
  zone.name = entry.at("name").get<std::string>();
  zone.kind = static_cast<ZoneKind>(entry.at("kind").get<int>());
  const json& corners = entry.at("polygon");
  for (size_t i = 0; i + 1 < corners.size(); i += 2) {
    zone.polygon.push_back({corners[i].get<float>(), corners[i + 1].get<float>()});
  }
  return zone;
}

Rule ReadRule(const json& entry) {
  Rule rule;
  rule.id = entry.at("rule_id").get<std::string>();
  rule.kind = static_cast<IncidentKind>(entry.at("kind").get<int>());
  rule.severity = static_cast<Severity>(entry.at("severity").get<int>());
  rule.zone_ids = entry.at("zone_ids").get<std::vector<std::string>>();
  rule.min_risk = entry.at("min_risk").get<float>();
  rule.min_duration = absl::Microseconds(entry.at("min_duration_us").get<int64_t>());
  rule.cooldown = absl::Microseconds(entry.at("cooldown_us").get<int64_t>());
  rule.fire_once_per = static_cast<FireOncePer>(entry.at("fire_once_per").get<int>());
  rule.min_people = entry.at("min_people").get<int>();
  if (const json& after = entry.at("escalate_after_us"); !after.is_null()) {
    rule.escalate_after = absl::Microseconds(after.get<int64_t>());
  }
  return rule;
}

std::string SecretContext(const std::string& camera_id) {
  return absl::StrCat("camera ", camera_id);
}

}  // namespace

absl::StatusOr<StoredSecret> SealSource(const std::string& camera_id, const std::string& url,
                                        const SecretBox* secrets) {
  std::string masked = MaskPassword(url);
  if (secrets == nullptr || masked == url) return StoredSecret{url, ""};
  AW_ASSIGN_OR_RETURN(std::string secret, secrets->Seal(url, SecretContext(camera_id)));
  return StoredSecret{std::move(masked), std::move(secret)};
}

absl::StatusOr<std::string> OpenSource(const std::string& camera_id, const StoredSecret& source,
                                       const SecretBox* secrets) {
  // A program that knows nothing of secrets may have written the URL since: then that one holds.
  const bool masked = absl::StrContains(source.clear, kMaskedPassword) &&
                      MaskPassword(source.clear) == source.clear;
  if (source.sealed.empty() || !masked) return source.clear;
  AW_ASSIGN_OR_RETURN(std::string url,
                      OpenSealed(secrets, source.sealed, SecretContext(camera_id)));
  if (MaskPassword(url) != source.clear) return source.clear;
  return url;
}

std::string ZonesToJson(const Scene& scene) {
  json list = json::array();
  for (const Zone& zone : scene.zones) {
    json corners = json::array();
    for (const NormalizedPoint& point : zone.polygon) {
      corners.push_back(point.x);
      corners.push_back(point.y);
    }
    list.push_back({{"position", list.size()},
                    {"zone_id", zone.id},
                    {"name", zone.name},
                    {"kind", Number(zone.kind)},
                    {"polygon", std::move(corners)}});
  }
  return list.dump();
}

std::string RulesToJson(const Scene& scene) {
  json list = json::array();
  for (const Rule& rule : scene.rules) {
    json after;
    if (rule.escalate_after.has_value()) after = absl::ToInt64Microseconds(*rule.escalate_after);
    list.push_back({{"position", list.size()},
                    {"rule_id", rule.id},
                    {"kind", Number(rule.kind)},
                    {"severity", Number(rule.severity)},
                    {"zone_ids", rule.zone_ids},
                    {"min_risk", rule.min_risk},
                    {"min_duration_us", absl::ToInt64Microseconds(rule.min_duration)},
                    {"cooldown_us", absl::ToInt64Microseconds(rule.cooldown)},
                    {"fire_once_per", Number(rule.fire_once_per)},
                    {"min_people", rule.min_people},
                    {"escalate_after_us", std::move(after)}});
  }
  return list.dump();
}

std::string CameraColumns() {
  return "c.camera_id, c.store_id, c.name, c.source_url, c.enabled, c.analysis_fps,"
         " c.analysis_size, c.show_heads, c.loop, c.as_fast_as_possible, c.revision,"
         " jsonb_build_object("
         "   'zones', coalesce((SELECT jsonb_agg(to_jsonb(z) ORDER BY z.position)"
         "     FROM zones z WHERE z.camera_id = c.camera_id), '[]'),"
         "   'rules', coalesce((SELECT jsonb_agg(to_jsonb(r) ORDER BY r.position)"
         "     FROM rules r WHERE r.camera_id = c.camera_id), '[]')), c.source_secret, c.time_zone";
}

Camera ReadCamera(const pqxx::row& row, const SecretBox* secrets) {
  Camera camera;
  camera.camera_id = ReadText(row[0]);
  camera.store_id = ReadText(row[1]);
  camera.name = ReadText(row[2]);
  camera.source_url = ReadText(row[3]);
  if (auto url = OpenSource(camera.camera_id, {camera.source_url, ReadText(row[12])}, secrets);
      url.ok()) {
    camera.source_url = *std::move(url);
  } else {
    camera.source_fault =
        absl::StrCat("the camera's password cannot be read: ", url.status().message(),
                     "; give event storage the right --secrets-key-file, or set "
                     "the camera's address anew");
  }
  camera.enabled = ReadBool(row[4]);
  camera.analysis_fps = ReadFloat(row[5]);
  camera.analysis_size = static_cast<uint32_t>(ReadInt(row[6]));
  camera.show_heads = ReadBool(row[7]);
  camera.loop = ReadBool(row[8]);
  camera.as_fast_as_possible = ReadBool(row[9]);
  camera.revision = static_cast<uint64_t>(ReadInt(row[10]));
  camera.time_zone = ReadText(row[13]);
  const json scene = json::parse(ReadText(row[11]));
  for (const json& zone : scene.at("zones")) camera.scene.zones.push_back(ReadZone(zone));
  for (const json& rule : scene.at("rules")) camera.scene.rules.push_back(ReadRule(rule));
  return camera;
}

std::string StatusColumns() {
  // A lease that ran out is nobody's, although its row still names the last holder.
  return absl::StrCat(
      "CASE WHEN l.expire_time > now() THEN l.holder END,"
      " CASE WHEN l.expire_time > now() THEN ",
      MicrosOf("l.expire_time"), " END, l.pipeline, ", MicrosOf("l.report_time"));
}

CameraStatus ReadStatus(const pqxx::row& row) {
  CameraStatus status;
  status.holder = ReadText(row[kCameraColumns]);
  status.lease_expire_time = ReadTime(row[kCameraColumns + 1]);
  status.pipeline = ReadText(row[kCameraColumns + 2]);
  status.report_time = ReadTime(row[kCameraColumns + 3]);
  return status;
}

}  // namespace aislewatch::events
