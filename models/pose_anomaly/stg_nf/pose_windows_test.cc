#include "models/pose_anomaly/stg_nf/pose_windows.h"

#include <gtest/gtest.h>

#include <cmath>
#include <random>

#include "models/pose_anomaly/testing/synthetic_poses.h"

namespace aislewatch::pose_anomaly {
namespace {

// A pose whose joints lie on a line that moves right by 10 px per reference frame.
PoseSample MovingSample(double frame) {
  PoseSample sample{absl::UnixEpoch() + absl::Seconds(frame / kPoseLiftFps), {}, kPoseLiftFrame};
  for (int j = 0; j < kJointCount; ++j) {
    sample.pose[j] = {static_cast<float>((300 + 10 * frame) / kPoseLiftFrame.width),
                      static_cast<float>((200.0 + 20 * j) / kPoseLiftFrame.height), 1};
  }
  return sample;
}

TEST(PoseWindowsTest, GivesAWindowOnceTheTrackIsLongEnough) {
  PoseWindows windows(4);
  for (int f = 0; f < 10; ++f) EXPECT_EQ(windows.Push(MovingSample(f)).has_value(), f >= 3) << f;
}

TEST(PoseWindowsTest, NormalizesByMeanAndDeviationOfY) {
  PoseWindows windows(4);
  std::optional<StgWindow> window;
  for (int f = 0; f < 4; ++f) window = windows.Push(MovingSample(f));
  ASSERT_TRUE(window.has_value());
  ASSERT_EQ(window->size(), 2u * 4 * kStgJoints);
  double x = 0, y = 0, yy = 0;
  for (int i = 0; i < 4 * kStgJoints; ++i) {
    x += (*window)[i];
    y += (*window)[4 * kStgJoints + i];
    yy += std::pow((*window)[4 * kStgJoints + i], 2);
  }
  EXPECT_NEAR(x, 0, 1e-3);
  EXPECT_NEAR(y, 0, 1e-3);
  EXPECT_NEAR(yy / (4 * kStgJoints), 1, 1e-3);
  EXPECT_LT((*window)[0], (*window)[3 * kStgJoints]);  // moves right
}

TEST(PoseWindowsTest, AddsTheNeckBetweenTheShoulders) {
  PoseWindows windows(2);
  windows.Push(MovingSample(0));
  const auto window = windows.Push(MovingSample(1));
  ASSERT_TRUE(window.has_value());
  const float* y = window->data() + 2 * kStgJoints;
  EXPECT_NEAR(y[kJointCount], (y[5] + y[6]) / 2, 1e-5);
}

TEST(PoseWindowsTest, ResamplesOtherFrameRates) {
  PoseWindows reference(12), slower(12);
  std::optional<StgWindow> a, b;
  for (int f = 0; f <= 30; ++f) a = reference.Push(MovingSample(f));
  for (double f = 0; f <= 30; f += 1.5) b = slower.Push(MovingSample(f));  // 10 per second
  ASSERT_TRUE(a.has_value() && b.has_value());
  for (size_t i = 0; i < a->size(); ++i) EXPECT_NEAR((*a)[i], (*b)[i], 1e-3) << i;
}

TEST(PoseWindowsTest, BridgesTwoMissingFramesButNotThree) {
  for (int missing : {2, 3}) {
    PoseWindows windows(4);
    for (int f = 0; f < 4; ++f) windows.Push(MovingSample(f));
    EXPECT_EQ(windows.Push(MovingSample(4 + missing)).has_value(), missing == 2);
  }
}

TEST(PoseWindowsTest, IgnoresAPoseThatIsNotLater) {
  PoseWindows windows(2);
  windows.Push(MovingSample(1));
  EXPECT_FALSE(windows.Push(MovingSample(1)).has_value());
  EXPECT_FALSE(windows.Push(MovingSample(0)).has_value());
  EXPECT_TRUE(windows.Push(MovingSample(2)).has_value());
}

TEST(PoseWindowsTest, StaysFiniteWhereAllJointsAreOnePoint) {
  PoseWindows windows(2);
  PoseSample sample{absl::UnixEpoch(), {}, kPoseLiftFrame};
  windows.Push(sample);
  sample.time += absl::Milliseconds(66);
  sample.time += absl::Milliseconds(1);
  const auto window = windows.Push(sample);
  ASSERT_TRUE(window.has_value());
  for (float v : *window) EXPECT_TRUE(std::isfinite(v));
}

TEST(CutWindowsTest, TakesEveryStridethWindowOfEachTrack) {
  const std::vector<PoseClip> clips = WalkingClips(2, 36);
  EXPECT_EQ(CutWindows({&clips[0], &clips[1]}, 24, 6).size(), 2u * 3);
  EXPECT_EQ(CutWindows({&clips[0]}, 24, 1).size(), 13u);
  EXPECT_TRUE(CutWindows({&clips[0]}, 37, 1).empty());
}

}  // namespace
}  // namespace aislewatch::pose_anomaly
