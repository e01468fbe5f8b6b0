#include "services/ingest/core/frame_ring.h"

#include <algorithm>
#include <utility>

namespace aislewatch::ingest {

std::vector<TrackedPerson> PeopleAround(const RingFrame& frame,
                                        absl::Span<const SharedFrame> around) {
  std::vector<TrackedPerson> people = frame.people;
  const auto distance = [&frame](const RingFrame& other) {
    return absl::AbsDuration(other.capture_time - frame.capture_time);
  };
  // Nearest neighbours first, so that the added position is the most current one.
  std::vector<const RingFrame*> neighbours;
  for (const SharedFrame& other : around) {
    if (distance(*other) <= kHeadNeighbourhood) neighbours.push_back(other.get());
  }
  std::stable_sort(neighbours.begin(), neighbours.end(),
                   [&](const auto* a, const auto* b) { return distance(*a) < distance(*b); });
  for (const RingFrame* other : neighbours) {
    for (const TrackedPerson& person : other->people) {
      const bool known = std::any_of(people.begin(), people.end(), [&](const TrackedPerson& p) {
        return p.track_id == person.track_id;
      });
      if (!known) people.push_back(person);
    }
  }
  return people;
}

void FrameRing::Add(RingFrame frame) {
  if (frame.jpeg == nullptr) return;
  bytes_ += frame.jpeg->size();
  frames_.push_back(std::make_shared<RingFrame>(std::move(frame)));
  const absl::Time newest = frames_.back()->capture_time;
  while (frames_.size() > 1 &&
         (frames_.front()->capture_time < newest - length_ || bytes_ > max_bytes_)) {
    bytes_ -= frames_.front()->jpeg->size();
    frames_.pop_front();
  }
}

SharedFrame FrameRing::Judge(uint64_t sequence, std::vector<TrackRisk> risks) {
  // From the back: a frame is judged soon after it came.
  const auto it = std::find_if(frames_.rbegin(), frames_.rend(),
                               [sequence](const auto& f) { return f->sequence == sequence; });
  if (it == frames_.rend()) return nullptr;
  (*it)->risks = std::move(risks);
  return *it;
}

std::optional<RingFrame> FrameRing::At(absl::Time time) const {
  const auto distance = [time](const std::shared_ptr<RingFrame>& f) {
    return absl::AbsDuration(f->capture_time - time);
  };
  const auto closest =
      std::min_element(frames_.begin(), frames_.end(),
                       [&](const auto& a, const auto& b) { return distance(a) < distance(b); });
  if (closest == frames_.end() || distance(*closest) > kNeighbourhood) return std::nullopt;
  RingFrame found = **closest;
  found.people = PeopleAround(found, std::vector<SharedFrame>(frames_.begin(), frames_.end()));
  return found;
}

std::optional<absl::Time> FrameRing::ShownAt(absl::Time time) const {
  std::optional<absl::Time> shown;
  for (const auto& frame : frames_) {
    if (frame->capture_time <= time)
      shown = std::max(frame->capture_time, shown.value_or(frame->capture_time));
  }
  return shown;
}

std::vector<SharedFrame> FrameRing::Since(absl::Time from, uint64_t newest) const {
  std::vector<SharedFrame> found;
  for (const auto& frame : frames_) {
    if (frame->capture_time >= from && frame->sequence <= newest) found.push_back(frame);
  }
  return found;
}

}  // namespace aislewatch::ingest
