// Reads a clip at the rate that the cluster analyses.
#pragma once

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "common/capture/frame_source.h"

namespace aislewatch::clip_training {

/// Crops per second that the classifier is trained at.
inline constexpr double kAnalysisFps = 10;

/// The frames that ingest would analyse, with capture times from the Unix epoch on. At most
/// `max_frames` of them. The source's error where it is no video; INVALID_ARGUMENT where it has no
/// frame. Blocks for the decoding.
absl::StatusOr<std::vector<CapturedFrame>> ReadClip(const std::string& path,
                                                    size_t max_frames = 1200);

}  // namespace aislewatch::clip_training
