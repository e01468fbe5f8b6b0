#include "cli/risk/alarm_figures.h"

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace aislewatch {
namespace {

using ::testing::HasSubstr;

constexpr auto kHidden = v1::INCIDENT_KIND_CONCEALMENT;
constexpr auto kFight = v1::INCIDENT_KIND_FIGHT;

TEST(AlarmCounter, CountsClipsThatAreFoundAndEveryFalseAlarm) {
  AlarmCounter counter;
  counter.Add({kHidden}, {kHidden, kHidden}, absl::Minutes(30));
  counter.Add({kHidden}, {kFight}, absl::Minutes(30));
  counter.Add({}, {kHidden, kHidden, v1::INCIDENT_KIND_LOITERING}, absl::Hours(1));
  const AlarmFigures hidden = counter.Of(kHidden);
  EXPECT_EQ(hidden.clips_with_act, 2);
  EXPECT_EQ(hidden.found, 1);
  EXPECT_EQ(hidden.false_alarms, 2);
  EXPECT_DOUBLE_EQ(hidden.recall(), 0.5);
  EXPECT_DOUBLE_EQ(hidden.precision(), 1.0 / 3);
  EXPECT_EQ(counter.Of(kFight).false_alarms, 1);
  EXPECT_DOUBLE_EQ(counter.Of(kFight).precision(), 0);
  EXPECT_DOUBLE_EQ(counter.hours(), 2);
  EXPECT_THAT(counter.Text("clips"), HasSubstr("1.0 false alarms per camera-hour"));
  EXPECT_EQ(counter.ToJson()["kinds"]["concealment"]["false_alarms_per_camera_hour"], 1.0);
}

TEST(AlarmCounter, OfNothingThereAreNoFigures) {
  const AlarmCounter counter;
  EXPECT_THAT(counter.Text("none"), HasSubstr("recall 0.00, precision 0.00, 0.0 false alarms"));
}

}  // namespace
}  // namespace aislewatch
