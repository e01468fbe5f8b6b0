// Figures as the JSON of every evaluation writes them.
//
// Stateless and thread-safe.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <optional>

#include "models/ranking/bootstrap.h"
#include "models/ranking/ranking_metrics.h"

namespace aislewatch::ranking {

/// [low, high]; null where the figure is not defined.
nlohmann::json IntervalJson(const std::optional<Interval>& interval);

/// {"mean", "deviation"}.
nlohmann::json SpreadJson(const MeanAndDeviation& spread);

}  // namespace aislewatch::ranking
