// Fitting, telling and saving: what both ways of training the risk's weights share.
#pragma once

#include <CLI/CLI.hpp>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "models/risk/episode.h"
#include "models/risk/fit_risk.h"

namespace aislewatch {

struct RiskFittingFlags {
  /// NAME or NAME/VERSION, or "none" for the weights set by hand.
  std::string base;
  risk_training::FitOptions fit;
  int folds = 5;
  std::string out;
};

/// --base, --spread, --folds, --out.
void AddRiskFittingFlags(CLI::App& command, RiskFittingFlags& flags);

/// The weights to begin with, from the first of `repositories` that has them.
absl::StatusOr<RiskWeights> LoadBaseWeights(const RiskFittingFlags& flags,
                                            const std::vector<std::string>& repositories);

/// What a manifest says of where the weights are from.
struct RiskProvenance {
  std::string data;
  /// The command line but for this file's flags.
  std::string command;
  /// Where chance began; none where there was none.
  std::optional<int64_t> seed;
};

/// Fits `base` to `episodes`, prints how well both tell them apart and every weight, and writes the
/// model.
absl::Status FitAndSaveRisk(const std::vector<risk_training::Episode>& episodes,
                            const RiskWeights& base, const RiskFittingFlags& flags,
                            const RiskProvenance& provenance);

}  // namespace aislewatch
