#include "simulator/true_poses.h"

namespace aislewatch::simulator {
namespace {

// What MoveNet says of joints that it sees well.
constexpr float kSure = 0.9f;
// Apart from what the same seed draws in the simulation.
constexpr uint64_t kNoisePurpose = 100;

}  // namespace

TruePoses::TruePoses(float noise_px, FrameSize size, uint64_t seed)
    : across_(noise_px / static_cast<float>(size.width)),
      down_(noise_px / static_cast<float>(size.height)),
      random_(seed, kNoisePurpose) {}

std::vector<TrackedPerson> TruePoses::Of(const TruthFrame& truth) {
  std::vector<TrackedPerson> people;
  for (const TruthPerson& person : truth.people) {
    if (person.visible <= 0) continue;
    TrackedPerson& tracked = people.emplace_back();
    tracked.track_id = person.id;
    tracked.person.box = person.box;
    tracked.person.score = kSure;
    for (size_t i = 0; i < person.keypoints.size(); ++i) {
      const TruthKeypoint& joint = person.keypoints[i];
      const float right = across_ * random_.Normal();
      const float below = down_ * random_.Normal();
      if (joint.visibility != Visibility::kVisible) continue;
      tracked.person.keypoints[i] = {joint.point.x + right, joint.point.y + below, kSure};
    }
  }
  return people;
}

}  // namespace aislewatch::simulator
