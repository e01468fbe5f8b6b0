#include "models/pose_anomaly/posture/concealment_features.h"

#include <gtest/gtest.h>

#include <random>

#include "models/pose_anomaly/testing/synthetic_poses.h"

namespace aislewatch::pose_anomaly {
namespace {

constexpr int kSpeed = kConcealmentFeatureCount - 1;

// A body whose trunk is 100 px, with wrists at the given places, moved right by dx.
Body BodyWith(PixelPoint left_wrist, PixelPoint right_wrist, float dx = 0) {
  Body body;
  for (PixelPoint& j : body.joints) j = {0, -50};
  auto set = [&](Joint joint, float x, float y) {
    body.joints[static_cast<size_t>(joint)] = {x + dx, y};
  };
  set(Joint::kLeftShoulder, 20, -100);
  set(Joint::kRightShoulder, -20, -100);
  set(Joint::kLeftElbow, 20, -50);
  set(Joint::kRightElbow, -20, -50);
  set(Joint::kLeftWrist, left_wrist.x, left_wrist.y);
  set(Joint::kRightWrist, right_wrist.x, right_wrist.y);
  set(Joint::kLeftHip, 20, 0);
  set(Joint::kRightHip, -20, 0);
  body.shoulders = {dx, -100};
  body.hips = {dx, 0};
  body.trunk = 100;
  return body;
}

absl::Time Frame(double n) { return absl::UnixEpoch() + absl::Seconds(n / kReferenceFps); }

TEST(ConcealmentFeaturesTest, MeasuresOnePose) {
  ConcealmentFeatures features;
  // The left arm hangs straight, the right wrist is at the trunk's centre.
  const ConcealmentValues v = features.Push(Frame(0), BodyWith({20, 0}, {0, -50}));
  EXPECT_NEAR(v[0], 0, 1e-5);                       // nearer wrist to trunk centre
  EXPECT_NEAR(v[1], std::hypot(0.2f, 0.5f), 1e-5);  // farther
  EXPECT_NEAR(v[2], 0, 1e-5);                       // left wrist at its hip
  EXPECT_NEAR(v[3], std::hypot(0.2f, 0.5f), 1e-5);
  EXPECT_NEAR(v[4], 3.14159265 / 2, 1e-4);  // right elbow at a right angle
  EXPECT_NEAR(v[5], 3.14159265, 1e-4);      // left elbow stretched
  EXPECT_NEAR(v[6], 0, 1e-5);               // upright
  EXPECT_EQ(v[kSpeed], 0);
}

TEST(ConcealmentFeaturesTest, MeasuresBendAlikeToBothSides) {
  for (float lean : {-100.0f, 100.0f}) {
    Body body = BodyWith({20, 0}, {-20, 0});
    body.shoulders.x = lean;
    ConcealmentFeatures features;
    EXPECT_NEAR(features.Push(Frame(0), body)[6], 3.14159265 / 4, 1e-4);
  }
}

TEST(ConcealmentFeaturesTest, AveragesTheLastTwelveFrames) {
  ConcealmentFeatures features;
  ConcealmentValues v{};
  for (int f = 0; f < 20; ++f) v = features.Push(Frame(f), BodyWith({20, 0}, {-20, 0}));
  const float hanging = v[0];
  for (int f = 20; f < 26; ++f) v = features.Push(Frame(f), BodyWith({0, -50}, {0, -50}));
  EXPECT_NEAR(v[0], hanging / 2, 1e-5);
  for (int f = 26; f < 32; ++f) v = features.Push(Frame(f), BodyWith({0, -50}, {0, -50}));
  EXPECT_NEAR(v[0], 0, 1e-5);
}

TEST(ConcealmentFeaturesTest, MeasuresSpeedPerReferenceFrameAtAnyRate) {
  for (double step : {1.0, 1.5, 0.5}) {
    ConcealmentFeatures features;
    ConcealmentValues v{};
    for (int i = 0; i < 30; ++i) {
      const float dx = static_cast<float>(step * i) * 10;
      v = features.Push(Frame(step * i), BodyWith({20, 0}, {-20, 0}, dx));
    }
    EXPECT_NEAR(v[kSpeed], 0.1, 1e-4) << step;
  }
}

TEST(ConcealmentFeaturesTest, ForgetsPosesBeforeAGap) {
  ConcealmentFeatures features;
  for (int f = 0; f < 12; ++f) features.Push(Frame(f), BodyWith({20, 0}, {-20, 0}));
  const ConcealmentValues v = features.Push(Frame(11 + 14), BodyWith({0, -50}, {0, -50}));
  EXPECT_NEAR(v[0], 0, 1e-5);
}

TEST(ConcealmentFeaturesTest, KeepsTheScaleThroughOneBadPose) {
  ConcealmentFeatures features;
  for (int f = 0; f < 12; ++f) features.Push(Frame(f), BodyWith({20, 0}, {-20, 0}));
  Body bad = BodyWith({20, 0}, {-20, 0});
  bad.trunk = 1;
  const float before = std::hypot(0.2f, 0.5f);
  EXPECT_NEAR(features.Push(Frame(12), bad)[0], before, 1e-5);
}

TEST(ConcealmentFeaturesTest, TellsConcealingFromWalkingBySign) {
  std::mt19937 random(1);
  ConcealmentFeatures walk, conceal;
  ConcealmentValues w{}, c{};
  for (int f = 0; f < 40; ++f) {
    for (auto [features, action, out] : {std::tuple{&walk, FigureAction::kWalk, &w},
                                         std::tuple{&conceal, FigureAction::kConceal, &c}}) {
      *out = features->Push(Frame(f), MeasureBody(ToSample({f, FigurePose(action, f, random)})));
    }
  }
  for (int f = 0; f < kConcealmentFeatureCount; ++f) {
    EXPECT_GT(static_cast<float>(kConcealmentFeatures[f].sign) * (c[f] - w[f]), 0)
        << kConcealmentFeatures[f].name;
  }
}

}  // namespace
}  // namespace aislewatch::pose_anomaly
