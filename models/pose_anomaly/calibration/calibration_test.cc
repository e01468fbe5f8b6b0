#include "models/pose_anomaly/calibration/calibration.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <limits>
#include <memory>
#include <string>

namespace aislewatch::pose_anomaly {
namespace {

using ::testing::HasSubstr;

/// A pose's score is the height of its nose; the first of a track has none.
class NoseScorer : public PoseAnomalyScorer {
 public:
  std::unique_ptr<PoseAnomalyTrack> NewTrack() const override {
    ++tracks;
    return std::make_unique<Track>();
  }
  const ModelInfo& info() const override { return info_; }
  mutable int tracks = 0;

 private:
  class Track : public PoseAnomalyTrack {
   public:
    std::optional<float> Push(const PoseSample& sample) override {
      if (!std::exchange(is_warm_, true)) return std::nullopt;
      return sample.pose[0].y;
    }

   private:
    bool is_warm_ = false;
  };
  const ModelInfo info_{"nose", "2"};
};

PoseSample At(double seconds, float y) {
  PoseSample sample{absl::UnixEpoch() + absl::Seconds(seconds), {}, {640, 480}};
  sample.pose[0].y = y;
  return sample;
}

TEST(CameraCalibratorTest, AScoreBecomesTheFractionOfNormalOnesBelow) {
  const auto scorer = std::make_shared<NoseScorer>();
  CameraCalibrator calibrator(*scorer);
  calibrator.Push(1, At(0, 0.5f));
  for (int i = 0; i <= 100; ++i) {
    calibrator.Push(1, At(0.1 * i + 0.1, 0.5f + 0.001f * static_cast<float>(i)));
  }
  const auto calibration = calibrator.Finish("aisle-3", 100);
  ASSERT_TRUE(calibration.ok()) << calibration.status();
  EXPECT_EQ(calibration->camera_id, "aisle-3");
  EXPECT_EQ(calibration->model.name, "nose");
  EXPECT_EQ(calibration->poses, 101u);

  const auto calibrated = NewCalibratedScorer(scorer, calibration->normal);
  EXPECT_EQ(calibrated->info().version, "2");
  const auto track = calibrated->NewTrack();
  EXPECT_FALSE(track->Push(At(0, 0.9f)).has_value()) << "the warm-up stays";
  EXPECT_NEAR(*track->Push(At(1, 0.55f)), 0.5f, 0.01f);
  EXPECT_EQ(*track->Push(At(2, 0.9f)), 1);
  EXPECT_EQ(*track->Push(At(3, 0.1f)), 0);
}

TEST(CameraCalibratorTest, TooFewPosesAreNoCalibration) {
  const NoseScorer scorer;
  CameraCalibrator calibrator(scorer);
  for (int i = 0; i < 5; ++i) calibrator.Push(1, At(i, 0.5f));
  const auto calibration = calibrator.Finish("aisle-3");
  EXPECT_EQ(calibration.status().code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_THAT(std::string(calibration.status().message()),
              HasSubstr("camera aisle-3 gave 4 poses with a score, of 1000"));
}

TEST(CameraCalibratorTest, ForgetsTracksAndLeavesOutWhatIsNoNumber) {
  const NoseScorer scorer;
  CameraCalibrator calibrator(scorer);
  calibrator.Push(1, At(0, 0.5f));
  calibrator.Push(1, At(1, std::numeric_limits<float>::quiet_NaN()));
  EXPECT_EQ(calibrator.poses(), 0u);
  calibrator.Push(2, At(100, 0.5f));
  calibrator.Push(2, At(200, 0.5f));
  EXPECT_EQ(calibrator.poses(), 0u) << "seen too long ago to be the same person's next pose";
  EXPECT_EQ(scorer.tracks, 3);
}

}  // namespace
}  // namespace aislewatch::pose_anomaly
