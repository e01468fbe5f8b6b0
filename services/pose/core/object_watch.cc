#include "services/pose/core/object_watch.h"

#include <algorithm>
#include <cmath>
#include <tuple>

namespace aislewatch::pose {
namespace {

constexpr float kMargin = 0.1f;
constexpr float kLeastRegion = 80;
constexpr absl::Duration kRemember = absl::Minutes(1);
// Frames that should be 100 ms apart are now and then 99.9.
constexpr absl::Duration kJitter = absl::Milliseconds(10);

struct Candidate {
  size_t index = 0;
  uint64_t track_id = 0;
  absl::Time last_look;
};

}  // namespace

cv::Rect LookRegion(const NormalizedBox& box, FrameSize frame) {
  const auto width = static_cast<float>(frame.width);
  const auto height = static_cast<float>(frame.height);
  const float side = std::max(box.width * width, box.height * height) * (1 + 2 * kMargin);
  const float left = (box.x + box.width / 2) * width - side / 2;
  const float top = (box.y + box.height / 2) * height - side / 2;
  // Written so that NaN is refused; nobody is larger than four frames or stands further away.
  const float limit = 4 * std::max(width, height);
  const bool sane =
      side >= kLeastRegion && side <= limit && std::abs(left) <= limit && std::abs(top) <= limit;
  if (!sane) return {};
  const auto pixels = [](float value) { return static_cast<int>(std::lround(value)); };
  const cv::Rect region = cv::Rect(pixels(left), pixels(top), pixels(side), pixels(side)) &
                          cv::Rect(0, 0, frame.width, frame.height);
  const bool enough = static_cast<float>(std::max(region.width, region.height)) >= kLeastRegion &&
                      std::min(region.width, region.height) >= kLeastRegion / 4;
  return enough ? region : cv::Rect();
}

std::vector<size_t> ObjectWatch::Choose(absl::Time time, FrameSize frame,
                                        absl::Span<const TrackedPerson> people) {
  std::erase_if(last_look_, [time](const auto& known) {
    return absl::AbsDuration(time - known.second) > kRemember;
  });
  std::vector<Candidate> due;
  for (size_t i = 0; i < people.size(); ++i) {
    if (LookRegion(people[i].person.box, frame).empty()) continue;
    const auto known = last_look_.find(people[i].track_id);
    const absl::Time last = known == last_look_.end() ? absl::InfinitePast() : known->second;
    // A clock that was set back would else make them wait until it is where it was.
    if (absl::AbsDuration(time - last) < options_.every - kJitter) continue;
    due.push_back({i, people[i].track_id, last});
  }
  const size_t count = std::min(due.size(), static_cast<size_t>(std::max(1, options_.max_crops)));
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
