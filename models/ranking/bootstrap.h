// How far figures would scatter on other clips of the same kind.
//
// Stateless and thread-safe. Efron and Tibshirani, "An Introduction to the Bootstrap", 1993,
// ch. 13.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <vector>

#include "absl/types/span.h"

namespace aislewatch::ranking {

struct Interval {
  double low = 0;
  double high = 0;
};

/// Figures of one draw, always in the same order; nothing where a draw leaves one undefined.
/// `drawn[g]` tells how often group g was drawn; the sum is the number of groups.
using DrawnFigures =
    std::function<std::vector<std::optional<double>>(absl::Span<const double> drawn)>;

/// The 2.5 % and 97.5 % points of each figure when whole groups are drawn with replacement: frames
/// of one clip resemble each other, so clips are drawn, not frames. Nothing for a figure that no
/// draw defines. The same seed gives the same draws. Calls `figures` `draws` times.
std::vector<std::optional<Interval>> BootstrapIntervals(size_t groups, const DrawnFigures& figures,
                                                        int draws = 1000, uint64_t seed = 0);

}  // namespace aislewatch::ranking
