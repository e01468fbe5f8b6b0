#include "models/clip_networks/pose_inputs.h"

#include <limits>
#include <vector>

#include <gtest/gtest.h>

namespace aislewatch::clip_networks {
namespace {

/// Shoulders at 0.2, hips at 0.4, the left wrist at the left hip's height, 0.1 to its side.
PersonView Standing() {
  PersonView view;
  const auto put = [&](Joint joint, float x, float y) {
    view.keypoints[static_cast<size_t>(joint)] = {x, y, 0.9f};
  };
  put(Joint::kLeftShoulder, 0.6f, 0.2f);
  put(Joint::kRightShoulder, 0.4f, 0.2f);
  put(Joint::kLeftHip, 0.6f, 0.4f);
  put(Joint::kRightHip, 0.4f, 0.4f);
  put(Joint::kLeftWrist, 0.7f, 0.4f);
  return view;
}

torch::Tensor Inputs(const PersonView& view) {
  return PoseInputs(KeypointsToTensor({&view, 1})).view({kJointCount, 5});
}

constexpr auto kWrist = static_cast<int64_t>(Joint::kLeftWrist);

TEST(PoseInputsTest, GiveJointsInTheCropAndOnTheBody) {
  const torch::Tensor wrist = Inputs(Standing())[kWrist];
  EXPECT_NEAR(wrist[0].item<float>(), 0.4f, 1e-5);
  EXPECT_NEAR(wrist[1].item<float>(), -0.2f, 1e-5);
  EXPECT_NEAR(wrist[2].item<float>(), 0.9f, 1e-5);
  EXPECT_NEAR(wrist[3].item<float>(), 1.0f, 1e-5) << "a torso's length to the left of the hips";
  EXPECT_NEAR(wrist[4].item<float>(), 0.0f, 1e-5);
}

TEST(PoseInputsTest, ThePlaceOnTheBodyDoesNotDependOnTheBox) {
  PersonView smaller = Standing();
  for (Keypoint& joint : smaller.keypoints) {
    joint.x = joint.x * 0.5f + 0.3f;
    joint.y = joint.y * 0.5f + 0.1f;
  }
  EXPECT_NEAR(Inputs(smaller)[kWrist][3].item<float>(), 1.0f, 1e-5);
}

TEST(PoseInputsTest, UnseenJointsAreZero) {
  PersonView view = Standing();
  view.keypoints[static_cast<size_t>(Joint::kLeftWrist)].confidence = 0;
  EXPECT_EQ(Inputs(view)[kWrist].abs().sum().item<float>(), 0);
  view = Standing();
  view.keypoints[static_cast<size_t>(Joint::kLeftHip)].confidence = 0;
  EXPECT_EQ(Inputs(view)[kWrist][3].item<float>(), 0) << "without hips there is no body to relate to";
  EXPECT_NEAR(Inputs(view)[kWrist][0].item<float>(), 0.4f, 1e-5);
  EXPECT_EQ(Inputs(PersonView{}).abs().sum().item<float>(), 0);
}

TEST(PoseInputsTest, StayBoundedWhateverAPeerSends) {
  PersonView view = Standing();
  for (Keypoint& joint : view.keypoints) {
    joint = {std::numeric_limits<float>::max(), -std::numeric_limits<float>::max(), 1e30f};
  }
  EXPECT_LE(Inputs(view).abs().max().item<float>(), 4);
}

}  // namespace
}  // namespace aislewatch::clip_networks
