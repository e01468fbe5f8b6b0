// Whose turn it is to be looked at by the object model: one stream's rota.
#pragma once

#include <cstddef>
#include <cstdint>
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
  int max_people = 2;
};

/// Not thread-safe; belongs to one stream. Remembers a time per track, and forgets those that have
/// not been looked at for a minute.
class ObjectWatch {
 public:
  explicit ObjectWatch(const ObjectWatchOptions& options) : options_(options) {}

  /// Whom to look at in the frame captured at `time`, as indices into `people`; notes them as
  /// looked at. At most max_people, none whose hands cannot be seen (HandRegions), none within
  /// `every` of their last look: first who was never looked at, the newest track before others,
  /// then who has waited longest.
  std::vector<size_t> Choose(absl::Time time, FrameSize frame,
                             absl::Span<const TrackedPerson> people);

 private:
  const ObjectWatchOptions options_;
  std::unordered_map<uint64_t, absl::Time> last_look_;
};

}  // namespace aislewatch::pose
