#include "models/pose_fighting/false_alarms.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "models/pose_fighting/testing/figures.h"

namespace aislewatch::pose_fighting {
namespace {

using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::SizeIs;

OrdinaryVideo Video(const ActedScene& scene, int seconds) {
  std::vector<CapturedFrame> frames;
  clip_training::PeopleByFrame people;
  for (int i = 0; i < 10 * seconds; ++i) {
    const float t = 0.1f * static_cast<float>(i);
    frames.push_back({cv::Mat::zeros(kTestFrame.height / 4, kTestFrame.width / 4, CV_8UC3),
                      absl::UnixEpoch() + absl::Milliseconds(100 * i)});
    auto& found = people.emplace_back();
    for (const PersonPose& person : PeopleOf(scene(t))) {
      found.push_back({person.track_id, {}, person.pose});
    }
  }
  return CutVideo({"day.mp4", "day", "normal", *clip_training::ActionsOfFolder("normal")}, frames,
                  people);
}

// Play fights from second 5 to 8 and from 25 to 28.
std::vector<Figure> PlayTwice(float t) {
  return (t > 5 && t < 8) || (t > 25 && t < 28) ? Hit(t) : StandStill(t);
}

PosedClip Labelled(const ActedScene& scene, bool fight) {
  PosedClip clip = Video(scene, 2).looks.front();
  clip.fight = fight;
  return clip;
}

TEST(CutVideo, GivesALookOfTwoSecondsEverySecond) {
  const OrdinaryVideo video = Video(StandStill, 10);
  EXPECT_EQ(video.length, absl::Seconds(9.9));
  ASSERT_THAT(video.looks, SizeIs(8));
  for (const PosedClip& look : video.looks) {
    EXPECT_FALSE(look.fight);
    EXPECT_FLOAT_EQ(look.controls[4], 20);  // frames
    EXPECT_EQ(look.movement[0], 0);
  }
  EXPECT_THAT(Video(StandStill, 1).looks, SizeIs(1));
  EXPECT_THAT(Video(StandStill, 0).looks, IsEmpty());
}

TEST(CountFalseAlarms, TakesLooksSoonAfterEachOtherAsOne) {
  std::vector<PosedClip> clips;
  for (int i = 0; i < 4; ++i) {
    clips.push_back(Labelled(Hit, true));
    clips.push_back(Labelled(StandStill, false));
  }
  const auto figures = CountFalseAlarms(clips, {Video(PlayTwice, 40), Video(StandStill, 20)});
  ASSERT_TRUE(figures.ok()) << figures.status();
  EXPECT_EQ(figures->videos, 2);
  EXPECT_EQ(figures->looks, 38 + 18);
  ASSERT_FALSE(figures->ways.empty());
  const FalseAlarms& poses = figures->ways[0];
  EXPECT_EQ(poses.name, "poses");
  EXPECT_GT(poses.looks, 4);
  EXPECT_EQ(poses.alarms, 2);
  for (const FalseAlarms& way : figures->ways) {
    EXPECT_THAT(way.name, Not(testing::StartsWith("control")));
  }
  EXPECT_EQ(OrdinaryFiguresToJson(*figures).at("ways").at("poses").at("alarms"), 2);
  EXPECT_FALSE(CountFalseAlarms({Labelled(StandStill, false)}, {}).ok());
}

}  // namespace
}  // namespace aislewatch::pose_fighting
