// What a pose model and a tracker without a fault would say of footage, but for noise.
#pragma once

#include <vector>

#include "common/vision/geometry.h"
#include "simulator/random.h"
#include "simulator/truth.h"

namespace aislewatch::simulator {

/// Turns the truth of one piece of footage into tracked people: each under their own id, their
/// whole box, every joint that can be seen moved by normal noise, and hidden ones not shown. People
/// of whom no joint can be seen are left out. The same seed and frames give the same people. Not
/// thread-safe.
class TruePoses {
 public:
  /// `noise_px`: standard deviation across and down, in pixels of a picture of `size`; >= 0.
  TruePoses(float noise_px, FrameSize size, uint64_t seed);

  /// The next frame.
  std::vector<TrackedPerson> Of(const TruthFrame& truth);

 private:
  const float across_, down_;
  Random random_;
};

}  // namespace aislewatch::simulator
