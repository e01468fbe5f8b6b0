#include "services/pose/core/object_watch.h"

#include <algorithm>
#include <tuple>

#include "common/vision/hand_region.h"

namespace aislewatch::pose {
namespace {

constexpr absl::Duration kRemember = absl::Minutes(1);
// Frames that should be 100 ms apart are now and then 99.9.
constexpr absl::Duration kJitter = absl::Milliseconds(10);

struct Candidate {
  size_t index = 0;
  uint64_t track_id = 0;
  absl::Time last_look;
};

}  // namespace

std::vector<size_t> ObjectWatch::Choose(absl::Time time, FrameSize frame,
                                        absl::Span<const TrackedPerson> people) {
  std::erase_if(last_look_, [time](const auto& known) {
    return absl::AbsDuration(time - known.second) > kRemember;
  });
  std::vector<Candidate> due;
  for (size_t i = 0; i < people.size(); ++i) {
    if (HandRegions(people[i].person, frame).empty()) continue;
    const auto known = last_look_.find(people[i].track_id);
    const absl::Time last = known == last_look_.end() ? absl::InfinitePast() : known->second;
    // A clock that was set back would else make them wait until it is where it was.
    if (absl::AbsDuration(time - last) < options_.every - kJitter) continue;
    due.push_back({i, people[i].track_id, last});
  }
  const size_t count = std::min(due.size(), static_cast<size_t>(std::max(1, options_.max_people)));
  std::partial_sort(due.begin(), due.begin() + static_cast<std::ptrdiff_t>(count), due.end(),
                    [](const Candidate& a, const Candidate& b) {
                      return std::tie(a.last_look, b.track_id) < std::tie(b.last_look, a.track_id);
                    });
  std::vector<size_t> chosen;
  for (size_t i = 0; i < count; ++i) {
    chosen.push_back(due[i].index);
    last_look_[due[i].track_id] = time;
  }
  return chosen;
}

}  // namespace aislewatch::pose
