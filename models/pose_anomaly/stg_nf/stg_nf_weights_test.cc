#include "models/pose_anomaly/stg_nf/stg_nf_weights.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <random>

#include "models/pose_anomaly/stg_nf/fit_stg_nf.h"
#include "models/pose_anomaly/stg_nf/stg_nf_scorer.h"
#include "models/pose_anomaly/testing/synthetic_poses.h"

namespace aislewatch::pose_anomaly {
namespace {

using ::testing::HasSubstr;

class StgNfWeightsTest : public testing::Test {
 protected:
  void SetUp() override {
    folder_ = testing::TempDir() + "/stg_nf_" +
              testing::UnitTest::GetInstance()->current_test_info()->name();
    std::filesystem::create_directories(folder_);
    StgNfFitOptions options;
    options.flow = {4, 2, 1};
    options.epochs = 1;
    options.batch = 32;
    const auto fitted = FitStgNf(WalkingClips(4, 40), options);
    ASSERT_TRUE(fitted.ok()) << fitted.status();
    ASSERT_TRUE(SaveStgNf(*fitted, folder_).ok());
    original_ = *NewStgNfScorer(fitted->flow, fitted->calibration, {});
    files_.folder = folder_;
    files_.weights_path = folder_ + "/weights.safetensors";
    files_.manifest.info = {"stg-nf", "2"};
    files_.manifest.options = StgNfManifestOptions(options.flow);
  }
  void TearDown() override { std::filesystem::remove_all(folder_); }

  void ExpectRejected(absl::string_view reason) {
    const auto scorer = LoadStgNf(files_);
    EXPECT_EQ(scorer.status().code(), absl::StatusCode::kInvalidArgument);
    EXPECT_THAT(std::string(scorer.status().message()), HasSubstr(std::string(reason)));
  }

  std::string folder_;
  ModelFiles files_;
  std::unique_ptr<PoseAnomalyScorer> original_;
};

TEST_F(StgNfWeightsTest, ScoresTheSameAfterSavingAndLoading) {
  const auto loaded = LoadStgNf(files_);
  ASSERT_TRUE(loaded.ok()) << loaded.status();
  EXPECT_EQ((*loaded)->info().name, "stg-nf");
  std::mt19937 random(1);
  const auto a = original_->NewTrack(), b = (*loaded)->NewTrack();
  for (const ClipPose& pose : FigureTrack(1, FigureAction::kWalk, 20, random).poses) {
    EXPECT_EQ(a->Push(ToSample(pose)), b->Push(ToSample(pose)));
  }
}

TEST_F(StgNfWeightsTest, RejectsOptionsThatTheWeightsDoNotFit) {
  files_.manifest.options["flow_steps"] = 3;
  ExpectRejected("missing");
}

TEST_F(StgNfWeightsTest, RejectsOptionsWithoutSense) {
  files_.manifest.options["window"] = 5;
  ExpectRejected("multiple of 4");
  files_.manifest.options["window"] = "long";
  ExpectRejected("options.window");
  files_.manifest.options = {{"windows", 4}};
  ExpectRejected("options.windows");
}

}  // namespace
}  // namespace aislewatch::pose_anomaly
