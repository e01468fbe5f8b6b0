// A cross-validation as a page to read: `aislewatch models evaluate fighting --report`.
//
// Stateless and thread-safe.
#pragma once

#include <string>
#include <vector>

#include "models/pose_fighting/clip_poses.h"
#include "models/pose_fighting/cross_validation.h"
#include "models/report/page.h"

namespace aislewatch::pose_fighting {

struct FightingReport {
  /// What the data set is called.
  std::string dataset;
  std::vector<PosedClip> clips;
  /// CrossValidate(clips).
  CrossValidation result;
  /// JPEG of each clip of PicturedClips at the moment of its score; empty for all others.
  std::vector<std::string> pictures;
};

/// Indices of the clips that the page shows a picture of: the worst false alarms and misses of the
/// first way to judge, of those in which somebody was found.
std::vector<size_t> PicturedClips(const std::vector<PosedClip>& clips,
                                  const CrossValidation& result);

std::string FightingPage(const FightingReport& report, const report::Provenance& provenance);

}  // namespace aislewatch::pose_fighting
