#include "services/events/core/fair_share.h"

#include <algorithm>

namespace aislewatch::events {

std::map<std::string, uint32_t> FairShares(const std::map<std::string, uint32_t>& capacities,
                                           uint32_t cameras) {
  std::map<std::string, uint32_t> shares;
  for (const auto& [holder, capacity] : capacities) shares[holder] = 0;
  while (cameras > 0) {
    const auto open = std::count_if(capacities.begin(), capacities.end(), [&](const auto& entry) {
      return shares[entry.first] < entry.second;
    });
    if (open == 0) break;
    // Whole rounds at once while they last, then one each to the first holders.
    const uint32_t each = std::max<uint32_t>(1, cameras / static_cast<uint32_t>(open));
    for (const auto& [holder, capacity] : capacities) {
      const uint32_t more = std::min({each, capacity - shares[holder], cameras});
      shares[holder] += more;
      cameras -= more;
    }
  }
  return shares;
}

}  // namespace aislewatch::events
