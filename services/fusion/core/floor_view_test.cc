#include "services/fusion/core/floor_view.h"

#include <cmath>
#include <limits>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace aislewatch::fusion {
namespace {

using ::testing::Eq;
using ::testing::FloatNear;
using ::testing::Optional;

// On the floor of a 2:1 picture: from 1 to 1.5 to the right, from 0.8 to 1.2 towards the camera.
const Polygon kWindow = {{0.5f, 0.4f}, {0.75f, 0.4f}, {0.75f, 0.6f}, {0.5f, 0.6f}};
constexpr float kWide = 2;

TEST(FloorView, ThePicturesShapeAndDepthAreUndone) {
  const FloorPoint p = OnFloor({0.5f, 0.25f}, 16.0f / 9);
  EXPECT_FLOAT_EQ(p.right, 0.8888889f);
  EXPECT_FLOAT_EQ(p.towards, 0.5f);
}

TEST(FloorView, DistancesAreThoseOfTheFloor) {
  EXPECT_FLOAT_EQ(DistanceTo(kWindow, {0.6f, 0.5f}, kWide), 0);
  EXPECT_NEAR(DistanceTo(kWindow, {0.25f, 0.5f}, kWide), 0.5f, 1e-6);
  // The same share of the picture, downwards.
  EXPECT_NEAR(DistanceTo(kWindow, {0.6f, 0.85f}, kWide), 0.5f, 1e-6);
  // 0.3 and 0.4 away from a corner.
  EXPECT_NEAR(DistanceTo(kWindow, {0.35f, 0.8f}, kWide), 0.5f, 1e-6);
  EXPECT_TRUE(std::isinf(DistanceTo(kWindow, {std::nanf(""), 0.5f}, kWide)));
}

std::optional<float> DistanceAlong(const Polygon& polygon, NormalizedPoint from, Heading heading,
                                   float aspect) {
  const auto met = FirstMet(polygon, from, heading, aspect);
  return met ? std::optional(met->distance) : std::nullopt;
}

TEST(FloorView, ADirectionMeetsTheNearestEdge) {
  EXPECT_THAT(DistanceAlong(kWindow, {0.25f, 0.5f}, {1, 0}, kWide),
              Optional(FloatNear(0.5f, 1e-6)));
  EXPECT_THAT(DistanceAlong(kWindow, {1, 0.5f}, {-1, 0}, kWide), Optional(FloatNear(0.5f, 1e-6)));
  EXPECT_THAT(DistanceAlong(kWindow, {0.6f, 0.1f}, {0, 1}, kWide), Optional(FloatNear(0.6f, 1e-6)));
  // 45 degrees on the floor: from (0.4, 0.4) to the corner side at (1, 1).
  const float diagonal = std::sqrt(0.5f);
  EXPECT_THAT(DistanceAlong(kWindow, {0.2f, 0.2f}, {diagonal, diagonal}, kWide),
              Optional(FloatNear(0.6f * std::sqrt(2.0f), 1e-5)));
}

TEST(FloorView, TellsALookAtAnEdgeFromOneAlongIt) {
  EXPECT_NEAR(FirstMet(kWindow, {0.25f, 0.5f}, {1, 0}, kWide)->steepness, 1, 1e-6);
  // From (0.8, 1.6) upwards to the right: 0.6 to the right and 0.8 away meet the left edge at 0.6
  // of its slope.
  EXPECT_NEAR(FirstMet(kWindow, {0.4f, 0.6f}, {0.6f, -0.8f}, kWide)->steepness, 0.6f, 1e-6);
}

TEST(FloorView, WhatLiesBehindOrBesideIsNotMet) {
  EXPECT_THAT(DistanceAlong(kWindow, {0.25f, 0.5f}, {-1, 0}, kWide), Eq(std::nullopt));
  EXPECT_THAT(DistanceAlong(kWindow, {0.25f, 0.5f}, {0, 1}, kWide), Eq(std::nullopt));
  const float nan = std::numeric_limits<float>::quiet_NaN();
  EXPECT_THAT(DistanceAlong(kWindow, {nan, 0.5f}, {1, 0}, kWide), Eq(std::nullopt));
  EXPECT_THAT(DistanceAlong(kWindow, {0.25f, 0.5f}, {nan, nan}, kWide), Eq(std::nullopt));
  EXPECT_THAT(DistanceAlong({}, {0.25f, 0.5f}, {1, 0}, kWide), Eq(std::nullopt));
}

TEST(FloorView, FromInsideItIsTheWayOut) {
  EXPECT_THAT(DistanceAlong(kWindow, {0.55f, 0.5f}, {-1, 0}, kWide),
              Optional(FloatNear(0.1f, 1e-6)));
  EXPECT_THAT(DistanceAlong(kWindow, {0.55f, 0.5f}, {1, 0}, kWide),
              Optional(FloatNear(0.4f, 1e-6)));
}

TEST(FloorView, TurnsClockwiseInThePicture) {
  const Heading right = Turned({0, -1}, 1.5707963f);
  EXPECT_NEAR(right.right, 1, 1e-6);
  EXPECT_NEAR(right.towards, 0, 1e-6);
}

}  // namespace
}  // namespace aislewatch::fusion
