#include "cli/risk/moment_log.h"

#include <utility>

#include "common/rpc/convert.h"

namespace aislewatch {

void AddKnownParts(const google::protobuf::RepeatedPtrField<v1::RiskPart>& parts,
                   RiskInputs& inputs) {
  for (const v1::RiskPart& part : parts) {
    if (part.name() == "clip_shoplifting") inputs.shoplifting = part.value();
    if (part.name() == "clip_fighting") inputs.fighting = part.value();
    if (part.name() == "pose_anomaly") inputs.pose_anomaly = part.value();
    if (part.name() == "pose_fighting") inputs.pair = FightingEvidence{part.value(), false};
    if (part.name() == "alone") inputs.pair = FightingEvidence{0, true};
  }
}

MomentLog::MomentLog(absl::Span<const Zone> zones) {
  for (const Zone& zone : zones) kinds_.emplace(zone.id, zone.kind);
}

void MomentLog::Add(const AnalysedFrame& frame) {
  for (const v1::TrackRisk& risk : frame.verdict.risks()) {
    risk_training::Moment moment;
    moment.time = frame.time;
    moment.inputs.dwell = FromProto(risk.dwell());
    for (const std::string& id : risk.zone_ids()) {
      if (const auto it = kinds_.find(id); it != kinds_.end()) {
        moment.inputs.zones.push_back(it->second);
      }
    }
    for (const v1::KindRisk& kind : risk.kinds()) AddKnownParts(kind.parts(), moment.inputs);
    tracks_[risk.track_id()].push_back(std::move(moment));
  }
}

std::vector<risk_training::TrackMoments> MomentLog::AllTracks() const {
  std::vector<risk_training::TrackMoments> all;
  for (const auto& [id, moments] : tracks_) all.push_back(moments);
  return all;
}

}  // namespace aislewatch
