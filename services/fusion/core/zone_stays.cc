#include "services/fusion/core/zone_stays.h"

#include <algorithm>
#include <cmath>

namespace aislewatch::fusion {

void ZoneStays::Update(absl::Span<const Zone> zones, NormalizedPoint foot, absl::Time now) {
  states_.resize(zones.size());
  now_ = now;
  if (std::isfinite(foot.x) && std::isfinite(foot.y)) {
    foot = {std::clamp(foot.x, 0.0f, 1.0f), std::clamp(foot.y, 0.0f, 1.0f)};
  }
  for (size_t i = 0; i < zones.size(); ++i) {
    State& state = states_[i];
    if (Contains(zones[i].polygon, foot)) {
      if (!state.inside) {
        state.inside = true;
        state.since = now;
        ++state.visits;
      }
      state.last_in = now;
    } else if (state.inside && (now - state.last_in > kLeaveAfter ||
                                DistanceToEdge(zones[i].polygon, foot) > kMargin)) {
      state.inside = false;
    }
  }
}

std::vector<Stay> ZoneStays::Stays() const {
  std::vector<Stay> stays;
  for (size_t i = 0; i < states_.size(); ++i) {
    if (!states_[i].inside) continue;
    stays.push_back({i, now_ - states_[i].since, states_[i].visits});
  }
  return stays;
}

}  // namespace aislewatch::fusion
