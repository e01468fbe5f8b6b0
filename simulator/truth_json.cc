#include "simulator/truth_json.h"

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>

#include "absl/strings/str_cat.h"

namespace aislewatch::simulator {
namespace {

using nlohmann::json;

constexpr int kSchema = 1;

double Round(double value) { return std::round(value * 1e5) / 1e5; }

json PersonToJson(const TruthPerson& person) {
  json keypoints = json::array();
  for (const TruthKeypoint& k : person.keypoints) {
    keypoints.push_back({Round(k.point.x), Round(k.point.y), static_cast<int>(k.visibility)});
  }
  const NormalizedBox& b = person.box;
  return {{"id", person.id},
          {"box", {Round(b.x), Round(b.y), Round(b.width), Round(b.height)}},
          {"keypoints", std::move(keypoints)},
          {"visible", Round(person.visible)},
          {"action", std::string(kActionNames[static_cast<size_t>(person.action)])},
          {"activity", person.activity},
          {"progress", Round(person.progress)},
          {"holds_item", person.holds_item},
          {"shows", person.shows},
          {"head_yaw", Round(person.head_yaw)},
          {"looks_at", person.looks_at}};
}

TruthPerson PersonFromJson(const json& from) {
  TruthPerson person;
  person.id = from.at("id").get<uint64_t>();
  const json& box = from.at("box");
  person.box = {box.at(0).get<float>(), box.at(1).get<float>(), box.at(2).get<float>(),
                box.at(3).get<float>()};
  for (size_t i = 0; i < person.keypoints.size(); ++i) {
    const json& k = from.at("keypoints").at(i);
    const int visibility = k.at(2).get<int>();
    if (visibility < 0 || visibility > 2) throw std::out_of_range("visibility must be 0..2");
    person.keypoints[i] = {{k.at(0).get<float>(), k.at(1).get<float>()},
                           static_cast<Visibility>(visibility)};
  }
  person.visible = from.at("visible").get<float>();
  const auto action = from.at("action").get<std::string>();
  const auto* found = std::find(kActionNames.begin(), kActionNames.end(), action);
  if (found == kActionNames.end()) throw std::out_of_range("unknown action " + action);
  person.action = static_cast<Action>(found - kActionNames.begin());
  person.activity = from.at("activity").get<std::string>();
  person.progress = from.at("progress").get<float>();
  person.holds_item = from.at("holds_item").get<bool>();
  // Truth from before these were written down has none.
  person.shows = from.value("shows", "");
  person.head_yaw = from.value("head_yaw", 0.0f);
  person.looks_at = from.value("looks_at", "");
  return person;
}

json IncidentToJson(const TruthIncident& incident) {
  return {{"kind", std::string(ActName(incident.kind))},
          {"person_ids", incident.person_ids},
          {"start_s", Round(incident.start_s)},
          {"end_s", Round(incident.end_s)},
          {"complete", incident.complete}};
}

TruthIncident IncidentFromJson(const json& from) {
  TruthIncident incident;
  const auto kind = from.at("kind").get<std::string>();
  bool known = false;
  for (const ActKind candidate : kActKinds) {
    if (kind != ActName(candidate)) continue;
    incident.kind = candidate;
    known = true;
  }
  if (!known) throw std::out_of_range("unknown incident kind " + kind);
  incident.person_ids = from.at("person_ids").get<std::vector<uint64_t>>();
  incident.start_s = from.at("start_s").get<double>();
  incident.end_s = from.at("end_s").get<double>();
  incident.complete = from.at("complete").get<bool>();
  return incident;
}

json VisitToJson(const TruthVisit& visit) {
  return {{"person_id", visit.person_id},
          {"zone_id", visit.zone_id},
          {"begin_s", Round(visit.begin_s)},
          {"end_s", Round(visit.end_s)},
          {"looking_s", Round(visit.looking_s)},
          {"looked", visit.looked},
          {"entered", visit.entered},
          {"looked_before_entering", visit.looked_before_entering},
          {"dwell_s", Round(visit.dwell_s)}};
}

TruthVisit VisitFromJson(const json& from) {
  return {from.at("person_id").get<uint64_t>(),
          from.at("zone_id").get<std::string>(),
          from.at("begin_s").get<double>(),
          from.at("end_s").get<double>(),
          from.at("looking_s").get<double>(),
          from.at("looked").get<bool>(),
          from.at("entered").get<bool>(),
          from.at("looked_before_entering").get<bool>(),
          from.at("dwell_s").get<double>()};
}

json SceneToJson(const SceneTruth& scene) {
  json zones = json::array();
  for (const TruthZone& zone : scene.zones) {
    json polygon = json::array();
    for (const NormalizedPoint& p : zone.polygon) polygon.push_back({Round(p.x), Round(p.y)});
    zones.push_back({{"zone_id", zone.id}, {"kind", zone.kind}, {"polygon", std::move(polygon)}});
  }
  return {{"seed", scene.seed},
          {"width", scene.size.width},
          {"height", scene.size.height},
          {"fps", scene.fps},
          {"zones", std::move(zones)}};
}

SceneTruth SceneFromJson(const json& from) {
  SceneTruth scene;
  scene.seed = from.at("seed").get<uint64_t>();
  scene.size = {from.at("width").get<int>(), from.at("height").get<int>()};
  scene.fps = from.at("fps").get<double>();
  for (const json& zone : from.at("zones")) {
    TruthZone& read = scene.zones.emplace_back();
    read.id = zone.at("zone_id").get<std::string>();
    read.kind = zone.at("kind").get<std::string>();
    for (const json& p : zone.at("polygon")) {
      read.polygon.push_back({p.at(0).get<float>(), p.at(1).get<float>()});
    }
  }
  return scene;
}

}  // namespace

std::string ToJson(const FootageTruth& truth) {
  json incidents = json::array();
  for (const TruthIncident& incident : truth.incidents) {
    incidents.push_back(IncidentToJson(incident));
  }
  json visits = json::array();
  for (const TruthVisit& visit : truth.visits) visits.push_back(VisitToJson(visit));
  json frames = json::array();
  for (const TruthFrame& frame : truth.frames) {
    json people = json::array();
    for (const TruthPerson& person : frame.people) people.push_back(PersonToJson(person));
    frames.push_back(
        {{"index", frame.index}, {"time_s", Round(frame.time_s)}, {"people", std::move(people)}});
  }
  const json all = {{"schema", kSchema},
                    {"scene", SceneToJson(truth.scene)},
                    {"incidents", std::move(incidents)},
                    {"visits", std::move(visits)},
                    {"frames", std::move(frames)}};
  return all.dump();
}

absl::StatusOr<FootageTruth> FootageTruthFromJson(absl::string_view text) {
  // nlohmann reports by exceptions; this function is where they end.
  try {
    const json all = json::parse(text.begin(), text.end());
    if (all.at("schema").get<int>() != kSchema) {
      return absl::InvalidArgumentError("ground truth: schema is not 1; simulate the video again");
    }
    FootageTruth truth;
    truth.scene = SceneFromJson(all.at("scene"));
    for (const json& incident : all.at("incidents")) {
      truth.incidents.push_back(IncidentFromJson(incident));
    }
    for (const json& visit : all.value("visits", json::array())) {
      truth.visits.push_back(VisitFromJson(visit));
    }
    for (const json& frame : all.at("frames")) {
      TruthFrame& read = truth.frames.emplace_back();
      read.index = frame.at("index").get<int>();
      read.time_s = frame.at("time_s").get<double>();
      for (const json& person : frame.at("people")) read.people.push_back(PersonFromJson(person));
    }
    return truth;
  } catch (const std::exception& error) {
    return absl::InvalidArgumentError(absl::StrCat("ground truth: ", error.what()));
  }
}

}  // namespace aislewatch::simulator
