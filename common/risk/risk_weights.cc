#include "common/risk/risk_weights.h"

namespace aislewatch {

absl::Span<const NamedRiskWeight> NamedRiskWeights() {
  static constexpr NamedRiskWeight kWeights[] = {
      {"bias", &RiskWeights::bias},
      {"clip_shoplifting", &RiskWeights::clip_shoplifting},
      {"clip_shoplifting_bias", &RiskWeights::clip_shoplifting_bias},
      {"pose_anomaly", &RiskWeights::pose_anomaly},
      {"zone_shelf", &RiskWeights::zone_shelf},
      {"zone_checkout", &RiskWeights::zone_checkout},
      {"zone_exit", &RiskWeights::zone_exit},
      {"zone_restricted", &RiskWeights::zone_restricted},
      {"zone_storefront", &RiskWeights::zone_storefront},
      {"dwell", &RiskWeights::dwell},
      {"fight_bias", &RiskWeights::fight_bias},
      {"clip_fighting", &RiskWeights::clip_fighting},
      {"clip_fighting_bias", &RiskWeights::clip_fighting_bias},
      {"fight_pose_anomaly", &RiskWeights::fight_pose_anomaly},
      {"pose_fighting", &RiskWeights::pose_fighting},
      {"fight_alone", &RiskWeights::fight_alone},
  };
  return kWeights;
}

RiskWeights RiskWeightChanges::ApplyTo(RiskWeights changed) const {
  for (const auto& [name, weight] : NamedRiskWeights()) {
    if (const auto it = weights.find(name); it != weights.end()) changed.*weight = it->second;
  }
  if (full_dwell) changed.full_dwell = *full_dwell;
  return changed;
}

}  // namespace aislewatch
