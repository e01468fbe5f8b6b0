#include "services/ingest/core/score_curve.h"

#include <cmath>
#include <map>
#include <nlohmann/json.hpp>

#include "absl/strings/str_cat.h"

namespace aislewatch::ingest {
namespace {

using Json = nlohmann::ordered_json;

// With milliseconds, as positions in the clip are.
std::string Rfc3339(absl::Time time) {
  return absl::FormatTime("%Y-%m-%dT%H:%M:%E3SZ", time, absl::UTCTimeZone());
}

// Four digits are more than any curve shows. What is no number is none in JSON either.
Json Rounded(float value) {
  if (!std::isfinite(value)) return nullptr;
  return std::round(static_cast<double>(value) * 1e4) / 1e4;
}

Json Point(absl::Time time, const TrackRisk& risk) {
  Json point{{"time", Rfc3339(time)}, {"risk", Rounded(risk.risk)}};
  if (risk.pose_anomaly.has_value()) point["poseAnomaly"] = Rounded(*risk.pose_anomaly);
  if (risk.shoplifting.has_value()) point["shoplifting"] = Rounded(*risk.shoplifting);
  Json parts = Json::object();
  for (const RiskPart& part : risk.parts) {
    parts[part.name] = {{"value", Rounded(part.value)},
                        {"contribution", Rounded(part.contribution)}};
  }
  if (!parts.empty()) point["parts"] = std::move(parts);
  if (!risk.zone_ids.empty()) point["zoneIds"] = risk.zone_ids;
  return point;
}

const char* NameOf(TransitionKind kind) {
  switch (kind) {
    case TransitionKind::kOpened:
      return "TRANSITION_KIND_OPENED";
    case TransitionKind::kClosed:
      return "TRANSITION_KIND_CLOSED";
    case TransitionKind::kUpdated:
      break;
  }
  return "TRANSITION_KIND_UPDATED";
}

}  // namespace

std::string ScoreCurveJson(const ClipRecording& recording) {
  const std::vector<SharedFrame> shown = ShownFrames(recording);
  std::map<uint64_t, Json> points;
  for (const SharedFrame& frame : shown) {
    for (const TrackRisk& risk : frame->risks) {
      const auto it = points.try_emplace(risk.track_id, Json::array()).first;
      it->second.push_back(Point(frame->capture_time, risk));
    }
  }
  Json tracks = Json::array();
  for (auto& [track_id, list] : points) {
    tracks.push_back({{"trackId", absl::StrCat(track_id)}, {"points", std::move(list)}});
  }
  Json transitions = Json::array();
  for (const TransitionMark& mark : recording.transitions) {
    transitions.push_back(
        {{"time", Rfc3339(mark.time)}, {"number", mark.number}, {"kind", NameOf(mark.kind)}});
  }
  Json curve{{"schema", 1},
             {"incidentId", recording.incident_id},
             {"cameraId", recording.camera_id},
             {"clipEvidenceId", recording.clip_id},
             {"clipStart", Rfc3339(shown.empty() ? recording.from : shown.front()->capture_time)},
             {"clipEnd", Rfc3339(shown.empty() ? recording.from : shown.back()->capture_time)},
             {"peakTime", Rfc3339(recording.peak_time)}};
  if (!recording.cut.empty()) curve["cut"] = recording.cut;
  curve["tracks"] = std::move(tracks);
  curve["transitions"] = std::move(transitions);
  // Zone names come from people: what is not UTF-8 must not cost the curve.
  return curve.dump(-1, ' ', false, Json::error_handler_t::replace);
}

}  // namespace aislewatch::ingest
