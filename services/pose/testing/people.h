// People for tests: standing figures with all 17 joints in believable places.
#pragma once

#include "common/vision/geometry.h"

namespace aislewatch::pose::testing {

/// The frame that StandingAt draws for.
inline constexpr FrameSize kTestFrame{640, 360};

/// A figure whose box has its centre at (x, y) and is `height` tall, all in fractions of
/// kTestFrame, with a body's proportions in pixels. Every joint has confidence 0.9.
inline DetectedPerson StandingAt(float x, float y, float height = 0.5f, float score = 0.8f) {
  // Offsets from the centre in heights of the body: nose, eyes, ears, shoulders, elbows, wrists,
  // hips, knees, ankles; the person's left is on our right.
  constexpr float kBody[kJointCount][2] = {
      {0, -.43f},      {.02f, -.45f}, {-.02f, -.45f}, {.04f, -.44f}, {-.04f, -.44f}, {.11f, -.3f},
      {-.11f, -.3f},   {.14f, -.14f}, {-.14f, -.14f}, {.14f, 0},     {-.14f, 0},     {.08f, .02f},
      {-.08f, .02f},   {.08f, .24f},  {-.08f, .24f},  {.08f, .45f},  {-.08f, .45f}};
  const float to_width = height * kTestFrame.height / kTestFrame.width;
  DetectedPerson person;
  person.score = score;
  person.box = {x - 0.175f * to_width, y - height / 2, 0.35f * to_width, height};
  for (int i = 0; i < kJointCount; ++i) {
    person.keypoints[i] = {x + kBody[i][0] * to_width, y + kBody[i][1] * height, 0.9f};
  }
  return person;
}

}  // namespace aislewatch::pose::testing
