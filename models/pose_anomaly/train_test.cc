#include "models/pose_anomaly/train.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <random>

#include "models/pose_anomaly/load.h"
#include "models/pose_anomaly/testing/synthetic_poses.h"

namespace aislewatch::pose_anomaly {
namespace {

using ::testing::HasSubstr;

class TrainScorerTest : public testing::TestWithParam<const char*> {
 protected:
  void SetUp() override {
    root_ = testing::TempDir() + "/train_scorer_" + GetParam();
    std::filesystem::remove_all(root_);
    options_.architecture = GetParam();
    options_.window = 4;
    options_.epochs = 1;
  }
  void TearDown() override { std::filesystem::remove_all(root_); }

  std::string root_;
  TrainingOptions options_;
};

TEST_P(TrainScorerTest, ScoresTheSameFromTheRepositoryAsAfterTraining) {
  const auto trained = TrainScorer(WalkingClips(6, 60), options_);
  ASSERT_TRUE(trained.ok()) << trained.status();
  TestSet set;
  for (unsigned seed = 1; seed <= 3; ++seed) set.clips.push_back(WalkThenConceal(30, seed));
  const auto before = EvaluatePoseAnomaly(*trained->scorer, set);
  ASSERT_TRUE(before.ok()) << before.status();
  const absl::Status saved =
      SaveScorer(*trained, root_ + "/mine/2", {"figures", "a test", 0}, *before);
  ASSERT_TRUE(saved.ok()) << saved;

  const ModelRepository repository({root_});
  const auto loaded = LoadPoseAnomalyScorer(repository, "mine");
  ASSERT_TRUE(loaded.ok()) << loaded.status();
  EXPECT_EQ((*loaded)->info().version, "2");
  const auto after = EvaluatePoseAnomaly(**loaded, set);
  ASSERT_TRUE(after.ok()) << after.status();
  EXPECT_EQ(after->score.all_frames.metrics.auc_roc, before->score.all_frames.metrics.auc_roc);
  const auto files = repository.Find("mine");
  ASSERT_TRUE(files.ok()) << files.status();
  EXPECT_EQ(files->manifest.metrics.at("all_frames_auc_roc"),
            before->score.all_frames.metrics.auc_roc);
}

TEST_P(TrainScorerTest, PartsBelongToPostureAlone) {
  const auto trained = TrainScorer(WalkingClips(6, 60), options_);
  ASSERT_TRUE(trained.ok()) << trained.status();
  ASSERT_TRUE(SaveScorer(*trained, root_ + "/mine/2", {"figures", "a test", 0}, {}).ok());
  ScoringOptions rarity;
  rarity.parts = PostureParts::kRarity;
  const bool has_parts = options_.architecture == "posture";
  const auto loaded = LoadPoseAnomalyScorer(ModelRepository({root_}), "mine", "2", rarity);
  EXPECT_EQ(loaded.ok(), has_parts) << loaded.status();
  options_.scoring = rarity;
  EXPECT_EQ(TrainScorer(WalkingClips(6, 60), options_).ok(), has_parts);
}

TEST(TrainScorerErrorsTest, SaysHowManyClipsTheDensitiesNeed) {
  TrainingOptions options;
  options.densities = 7;
  const auto trained = TrainScorer(WalkingClips(6, 40), options);
  EXPECT_EQ(trained.status().code(), absl::StatusCode::kInvalidArgument);
  EXPECT_THAT(std::string(trained.status().message()), HasSubstr("6 clips by 7"));
}

INSTANTIATE_TEST_SUITE_P(Architectures, TrainScorerTest, testing::Values("posture", "stg_nf"));

TEST(TrainScorerErrorsTest, NamesTheKnownArchitectures) {
  TrainingOptions options;
  options.architecture = "gru";
  const auto trained = TrainScorer(WalkingClips(4, 40), options);
  EXPECT_EQ(trained.status().code(), absl::StatusCode::kInvalidArgument);
  EXPECT_THAT(std::string(trained.status().message()), HasSubstr("posture or stg_nf"));
}

TEST(LoadPoseAnomalyScorerTest, LoadsTheModelsThatComeWithTheSource) {
  const char* source = std::getenv("AISLEWATCH_SOURCE_DIR");
  const std::string root = source != nullptr ? source : ".";
  const ModelRepository repository({root + "/models/pretrained"});
  bool has_default = false;
  for (const ModelInfo& model : repository.List()) {
    const auto files = repository.Find(model.name, model.version);
    ASSERT_TRUE(files.ok()) << files.status();
    if (files->manifest.role != ModelRole::kPoseAnomaly) continue;
    has_default = has_default || model.name == kDefaultPoseAnomalyModel;
    const auto scorer = LoadPoseAnomalyScorer(repository, model.name, model.version);
    ASSERT_TRUE(scorer.ok()) << scorer.status();
    std::mt19937 random(1);
    const auto track = (*scorer)->NewTrack();
    std::optional<float> score;
    for (const ClipPose& pose : FigureTrack(1, FigureAction::kConceal, 40, random).poses) {
      score = track->Push(ToSample(pose));
    }
    ASSERT_TRUE(score.has_value());
    EXPECT_GE(*score, 0);
    EXPECT_LE(*score, 1);
  }
  EXPECT_TRUE(has_default);
}

TEST(LoadPoseAnomalyScorerTest, SaysWhatIsMissing) {
  const ModelRepository repository({"/nonexistent"});
  EXPECT_EQ(LoadPoseAnomalyScorer(repository, "posture").status().code(),
            absl::StatusCode::kNotFound);
}

}  // namespace
}  // namespace aislewatch::pose_anomaly
