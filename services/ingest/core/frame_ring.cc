#include "services/ingest/core/frame_ring.h"

#include <algorithm>
#include <utility>

namespace aislewatch::ingest {

void FrameRing::Add(RingFrame frame) {
  if (frame.jpeg == nullptr) return;
  bytes_ += frame.jpeg->size();
  frames_.push_back(std::move(frame));
  const absl::Time newest = frames_.back().capture_time;
  while (frames_.size() > 1 &&
         (frames_.front().capture_time < newest - length_ || bytes_ > max_bytes_)) {
    bytes_ -= frames_.front().jpeg->size();
    frames_.pop_front();
  }
}

std::optional<RingFrame> FrameRing::At(absl::Time time) const {
  const auto distance = [time](const RingFrame& f) {
    return absl::AbsDuration(f.capture_time - time);
  };
  const auto closest = std::min_element(
      frames_.begin(), frames_.end(),
      [&](const RingFrame& a, const RingFrame& b) { return distance(a) < distance(b); });
  if (closest == frames_.end() || distance(*closest) > kNeighbourhood) return std::nullopt;
  RingFrame found = *closest;
  const auto known = [&found](uint64_t track) {
    return std::any_of(found.people.begin(), found.people.end(),
                       [track](const TrackedPerson& p) { return p.track_id == track; });
  };
  // Nearest neighbours first, so that the added position is the most current one.
  std::vector<const RingFrame*> neighbours;
  for (const RingFrame& frame : frames_) {
    if (absl::AbsDuration(frame.capture_time - found.capture_time) <= kNeighbourhood) {
      neighbours.push_back(&frame);
    }
  }
  std::stable_sort(neighbours.begin(), neighbours.end(), [&](const auto* a, const auto* b) {
    return absl::AbsDuration(a->capture_time - found.capture_time) <
           absl::AbsDuration(b->capture_time - found.capture_time);
  });
  for (const RingFrame* frame : neighbours) {
    for (const TrackedPerson& person : frame->people) {
      if (!known(person.track_id)) found.people.push_back(person);
    }
  }
  return found;
}

}  // namespace aislewatch::ingest
