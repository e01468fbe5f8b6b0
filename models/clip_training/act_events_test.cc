#include "models/clip_training/act_events.h"

#include <gtest/gtest.h>

#include <numeric>
#include <string>

namespace aislewatch::clip_training {
namespace {

/// A track of which each crop is one sign: in `truth` 'C' conceals, '.' does not, '?' may be both;
/// in `said` 'x' is surely concealment, 'm' perhaps, '.' not.
void Add(ActEvents& events, const std::string& truth, const std::string& said) {
  std::vector<int64_t> crops(truth.size());
  std::iota(crops.begin(), crops.end(), 0);
  std::vector<ActionSet> targets;
  std::vector<float> odds;
  for (const char c : truth) {
    targets.push_back(c == 'C'   ? Only(Action::kConcealingInBag)
                      : c == '.' ? Only(Action::kNormal)
                                 : ActionSet().set());
  }
  for (const char c : said) odds.push_back(c == 'x' ? 4.0f : c == 'm' ? 1.0f : -4.0f);
  events.Add(crops, odds, targets);
}

TEST(ActEventsTest, AnActCountsOnceHoweverManyCropsShowIt) {
  ActEvents events(ConcealingActions());
  Add(events, "......CCCCCCCCCCCC......", "......xxxxxxxxxxxxxxxx..");
  const ActEvents::Figures figures = events.At(2);
  EXPECT_EQ(figures.acts, 1);
  EXPECT_EQ(figures.found, 1);
  EXPECT_EQ(figures.false_alarms, 0);
}

TEST(ActEventsTest, FourCropsOfEightConfirmNothing) {
  ActEvents events(ConcealingActions());
  Add(events, "......CCCCCCCCCCCC......", "......x.x.x.x.x.x.......");
  EXPECT_EQ(events.At(2).found, 0);
  Add(events, "......CCCCCCCCCCCC......", "......x.x.xxx...........");
  EXPECT_EQ(events.At(2).found, 1);
}

TEST(ActEventsTest, AFalseAlarmIsToldOncePerCooldown) {
  ActEvents events(ConcealingActions());
  Add(events, std::string(90, '.'), std::string(90, 'x'));
  EXPECT_EQ(events.At(2).false_alarms, 1);
  Add(events, std::string(150, '.'), std::string(150, 'x'));
  EXPECT_EQ(events.At(2).false_alarms, 3);
}

TEST(ActEventsTest, AnAlarmRightAfterAnActIsItsOwnALaterOneIsNot) {
  ActEvents events(ConcealingActions());
  const std::string act = "CCCCCCCC" + std::string(60, '.');
  Add(events, act, std::string(15, '.') + "xxxxx" + std::string(48, '.'));
  EXPECT_EQ(events.At(2).found, 1);
  EXPECT_EQ(events.At(2).false_alarms, 0);
  Add(events, act, std::string(50, '.') + "xxxxx" + std::string(13, '.'));
  EXPECT_EQ(events.At(2).found, 1);
  EXPECT_EQ(events.At(2).false_alarms, 1);
}

TEST(ActEventsTest, WhatMayBeBothIsNeitherRightNorWrong) {
  ActEvents events(ConcealingActions());
  Add(events, std::string(40, '?'), std::string(40, 'x'));
  EXPECT_EQ(events.At(2).acts, 0);
  EXPECT_EQ(events.At(2).false_alarms, 0);
}

TEST(ActEventsTest, TheBestThresholdLiesBetweenActsAndTheRest) {
  ActEvents events(ConcealingActions());
  Add(events, "......CCCCCCCCCCCC......", "......xxxxxxxxxxxxxxxx..");
  Add(events, std::string(24, '.'), "mmmmmmmmmmmm............");
  const ActEvents::Figures best = events.Best();
  EXPECT_EQ(best.found, 1);
  EXPECT_EQ(best.false_alarms, 0);
  EXPECT_FLOAT_EQ(best.threshold, 2.5f);
  EXPECT_DOUBLE_EQ(best.f(0.5), 1);
}

TEST(ActEventsTest, WhereActsAreRareTheThresholdIsHigher) {
  ActEvents events(ConcealingActions());
  for (int i = 0; i < 3; ++i) Add(events, "......CCCCCCCCCCCC......", "......mmmmmmmmmmmmmmmm..");
  for (int i = 0; i < 2; ++i) Add(events, "......CCCCCCCCCCCC......", "......xxxxxxxxxxxxxxxx..");
  Add(events, std::string(24, '.'), "mmmmmmmmmmmm............");
  EXPECT_EQ(events.Best().found, 5);
  EXPECT_EQ(events.Best(0.1).found, 2);
  EXPECT_EQ(events.Best(0.1).false_alarms, 0);
}

TEST(ActEventsTest, WhereNothingCanBeFoundTheThresholdIsAboveAllScores) {
  ActEvents events(Only(Action::kFighting));
  Add(events, std::string(24, '.'), "xxxxxxxxxxxx............");
  EXPECT_EQ(events.Best().false_alarms, 0);
  EXPECT_FLOAT_EQ(events.Best().threshold, 5);
}

TEST(ActEventsTest, PrecisionCountsMoreThanRecall) {
  // 2 of 4 found without a false alarm: F0.5 = 1.25 * 2 / (0.25 * 4 + 2); F1 = 2 * 2 / (4 + 2).
  const ActEvents::Figures figures{.acts = 4, .found = 2, .false_alarms = 0, .threshold = 0};
  EXPECT_DOUBLE_EQ(figures.f(0.5), 2.5 / 3);
  EXPECT_DOUBLE_EQ(figures.f(1), 2.0 / 3);
}

TEST(ActEventsTest, NothingSeenIsNothingFound) {
  const ActEvents events(ConcealingActions());
  EXPECT_EQ(events.Best().acts, 0);
  EXPECT_EQ(events.Best().recall(), 0);
  EXPECT_EQ(events.Best().precision(), 0);
}

}  // namespace
}  // namespace aislewatch::clip_training
