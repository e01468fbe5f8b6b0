// How many cameras each replica should run.
//
// Cameras are dealt out one by one, round and round, to those holders that can still take one: the
// loads differ by at most one except where a holder's own limit holds it lower. Pure function.
#pragma once

#include <cstdint>
#include <map>
#include <string>

namespace aislewatch::events {

/// Shares by holder. `capacities`: the most cameras that each holder will run. The shares sum to
/// the smaller of `cameras` and all capacity together. Holders are dealt to in the order of their
/// names, so every replica computes the same.
std::map<std::string, uint32_t> FairShares(const std::map<std::string, uint32_t>& capacities,
                                           uint32_t cameras);

}  // namespace aislewatch::events
