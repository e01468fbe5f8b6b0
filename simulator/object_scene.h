// Pictures of people who hold weapons or harmless things, for training object detectors.
//
// Thread-safe: no state; each call builds a scene of its own and draws it once (about 0.1 s).
#pragma once

#include <opencv2/core/mat.hpp>
#include <vector>

#include "absl/status/statusor.h"
#include "common/vision/geometry.h"
#include "simulator/held_objects.h"

namespace aislewatch::simulator {

/// A thing that somebody in the picture holds.
struct SceneObject {
  HeldObject kind = HeldObject::kKnife;
  /// Around what can be seen of it, in fractions of the picture; never empty.
  NormalizedBox box;
  /// Share of it that nothing hides and that is in the picture, above 0..1.
  float visible = 1;
};

struct ObjectScene {
  /// Everybody in the picture, also who is hidden, as a pose model finds people: joints and boxes
  /// are off by what is usual.
  std::vector<DetectedPerson> people;
  /// 8-bit BGR. Its size differs from seed to seed: 288 to 512 pixels wide, as crops of cameras
  /// are.
  cv::Mat image;
  /// In no particular order; what cannot be seen at all is left out.
  std::vector<SceneObject> objects;
};

/// One to three people close enough for their hands to be seen, in a simulated store or in a plain
/// room. In half of the scenes somebody holds a weapon, in a third there are look-alikes only, in
/// the others nothing but goods and bags. Light, colours, sharpness, noise and compression vary.
/// The same seed gives the same picture on the same build; seeds from kFirstTestSeed on are for
/// tests (simulation.h).
absl::StatusOr<ObjectScene> RenderObjectScene(uint64_t seed);

}  // namespace aislewatch::simulator
