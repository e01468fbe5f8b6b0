#include "models/picture_movement/movement_grid.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <utility>

#include "models/picture_movement/testing/moving_pictures.h"

namespace aislewatch::picture_movement {
namespace {

using ::testing::IsEmpty;
using ::testing::SizeIs;

constexpr absl::Duration kWhole = absl::Seconds(2);

float FastestOf(const MovementGrid& grid) {
  float fastest = 0;
  for (const Velocity& place : grid.places) fastest = std::max(fastest, place.speed());
  return fastest;
}

CapturedFrame At(absl::Duration time, cv::Mat picture) {
  return {std::move(picture), absl::UnixEpoch() + time};
}

TEST(MovementMeter, WhatStandsStillDoesNotMove) {
  for (const MovementGrid& grid : MeasureMovement(Film(NothingMoves), kWhole)) {
    EXPECT_LT(FastestOf(grid), 0.01f);
    EXPECT_LT(grid.camera.speed(), 0.01f);
  }
}

TEST(MovementMeter, ATurningCameraIsNoMovementOfPlaces) {
  const std::vector<MovementGrid> grids = MeasureMovement(Film(CameraTurns), kWhole);
  ASSERT_THAT(grids, SizeIs(29));
  for (const MovementGrid& grid : grids) {
    EXPECT_NEAR(grid.camera.x, -1.0f / 3, 0.05f);
    EXPECT_NEAR(grid.camera.y, 0, 0.03f);
    const auto slow = std::count_if(grid.places.begin(), grid.places.end(),
                                    [](const Velocity& place) { return place.speed() < 0.06f; });
    // But for the edge at which the picture comes in.
    EXPECT_GT(static_cast<double>(slow), 0.9 * static_cast<double>(grid.places.size()));
  }
}

TEST(MovementMeter, MeasuresInPictureHeightsPerSecondWhereSomethingIs) {
  for (const double fps : {10.0, 25.0}) {
    for (const int lines : {240, 480}) {
      const std::vector<MovementGrid> grids = MeasureMovement(Film(OneWalks, fps, lines), kWhole);
      const MovementGrid& grid = grids[static_cast<size_t>(fps)];  // of second 1 + 1 / fps
      EXPECT_EQ(grid.rows, 40);
      EXPECT_EQ(grid.columns, 53);
      // The flow of what is small comes out too slow, never elsewhere.
      const int there = static_cast<int>((160 + 80 / fps) / 240 * 40);
      EXPECT_NEAR(grid.at(20, there).x, 1.0f / 3, 0.13f) << fps << " " << lines;
      EXPECT_NEAR(grid.at(20, there).y, 0, 0.07f);
      EXPECT_LT(grid.at(20, there + 20).speed(), 0.03f);
    }
  }
}

TEST(MovementMeter, IsTheSameOnAnyNumberOfCores) {
  const std::vector<CapturedFrame> frames = Film(SomeScuffle);
  const int cores = cv::getNumThreads();
  cv::setNumThreads(1);
  const std::vector<MovementGrid> on_one = MeasureMovement(frames, kWhole);
  cv::setNumThreads(4);
  const std::vector<MovementGrid> on_four = MeasureMovement(frames, kWhole);
  cv::setNumThreads(cores);
  ASSERT_EQ(on_one.size(), on_four.size());
  for (size_t g = 0; g < on_one.size(); ++g) {
    for (size_t i = 0; i < on_one[g].places.size(); ++i) {
      ASSERT_EQ(on_one[g].places[i].x, on_four[g].places[i].x) << g << " " << i;
    }
  }
}

TEST(MovementMeter, MeasuresNothingOverAGapAnotherSizeOrATimeThatDoesNotRise) {
  const cv::Mat picture = Draw(NothingMoves(0));
  MovementMeter meter;
  EXPECT_FALSE(meter.Push(At(absl::ZeroDuration(), picture)));
  EXPECT_TRUE(meter.Push(At(absl::Milliseconds(100), picture)));
  EXPECT_FALSE(meter.Push(At(absl::Milliseconds(100), picture)));
  EXPECT_FALSE(meter.Push(At(absl::Seconds(2), picture)));
  EXPECT_FALSE(meter.Push(At(absl::Milliseconds(2100), Blotches({640, 240}, 1))));
  EXPECT_TRUE(meter.Push(At(absl::Milliseconds(2200), Blotches({640, 240}, 1))));
}

TEST(MovementMeter, BearsPicturesOfAnyShape) {
  for (const cv::Size size : {cv::Size(1, 1), cv::Size(1, 2000), cv::Size(2000, 1)}) {
    MovementMeter meter;
    meter.Push(At(absl::ZeroDuration(), cv::Mat::zeros(size, CV_8UC3)));
    const auto grid = meter.Push(At(absl::Milliseconds(100), cv::Mat::zeros(size, CV_8UC3)));
    ASSERT_TRUE(grid.has_value()) << size;
    EXPECT_EQ(FastestOf(*grid), 0) << size;
  }
}

TEST(MeasureMovement, LooksAtFramesBeforeTheEndOnly) {
  EXPECT_THAT(MeasureMovement(Film(NothingMoves), absl::Seconds(1)), SizeIs(14));
  EXPECT_THAT(MeasureMovement({}, kWhole), IsEmpty());
}

}  // namespace
}  // namespace aislewatch::picture_movement
