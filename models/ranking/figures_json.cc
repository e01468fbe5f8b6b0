#include "models/ranking/figures_json.h"

#include <nlohmann/json.hpp>

namespace aislewatch::ranking {

nlohmann::json IntervalJson(const std::optional<Interval>& interval) {
  if (!interval) return nullptr;
  return {interval->low, interval->high};
}

nlohmann::json SpreadJson(const MeanAndDeviation& spread) {
  return {{"mean", spread.mean}, {"deviation", spread.deviation}};
}

}  // namespace aislewatch::ranking
