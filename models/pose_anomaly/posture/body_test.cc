#include "models/pose_anomaly/posture/body.h"

#include <gtest/gtest.h>

#include <random>

#include "models/pose_anomaly/testing/synthetic_poses.h"

namespace aislewatch::pose_anomaly {
namespace {

PoseSample SampleAt(float scale, float dx, FrameSize frame = {1000, 500}) {
  std::mt19937 random(3);
  PoseSample sample{absl::UnixEpoch(), FigurePose(FigureAction::kConceal, 0, random), frame};
  for (Keypoint& k : sample.pose) {
    // From fractions of the figure's frame to pixels, scaled and moved, to fractions of this one.
    k.x = (k.x * kPoseLiftFrame.width * scale + dx) / static_cast<float>(frame.width);
    k.y = k.y * kPoseLiftFrame.height * scale / static_cast<float>(frame.height);
  }
  return sample;
}

TEST(BodyTest, MeasuresTrunkInPixels) {
  const Body body = MeasureBody(SampleAt(1, 0));
  EXPECT_NEAR(body.trunk, std::hypot(62.0f, 25.0f), 4);
  EXPECT_NEAR(body.hips.y, 500, 4);
}

TEST(BodyTest, MeasuresAForeshortenedTrunkByTheWholeFigure) {
  PoseSample sample = SampleAt(1, 0);
  for (Joint j : {Joint::kLeftShoulder, Joint::kRightShoulder}) {
    sample.pose[static_cast<size_t>(j)] = At(sample.pose, Joint::kLeftHip);
  }
  EXPECT_NEAR(MeasureBody(sample).trunk, 0.2f * 180, 4);
}

TEST(BodyTest, CentredPoseForgetsPlaceAndSize) {
  const PoseVector a = CentredPose(MeasureBody(SampleAt(1, 0)));
  const PoseVector b = CentredPose(MeasureBody(SampleAt(0.5f, 300)));
  for (size_t i = 0; i < a.size(); ++i) EXPECT_NEAR(a[i], b[i], 1e-3) << i;
}

TEST(BodyTest, CentredPoseIsTheSameOnEveryShapeOfFrame) {
  const PoseVector a = CentredPose(MeasureBody(SampleAt(1, 0, {1000, 500})));
  const PoseVector b = CentredPose(MeasureBody(SampleAt(1, 0, {640, 640})));
  for (size_t i = 0; i < a.size(); ++i) EXPECT_NEAR(a[i], b[i], 1e-3) << i;
}

TEST(BodyTest, MirroringTwiceGivesTheSamePose) {
  const Body body = MeasureBody(SampleAt(1, 0));
  const PoseVector mirrored = CentredPose(body, true);
  // The right wrist of the mirror image is the left one, on the other side.
  const PoseVector pose = CentredPose(body);
  EXPECT_FLOAT_EQ(mirrored[2 * 10], -pose[2 * 9]);
  EXPECT_FLOAT_EQ(mirrored[2 * 10 + 1], pose[2 * 9 + 1]);
  Body reflected = body;
  for (size_t j = 0; j < body.joints.size(); ++j) {
    reflected.joints[j].x = 2 * body.hips.x - body.joints[j].x;
  }
  // Reflecting the joints without exchanging the sides and then mirroring exchanges only sides.
  const PoseVector exchanged = CentredPose(reflected, true);
  EXPECT_NEAR(exchanged[2 * 10], pose[2 * 9], 1e-5);
}

TEST(BodyTest, LimitsOutliersAndDegenerateBodies) {
  PoseSample sample = SampleAt(1, 0);
  for (Keypoint& k : sample.pose) k = {0.5f, 0.5f, 0};
  sample.pose[0] = {-1e6f, 0.5f, 0};
  const PoseVector pose = CentredPose(MeasureBody(sample));
  EXPECT_EQ(pose[0], -3);
  for (size_t i = 1; i < pose.size(); ++i) EXPECT_EQ(pose[i], 0);
}

}  // namespace
}  // namespace aislewatch::pose_anomaly
