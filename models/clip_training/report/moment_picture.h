// The frame in which a clip's verdict was reached, for a report.
//
// Stateless and thread-safe.
#pragma once

#include <cstdint>
#include <string>

#include "absl/status/statusor.h"
#include "absl/types/span.h"
#include "common/capture/frame_source.h"
#include "models/clip_training/person_finder.h"

namespace aislewatch::clip_training {

/// `frame` as JPEG, at most 480 pixels wide, with the skeletons of `tracks`. The heads of all
/// `people` in it are blurred: a report is sent around, and who somebody is does not matter in it.
absl::StatusOr<std::string> MomentPicture(const CapturedFrame& frame,
                                          absl::Span<const FoundPerson> people,
                                          absl::Span<const uint64_t> tracks);

}  // namespace aislewatch::clip_training
