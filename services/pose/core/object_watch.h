// Whose turn it is to be looked at by the object model: one stream's rota.
#pragma once

#include <cstddef>
#include <cstdint>
#include <opencv2/core/types.hpp>
#include <unordered_map>
#include <vector>

#include "absl/time/time.h"
#include "absl/types/span.h"
#include "common/vision/geometry.h"

namespace aislewatch::pose {

struct ObjectWatchOptions {
  /// Least time between two looks at one person, by capture time.
  absl::Duration every = absl::Milliseconds(300);
  /// Most people that are looked at in one frame, >= 1: bounds what a frame costs, however many
  /// people there are.
  int max_crops = 2;
};

/// The part of a frame in which the object model looks for what a person holds, in pixels: the
/// square around their box with a tenth of its longer side on each side, cut to the frame. Empty
/// where it would be smaller than 80 pixels, in which nothing in a hand can be told, and for boxes
/// that no person has.
///
/// Cut and not filled up as CropPerson does: the network has learnt from pictures that end.
cv::Rect LookRegion(const NormalizedBox& box, FrameSize frame);

/// Not thread-safe; belongs to one stream. Remembers a time per track, and forgets those that have
/// not been looked at for a minute.
class ObjectWatch {
 public:
  explicit ObjectWatch(const ObjectWatchOptions& options) : options_(options) {}

  /// Whom to look at in the frame captured at `time`, as indices into `people`; notes them as
  /// looked at. At most max_crops, none within `every` of their last look: first who was never
  /// looked at, the newest track before others, then who has waited longest.
  std::vector<size_t> Choose(absl::Time time, FrameSize frame,
                             absl::Span<const TrackedPerson> people);

 private:
  const ObjectWatchOptions options_;
  std::unordered_map<uint64_t, absl::Time> last_look_;
};

}  // namespace aislewatch::pose
