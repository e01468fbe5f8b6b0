#include "common/scene/polygon.h"

#include <cmath>
#include <limits>

#include "absl/strings/str_join.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace aislewatch {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

const float kNan = std::numeric_limits<float>::quiet_NaN();
const float kInf = std::numeric_limits<float>::infinity();

// An L: the upper right quarter is missing.
const Polygon kCorner = {{0.2f, 0.2f}, {0.5f, 0.2f}, {0.5f, 0.5f},
                         {0.8f, 0.5f}, {0.8f, 0.8f}, {0.2f, 0.8f}};

TEST(PolygonFaults, AcceptsSimplePolygonsInEitherDirection) {
  EXPECT_THAT(PolygonFaults(kCorner), IsEmpty());
  EXPECT_THAT(PolygonFaults({kCorner.rbegin(), kCorner.rend()}), IsEmpty());
  EXPECT_THAT(PolygonFaults({{0, 0}, {1, 0}, {1, 1}, {0, 1}}), IsEmpty());
  EXPECT_THAT(PolygonFaults({{0, 0}, {1, 0}, {0, 1}}), IsEmpty());
}

TEST(PolygonFaults, NamesEachFault) {
  const struct {
    Polygon polygon;
    std::string fault;
  } kCases[] = {
      {{}, "needs 3..64 corners, not 0"},
      {{{0, 0}, {1, 1}}, "needs 3..64 corners, not 2"},
      {Polygon(65, {0.5f, 0.5f}), "needs 3..64 corners, not 65"},
      {{{0, 0}, {1.5f, 0}, {0, 1}}, "corner 2 (1.5, 0) must lie in 0..1"},
      {{{0, 0}, {1, -0.1f}, {0, 1}}, "corner 2 (1, -0.1) must lie in 0..1"},
      {{{kNan, 0}, {1, 0}, {0, 1}}, "corner 1 (nan, 0) must lie in 0..1"},
      {{{0, 0}, {1, 0}, {0, kInf}}, "corner 3 (0, inf) must lie in 0..1"},
      {{{0, 0}, {0, 0}, {1, 0}, {0, 1}}, "corners 1 and 2 are the same point"},
      {{{0, 0}, {1, 0}, {0, 1}, {0, 0}}, "corners 4 and 1 are the same point"},
      {{{0, 0}, {1, 1}, {1, 0}, {0, 1}}, "edges after corners 1 and 3 cross or touch"},
      {{{0, 0}, {0.5f, 0.5f}, {1, 0}, {1, 1}, {0.5f, 0.5f}, {0, 1}}, "cross or touch"},
      {{{0, 0}, {0.5f, 0.5f}, {1, 1}}, "runs back over"},
      {{{0, 0}, {1, 0}, {0.5f, 0}, {0.5f, 1}}, "edge after corner 2 runs back"},
      {{{0, 0}, {0.001f, 0}, {0, 0.001f}}, "next to no area"},
  };
  for (const auto& c : kCases) {
    EXPECT_THAT(absl::StrJoin(PolygonFaults(c.polygon), "; "), HasSubstr(c.fault));
  }
}

TEST(PolygonFaults, ListsSeveralAtOnce) {
  EXPECT_THAT(PolygonFaults({{2, 0}, {1, 3}, {0, -1}}), SizeIs(3));
}

TEST(Contains, TellsInsideFromOutsideAndCountsTheEdge) {
  EXPECT_TRUE(Contains(kCorner, {0.3f, 0.3f}));
  EXPECT_TRUE(Contains(kCorner, {0.7f, 0.7f}));
  EXPECT_FALSE(Contains(kCorner, {0.7f, 0.3f}));  // In the hull, not in the polygon.
  EXPECT_FALSE(Contains(kCorner, {0.1f, 0.5f}));
  EXPECT_TRUE(Contains(kCorner, {0.2f, 0.5f}));
  EXPECT_TRUE(Contains(kCorner, {0.8f, 0.8f}));
  const Polygon whole = {{0, 0}, {1, 0}, {1, 1}, {0, 1}};
  for (const NormalizedPoint p : {NormalizedPoint{0, 0}, {1, 1}, {0.5f, 1}, {1, 0.5f}}) {
    EXPECT_TRUE(Contains(whole, p)) << p.x << "," << p.y;
  }
}

TEST(Contains, PointsThatAreNotFiniteLieNowhere) {
  EXPECT_FALSE(Contains(kCorner, {kNan, 0.5f}));
  EXPECT_FALSE(Contains(kCorner, {0.5f, kInf}));
  EXPECT_FALSE(Contains({}, {0.5f, 0.5f}));
}

TEST(DistanceToEdge, MeasuresToTheNearestEdge) {
  EXPECT_NEAR(DistanceToEdge(kCorner, {0.1f, 0.5f}), 0.1, 1e-6);
  EXPECT_NEAR(DistanceToEdge(kCorner, {0.6f, 0.4f}), 0.1, 1e-6);
  EXPECT_NEAR(DistanceToEdge(kCorner, {0.9f, 0.9f}), std::hypot(0.1, 0.1), 1e-6);
  EXPECT_EQ(DistanceToEdge(kCorner, {kNan, 0}), kInf);
  EXPECT_EQ(DistanceToEdge({}, {0, 0}), kInf);
}

}  // namespace
}  // namespace aislewatch
