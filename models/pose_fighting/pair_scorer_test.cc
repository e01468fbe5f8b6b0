#include "models/pose_fighting/pair_scorer.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>

#include "models/pose_fighting/pair_features.h"
#include "models/pose_fighting/testing/figures.h"

namespace aislewatch::pose_fighting {
namespace {

using ::testing::HasSubstr;

// The highest probability of anybody over three seconds; -1 where there never was evidence.
float Peak(const FightingScorer& scorer, const ActedScene& scene, double fps = 10) {
  const auto tracks = scorer.NewTracks();
  float peak = -1;
  for (int i = 0; i <= 3 * fps; ++i) {
    const double t = i / fps;
    const auto people = PeopleOf(scene(static_cast<float>(t)));
    for (const auto& evidence :
         tracks->Push({absl::UnixEpoch() + absl::Seconds(t), kTestFrame, people})) {
      if (evidence) peak = std::max(peak, evidence->probability);
    }
  }
  return peak;
}

std::unique_ptr<FightingScorer> Shipped() {
  const char* source = std::getenv("AISLEWATCH_SOURCE_DIR");
  const ModelRepository repository(
      {std::string(source == nullptr ? "." : source) + "/models/pretrained"});
  auto scorer = LoadFightingScorer(repository);
  EXPECT_TRUE(scorer.ok()) << scorer.status();
  return scorer.ok() ? *std::move(scorer) : nullptr;
}

Logistic ByBusierLimbs() {
  Logistic model;
  model.mean.assign(kPairFeatureCount, 0.0f);
  model.deviation.assign(kPairFeatureCount, 1.0f);
  model.weight.assign(kPairFeatureCount, 0.0f);
  model.weight[1] = 1;
  model.bias = 0.25f;
  return model;
}

TEST(ShippedFightingModel, BlowsLookLikeAFightAndStillnessHugsAndWalksDoNot) {
  const auto scorer = Shipped();
  ASSERT_NE(scorer, nullptr);
  for (const double fps : {5.0, 10.0, 15.0, 30.0}) {
    SCOPED_TRACE(fps);
    EXPECT_GT(Peak(*scorer, Hit, fps), 0.8f);
    EXPECT_LT(Peak(*scorer, StandStill, fps), 0.3f);
    EXPECT_LT(Peak(*scorer, Hug, fps), 0.3f);
    EXPECT_LT(Peak(*scorer, WalkPast, fps), 0.5f);
  }
}

TEST(PairScorer, WhoeverIsAloneIsSaidToBe) {
  const auto scorer = NewPairScorer(ByBusierLimbs(), {"test", "1"});
  const auto tracks = scorer->NewTracks();
  std::vector<std::optional<FightingEvidence>> evidence;
  for (int i = 0; i < 6; ++i) {
    evidence = tracks->Push({absl::UnixEpoch() + absl::Milliseconds(100 * i), kTestFrame,
                             PeopleOf({Figure{.x = 300}})});
    if (i < 2) {
      EXPECT_FALSE(evidence[0].has_value());
    }
  }
  ASSERT_TRUE(evidence[0].has_value());
  EXPECT_TRUE(evidence[0]->alone);
  EXPECT_EQ(evidence[0]->probability, 0);
}

TEST(PairScorer, OfSeveralNeighboursTheMostSuspiciousCounts) {
  const auto scorer = NewPairScorer(ByBusierLimbs(), {"test", "1"});
  const auto beside = [](float t) {
    std::vector<Figure> figures = Hit(t);
    figures.push_back({.x = 430});  // beside the right one of those who fight
    return figures;
  };
  const auto tracks = scorer->NewTracks();
  std::vector<std::optional<FightingEvidence>> evidence;
  for (int i = 0; i < 20; ++i) {
    evidence = tracks->Push({absl::UnixEpoch() + absl::Milliseconds(100 * i), kTestFrame,
                             PeopleOf(beside(0.1f * static_cast<float>(i)))});
  }
  ASSERT_TRUE(evidence[0] && evidence[1] && evidence[2]);
  EXPECT_GE(evidence[1]->probability, evidence[2]->probability);
  EXPECT_FLOAT_EQ(evidence[0]->probability, evidence[1]->probability);
}

class FightingModelFileTest : public testing::Test {
 protected:
  void SetUp() override {
    folder_ = testing::TempDir() + "/fighting_" +
              testing::UnitTest::GetInstance()->current_test_info()->name();
    std::filesystem::create_directories(folder_ + "/pairs/1");
  }
  void TearDown() override { std::filesystem::remove_all(folder_); }

  absl::StatusOr<std::unique_ptr<FightingScorer>> SaveAndLoad(const Logistic& model,
                                                              ModelRole role) {
    EXPECT_TRUE(SaveLogistic(model, folder_ + "/pairs/1").ok());
    ModelManifest manifest;
    manifest.info = {"pairs", "1"};
    manifest.role = role;
    manifest.architecture = std::string(kArchitecture);
    manifest.input.size = {static_cast<int64_t>(kPairFeatureCount)};
    manifest.licence = "Apache-2.0";
    manifest.training = {"drawn", "none", 0};
    EXPECT_TRUE(WriteManifest(folder_ + "/pairs/1", manifest).ok());
    return LoadFightingScorer(ModelRepository({folder_}), "pairs");
  }

  std::string folder_;
};

TEST_F(FightingModelFileTest, ScoresTheSameAfterSavingAndLoading) {
  const auto loaded = SaveAndLoad(ByBusierLimbs(), ModelRole::kFighting);
  ASSERT_TRUE(loaded.ok()) << loaded.status();
  EXPECT_EQ((*loaded)->info().name, "pairs");
  EXPECT_FLOAT_EQ(Peak(**loaded, Hit), Peak(*NewPairScorer(ByBusierLimbs(), {}), Hit));
}

TEST_F(FightingModelFileTest, NamesWhatDoesNotFit) {
  const auto other = SaveAndLoad(ByBusierLimbs(), ModelRole::kPoseAnomaly);
  EXPECT_THAT(std::string(other.status().message()), HasSubstr("role fighting"));
  Logistic small = ByBusierLimbs();
  small.weight.pop_back();
  const auto short_one = SaveAndLoad(small, ModelRole::kFighting);
  EXPECT_THAT(std::string(short_one.status().message()), HasSubstr("'weight'"));
  Logistic flat = ByBusierLimbs();
  flat.deviation[2] = 0;
  const auto zero = SaveAndLoad(flat, ModelRole::kFighting);
  EXPECT_EQ(zero.status().code(), absl::StatusCode::kInvalidArgument);
}

}  // namespace
}  // namespace aislewatch::pose_fighting
