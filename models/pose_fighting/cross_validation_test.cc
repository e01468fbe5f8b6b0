#include "models/pose_fighting/cross_validation.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <nlohmann/json.hpp>

#include "models/pose_fighting/testing/figures.h"

namespace aislewatch::pose_fighting {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

// A clip of three seconds at ten frames a second in which everybody is found.
PosedClip Clip(const ActedScene& scene, bool fight) {
  std::vector<CapturedFrame> frames;
  clip_training::PeopleByFrame people;
  for (int i = 0; i < 30; ++i) {
    const float t = 0.1f * static_cast<float>(i);
    frames.push_back({cv::Mat(kTestFrame.height, kTestFrame.width, CV_8UC3),
                      absl::UnixEpoch() + absl::Seconds(t)});
    auto& found = people.emplace_back();
    for (const PersonPose& person : PeopleOf(scene(t))) {
      found.push_back({person.track_id, {}, person.pose});
    }
  }
  clip_training::ClipFile file{"clip.mp4", "fights", fight ? "fight" : "normal", {}};
  file.actions = *clip_training::ActionsOfFolder(file.folder);
  return FollowClip(file, frames, people);
}

std::vector<Figure> Nobody(float) { return {}; }
std::vector<Figure> OneWhoHits(float t) { return {Hit(t)[0]}; }

const JudgedWay& WayOf(const CrossValidation& result, const std::string& name) {
  for (const JudgedWay& way : result.ways) {
    if (way.name == name) return way;
  }
  ADD_FAILURE() << "no way " << name;
  return result.ways.front();
}

TEST(FollowClip, LooksAtTwoSecondsAndKnowsPairsFromThoseAlone) {
  const PosedClip fight = Clip(Hit, true);
  EXPECT_TRUE(fight.fight);
  ASSERT_FALSE(fight.pairs.empty());
  EXPECT_THAT(fight.lone, IsEmpty());
  EXPECT_LT(fight.pairs.back().time - absl::UnixEpoch(), kLooksAt);
  EXPECT_FLOAT_EQ(fight.controls[0], 2);
  EXPECT_NEAR(fight.controls[1], 1.5f, 0.6f);
  EXPECT_FLOAT_EQ(fight.controls[4], 20);
  const PosedClip alone = Clip(OneWhoHits, true);
  EXPECT_THAT(alone.pairs, IsEmpty());
  EXPECT_FALSE(alone.lone.empty());
  EXPECT_TRUE(std::isnan(alone.controls[1]));
  EXPECT_FALSE(Clip(StandStill, false).fight);
}

TEST(CrossValidate, TellsFightsByPosesWhereControlsCannot) {
  std::vector<PosedClip> clips;
  for (int i = 0; i < 6; ++i) {
    clips.push_back(Clip(Hit, true));
    clips.push_back(Clip(i % 2 == 0 ? StandStill : Hug, false));
  }
  clips.push_back(Clip(Nobody, true));
  clips.push_back(Clip(Nobody, false));
  const auto result = CrossValidate(clips, 3);
  ASSERT_TRUE(result.ok()) << result.status();
  EXPECT_EQ(result->clips, 14);
  EXPECT_EQ(result->fights, 7);
  EXPECT_EQ(result->seen, 12);
  EXPECT_EQ(result->paired, 12);
  const JudgedWay& pairs = WayOf(*result, "pairs");
  EXPECT_EQ(pairs.auc_of_paired, 1);
  // Each clip is scored once, by the folds that it is not in.
  ASSERT_EQ(pairs.scores.size(), clips.size());
  EXPECT_GT(pairs.scores[0].probability, 0.5f);
  EXPECT_GE(pairs.scores[0].at.value(), absl::UnixEpoch());
  EXPECT_LT(pairs.scores[0].at.value(), absl::UnixEpoch() + kLooksAt);
  EXPECT_LT(pairs.scores[1].probability, 0.5f);
  EXPECT_EQ(pairs.scores[12].probability, 0);
  EXPECT_FALSE(pairs.scores[12].at.has_value());
  EXPECT_THAT(result->fold, ElementsAre(0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 2, 2, 2, 2));
  // Where nobody is found no fight is seen: one of seven is missed.
  EXPECT_NEAR(pairs.accuracy.mean, 13.0 / 14, 0.03);
  EXPECT_GT(pairs.accuracy.deviation, 0);
  EXPECT_EQ(WayOf(*result, "control: people").auc_of_paired, 0.5);
  // Whichever clips are drawn, pairs tell; how often the one that is missed is among them differs.
  EXPECT_DOUBLE_EQ(pairs.bootstrap.auc_of_paired->low, 1);
  EXPECT_LT(pairs.bootstrap.accuracy->low, 12.5 / 14);
  EXPECT_EQ(pairs.bootstrap.accuracy->high, 1);
  const nlohmann::json json = CrossValidationToJson(*result);
  EXPECT_EQ(json.at("ways").at("pairs").at("auc_roc_of_paired"), 1.0);
  EXPECT_EQ(json.at("ways").at("pairs").at("bootstrap").at("accuracy").at(1), 1.0);
}

TEST(CrossValidate, JudgesByMovementWherePosesHaveNobody) {
  std::vector<PosedClip> clips;
  for (int i = 0; i < 12; ++i) {
    const bool found = i % 3 != 0;
    for (const bool fight : {true, false}) {
      clips.push_back(Clip(!found ? Nobody : fight ? Hit : StandStill, fight));
      // How much moves, how it is sped up and what the camera does tell nothing.
      const float disorder = fight ? 0.9f : 0.4f;
      clips.back().movement = {disorder, disorder, -3, -1, -7};
    }
  }
  const auto result = CrossValidate(clips, 3);
  ASSERT_TRUE(result.ok()) << result.status();
  EXPECT_LT(WayOf(*result, "poses").accuracy.mean, 0.9);
  EXPECT_EQ(WayOf(*result, "movement: disorder").accuracy.mean, 1);
  EXPECT_EQ(WayOf(*result, "movement: both disorders").accuracy.mean, 1);
  EXPECT_EQ(WayOf(*result, "poses and both disorders").accuracy.mean, 1);
  EXPECT_EQ(WayOf(*result, "movement: amount").auc_roc.mean, 0.5);
  EXPECT_EQ(WayOf(*result, "control: camera").auc_roc.mean, 0.5);

  clips.back().movement.clear();
  const auto by_poses_alone = CrossValidate(clips, 3);
  ASSERT_TRUE(by_poses_alone.ok());
  for (const JudgedWay& way : by_poses_alone->ways) {
    EXPECT_THAT(way.name, Not(HasSubstr("movement")));
  }
}

TEST(CrossValidate, RefusesTooFewClips) {
  const std::vector<PosedClip> clips = {Clip(Hit, true), Clip(StandStill, false)};
  EXPECT_THAT(std::string(CrossValidate(clips, 2).status().message()), HasSubstr("1 fights"));
  EXPECT_FALSE(CrossValidate({}, 5).ok());
  // Pairs of one kind only.
  EXPECT_FALSE(
      CrossValidate({Clip(Hit, true), Clip(Hit, true), Clip(Nobody, false), Clip(Nobody, false)}, 2)
          .ok());
}

}  // namespace
}  // namespace aislewatch::pose_fighting
