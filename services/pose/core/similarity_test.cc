#include "services/pose/core/similarity.h"

#include "gtest/gtest.h"
#include "services/pose/testing/people.h"

namespace aislewatch::pose {
namespace {

using testing::StandingAt;

TEST(Similarity, OverlapIsIntersectionOverUnion) {
  EXPECT_DOUBLE_EQ(Overlap({0, 0, 2, 2}, {0, 0, 2, 2}), 1);
  EXPECT_DOUBLE_EQ(Overlap({0, 0, 2, 2}, {1, 0, 2, 2}), 1.0 / 3);
  EXPECT_DOUBLE_EQ(Overlap({0, 0, 2, 2}, {2, 0, 2, 2}), 0);
  EXPECT_DOUBLE_EQ(Overlap({0, 0, 0, 0}, {0, 0, 0, 0}), 0);
}

TEST(Similarity, EqualPosesAreAlikeAndDistanceMakesThemLessSo) {
  const Pose pose = StandingAt(.5f, .5f).keypoints;
  EXPECT_DOUBLE_EQ(PoseSimilarity(pose, pose, 0.08, 1), 1);
  const double near = PoseSimilarity(pose, StandingAt(.51f, .5f).keypoints, 0.08, 1);
  const double far = PoseSimilarity(pose, StandingAt(.6f, .5f).keypoints, 0.08, 1);
  EXPECT_GT(near, far);
  EXPECT_GT(near, 0.6);
  EXPECT_LT(far, 0.4);
  EXPECT_GT(PoseSimilarity(pose, StandingAt(.51f, .5f).keypoints, 0.08, 2), near);
}

TEST(Similarity, SaysNothingOnTooFewSharedJoints) {
  const Pose pose = StandingAt(.5f, .5f).keypoints;
  Pose upper = pose;
  for (int i = kLeastSharedJoints; i < kJointCount; ++i) upper[i].confidence = 0;
  EXPECT_DOUBLE_EQ(PoseSimilarity(pose, upper, 0.08, 1), 1);
  upper[0].confidence = 0;
  EXPECT_LT(PoseSimilarity(pose, upper, 0.08, 1), 0);
  EXPECT_LT(PoseSimilarity(pose, pose, 0, 1), 0);
}

}  // namespace
}  // namespace aislewatch::pose
