#include "models/picture_movement/movement_scores.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>

#include "models/picture_movement/testing/moving_pictures.h"

namespace aislewatch::picture_movement {
namespace {

float Measure(absl::string_view name, const MovingScene& scene, double fps = 15, int lines = 240) {
  const std::vector<float> values =
      MeasureClip(MeasureMovement(Film(scene, fps, lines), absl::Seconds(2)));
  for (size_t m = 0; m < kClipMeasures.size(); ++m) {
    if (kClipMeasures[m] == name) return values[m];
  }
  ADD_FAILURE() << "no measure " << name;
  return 0;
}

TEST(DirectionVotes, AreInOrderOneWayAndInDisorderEveryWay) {
  DirectionVotes votes;
  EXPECT_EQ(votes.Disorder(), 0);
  votes.Add({1, 0.1f});
  votes.Add({2, 0.3f});
  votes.Add({-0.05f, 0});  // too slow to count
  EXPECT_EQ(votes.Disorder(), 0);
  votes.Add({-3, -0.1f});
  EXPECT_NEAR(votes.Disorder(), 1.0 / 3, 0.01);  // one bit of three
  DirectionVotes every_way;
  for (int i = 0; i < 8; ++i) {
    const float angle = 0.1f + 0.7854f * static_cast<float>(i);
    every_way.Add({std::cos(angle), std::sin(angle)});
  }
  EXPECT_NEAR(every_way.Disorder(), 1, 1e-6);
}

TEST(MeasureClip, AScuffleIsDisorderedAndAWalkerOrATurningCameraIsNot) {
  EXPECT_EQ(Measure("disorder", NothingMoves), 0);
  EXPECT_LT(Measure("disorder", OneWalks), 0.25f);
  EXPECT_GT(Measure("disorder", SomeScuffle), 0.9f);
  // What little seems to move at the picture's edge must not weigh.
  EXPECT_LT(Measure("amount", CameraTurns), Measure("amount", OneWalks));
}

Sight SomeScuffleWhileAnotherWalks(float seconds) {
  Sight sight{0, Scuffle(seconds, 90, 110)};
  sight.things.push_back({{250, 60 + 60 * seconds}});
  return sight;
}

Sight TwoCrossEachOther(float seconds) {
  return {0, {{{60 + 80 * seconds, 70}}, {{260 - 80 * seconds, 180}, {60, 100}, 2}}};
}

TEST(MeasureClip, LooksAtThePlaceWhereMostHappens) {
  EXPECT_GT(Measure("disorder_busiest", SomeScuffleWhileAnotherWalks), 0.7f);
  // Apart they move in order, and only the whole picture is of two minds.
  EXPECT_GT(Measure("disorder", TwoCrossEachOther), Measure("disorder", OneWalks) + 0.2f);
  EXPECT_LT(Measure("disorder_busiest", TwoCrossEachOther), 0.3f);
}

TEST(MeasureClip, TellsTheCameraFromWhatMovesBeforeIt) {
  EXPECT_NEAR(std::exp(Measure("camera", CameraTurns)), 1.0f / 3, 0.05f);
  EXPECT_LT(std::exp(Measure("camera", SomeScuffle)), 0.03f);
  EXPECT_GT(Measure("acceleration", SomeScuffle), Measure("acceleration", OneWalks) + 0.5f);
}

TEST(MeasureClip, NeitherSizeNorRateMatters) {
  for (const absl::string_view name : {"disorder", "disorder_busiest", "amount"}) {
    const float usual = Measure(name, SomeScuffle);
    EXPECT_NEAR(Measure(name, SomeScuffle, 15, 480), usual, 0.01f) << name;
    EXPECT_NEAR(Measure(name, SomeScuffle, 25), usual, 0.2f) << name;
  }
}

TEST(MeasureClip, AClipOfOneFrameDoesNotMove) {
  const std::vector<float> nothing = MeasureClip({});
  ASSERT_EQ(nothing.size(), kClipMeasures.size());
  EXPECT_EQ(nothing[0], 0);
  EXPECT_EQ(nothing[1], 0);
  EXPECT_LT(nothing[2], -6);
}

}  // namespace
}  // namespace aislewatch::picture_movement
