#include "cli/risk/reviewed_incidents.h"

#include <grpcpp/client_context.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <map>
#include <set>
#include <utility>

#include "absl/strings/str_cat.h"
#include "aislewatch/v1/cameras.grpc.pb.h"
#include "cli/camera_registry.h"
#include "cli/events_client.h"
#include "cli/risk/moment_log.h"
#include "common/base/status.h"
#include "common/rpc/convert.h"
#include "common/scene/scene.h"

namespace aislewatch {
namespace {

using KindsByZone = std::map<std::string, ZoneKind>;

bool IsRiskKind(v1::IncidentKind kind) {
  return kind == v1::INCIDENT_KIND_CONCEALMENT || kind == v1::INCIDENT_KIND_FIGHT;
}

// A camera that is not there any more, or never was in the registry, has no zones to tell of.
KindsByZone ZonesOf(v1::CameraRegistryService::Stub& registry, const std::string& camera_id) {
  grpc::ClientContext context;
  context.set_deadline(std::chrono::system_clock::now() + std::chrono::seconds(10));
  v1::GetCameraRequest request;
  request.set_camera_id(camera_id);
  v1::GetCameraResponse response;
  KindsByZone zones;
  if (!registry.GetCamera(&context, request, &response).ok()) return zones;
  for (const v1::Zone& zone : response.camera().zones()) {
    zones.emplace(zone.zone_id(), static_cast<ZoneKind>(zone.kind()));
  }
  return zones;
}

risk_training::Episode EpisodeOf(const v1::Incident& incident, const KindsByZone& zones,
                                 const RiskWeights& weights) {
  risk_training::Moment peak;
  AddKnownParts(incident.parts(), peak.inputs);
  for (const v1::RiskPart& part : incident.parts()) {
    if (part.name() == "dwell") peak.inputs.dwell = part.value() * weights.full_dwell;
  }
  for (const std::string& id : incident.zone_ids()) {
    if (const auto it = zones.find(id); it != zones.end()) peak.inputs.zones.push_back(it->second);
  }
  risk_training::Episode episode;
  episode.source = "reviews";
  episode.group = incident.incident_id();
  const bool confirmed = incident.review_state() == v1::REVIEW_STATE_CONFIRMED;
  (incident.kind() == v1::INCIDENT_KIND_FIGHT ? episode.fights : episode.conceals) = confirmed;
  episode.tracks = {{peak}};
  return episode;
}

struct Peaks {
  std::vector<float> confirmed;
  std::vector<float> false_alarms;
};

ReviewedCamera Summarise(const std::string& camera_id, v1::IncidentKind kind, const Peaks& peaks) {
  ReviewedCamera camera;
  camera.camera_id = camera_id;
  camera.kind = kind;
  camera.confirmed = static_cast<int>(peaks.confirmed.size());
  camera.false_alarms = static_cast<int>(peaks.false_alarms.size());
  const float usual = DefaultRule(static_cast<IncidentKind>(kind)).min_risk;
  camera.min_risk = usual;
  if (peaks.confirmed.empty()) return camera;
  // Two decimals, down: a rule that asks for just the peak would miss it next time.
  const float lowest = *std::min_element(peaks.confirmed.begin(), peaks.confirmed.end());
  camera.min_risk = std::max(usual, std::floor(lowest * 100 - 1) / 100);
  camera.spared =
      static_cast<int>(std::count_if(peaks.false_alarms.begin(), peaks.false_alarms.end(),
                                     [&](float peak) { return peak < camera.min_risk; }));
  return camera;
}

}  // namespace

absl::StatusOr<ReviewedIncidents> ReadReviewedIncidents(
    const std::shared_ptr<grpc::Channel>& events, const RiskWeights& weights) {
  AW_ASSIGN_OR_RETURN(const std::vector<v1::Incident> incidents, ListAllIncidents(events, {}));
  const auto registry = v1::CameraRegistryService::NewStub(events);
  std::map<std::string, KindsByZone> zones;
  std::map<std::pair<std::string, v1::IncidentKind>, Peaks> peaks;
  ReviewedIncidents reviewed;
  for (const v1::Incident& incident : incidents) {
    const bool confirmed = incident.review_state() == v1::REVIEW_STATE_CONFIRMED;
    const bool false_alarm = incident.review_state() == v1::REVIEW_STATE_FALSE_ALARM;
    if (!IsRiskKind(incident.kind()) || (!confirmed && !false_alarm)) continue;
    const std::string& camera = incident.camera_id();
    if (!zones.contains(camera)) zones.emplace(camera, ZonesOf(*registry, camera));
    reviewed.episodes.push_back(EpisodeOf(incident, zones.at(camera), weights));
    Peaks& of_camera = peaks[{camera, incident.kind()}];
    (confirmed ? of_camera.confirmed : of_camera.false_alarms).push_back(incident.peak_risk());
  }
  for (const auto& [key, of_camera] : peaks) {
    reviewed.cameras.push_back(Summarise(key.first, key.second, of_camera));
  }
  return reviewed;
}

absl::StatusOr<std::vector<std::string>> ApplyMinRisk(const std::shared_ptr<grpc::Channel>& events,
                                                      const ReviewedCamera& reviewed) {
  const auto registry = v1::CameraRegistryService::NewStub(events);
  // With its revision, so that nobody's change of the same moment is lost.
  AW_ASSIGN_OR_RETURN(v1::Camera camera, GetCamera(*registry, reviewed.camera_id));
  bool has_rule = false;
  std::vector<std::string> raised;
  for (v1::Rule& rule : *camera.mutable_rules()) {
    if (rule.kind() != reviewed.kind) continue;
    has_rule = true;
    if (rule.min_risk() >= reviewed.min_risk) continue;
    rule.set_min_risk(reviewed.min_risk);
    raised.push_back(rule.rule_id());
  }
  if (!has_rule) {
    return absl::FailedPreconditionError(
        absl::StrCat(reviewed.camera_id, " has no rule of its own for ", KindName(reviewed.kind),
                     "; give it one with min_risk ", reviewed.min_risk,
                     " (aislewatch cameras rules --config FILE --apply)"));
  }
  if (!raised.empty()) AW_RETURN_IF_ERROR(UpdateCamera(*registry, camera).status());
  return raised;
}

}  // namespace aislewatch
