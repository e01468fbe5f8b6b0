#include "services/fusion/adapters/rules_file.h"

#include <cstdlib>
#include <string>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace aislewatch::fusion {
namespace {

using ::testing::HasSubstr;
using ::testing::SizeIs;

TEST(RulesFile, TheDeployedDefaultIsWhatIsBuiltIn) {
  const char* const source = std::getenv("AISLEWATCH_SOURCE_DIR");
  const std::string root = source == nullptr ? "." : source;
  const auto file = LoadRules(root + "/deploy/rules/default.yaml");
  ASSERT_TRUE(file.ok()) << file.status();
  EXPECT_EQ(file->rules, DefaultRules().rules);
  EXPECT_TRUE(file->settings == DefaultRules().settings);
  EXPECT_TRUE(file->weight_changes == RiskWeightChanges());
}

TEST(RulesFile, AnEmptyFileIsTheDefaultAndAnEmptyListIsNoRules) {
  const auto empty = ParseRules("", "rules.yaml");
  ASSERT_TRUE(empty.ok()) << empty.status();
  EXPECT_EQ(empty->rules, DefaultRules().rules);
  const auto none = ParseRules("rules: []", "rules.yaml");
  ASSERT_TRUE(none.ok()) << none.status();
  EXPECT_THAT(none->rules, SizeIs(0));
}

TEST(RulesFile, ReadsEverySetting) {
  const auto file = ParseRules(R"(
risk:
  critical: 0.9
  weights: {bias: -2, clip_shoplifting: 2, clip_shoplifting_bias: 0.2, pose_anomaly: 0.1,
            zone_shelf: 0.3, zone_checkout: 0.4,
            zone_exit: 0.5, zone_restricted: 0.6, zone_storefront: 0.7, dwell: 0.8,
            full_dwell: 1m, fight_bias: -3, clip_fighting: 3,
            clip_fighting_bias: 1.2, fight_pose_anomaly: 0.9,
            pose_fighting: 1.1, fight_alone: -4}
confirmation: {window: 2s, share: 0.5, min_frames: 4, close_ratio: 0.7}
incidents: {join: rule, close_after: 5s, update_interval: 2s, update_rise: 0.1, max_open: 10m,
            max_blind: 1m, max_tracks: 7}
checkout_bypass: {pay_after: 4s, min_taking: 0.8}
rules:
  - {rule_id: lurk, kind: loitering, min_duration: 2m}
)",
                               "rules.yaml");
  ASSERT_TRUE(file.ok()) << file.status();
  FusionSettings expected;
  expected.critical_risk = 0.9;
  expected.confirmation = {absl::Seconds(2), 0.5, 4, 0.7};
  expected.incidents = {JoinPolicy::kRule,
                        absl::Seconds(5),
                        absl::Seconds(2),
                        0.1f,
                        absl::Minutes(10),
                        absl::Minutes(1),
                        7};
  expected.pay_after = absl::Seconds(4);
  expected.min_taking = 0.8;
  EXPECT_TRUE(file->settings == expected);
  const RiskWeights weights = {-2, 2, 0.2, 0.1, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, absl::Minutes(1),
                               -3, 3, 1.2, 0.9, 1.1, -4};
  EXPECT_TRUE(file->weight_changes.ApplyTo(RiskWeights()) == weights);
  ASSERT_THAT(file->rules, SizeIs(1));
  EXPECT_EQ(file->rules[0].min_duration, absl::Minutes(2));
}

TEST(RulesFile, WeightsThatItLeavesOutStayTheModels) {
  const auto file = ParseRules("risk: {weights: {dwell: 0.5}}", "rules.yaml");
  ASSERT_TRUE(file.ok()) << file.status();
  RiskWeights model;
  model.bias = -7;
  const RiskWeights changed = file->weight_changes.ApplyTo(model);
  EXPECT_EQ(changed.bias, -7);
  EXPECT_EQ(changed.dwell, 0.5);
  EXPECT_EQ(changed.full_dwell, model.full_dwell);
}

TEST(RulesFile, ReportsEveryFaultAtOnce) {
  const absl::Status status = ParseRules(R"(risk:
  weights: {bais: -2, dwell: .inf}
confirmation:
  window: 0s
incident:
  join: scene
rules:
  - rule_id: lurk
    kind: loitering
    min_risk: 0.4
)",
                                         "rules.yaml")
                                  .status();
  EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(std::string(status.message()),
            R"(rules.yaml:2:13: unknown key "bais"; did you mean "bias"?
rules.yaml:2:30: "dwell" is ".inf"; write a number in -20..20
rules.yaml:4:11: "window" is "0s"; write a duration such as 10s, 500ms or 1h30m, 100ms..30s
rules.yaml:5:1: unknown key "incident"; did you mean "incidents"?
rules.yaml:10:5: unknown key "min_risk"; known are: cooldown, escalate_after, fire_once_per, kind, min_duration, rule_id, severity, zone_ids)");
}

TEST(RulesFile, NamesAMissingFile) {
  const absl::Status status = LoadRules("/nonexistent/rules.yaml").status();
  EXPECT_EQ(status.code(), absl::StatusCode::kNotFound);
  EXPECT_THAT(std::string(status.message()), HasSubstr("/nonexistent/rules.yaml"));
}

}  // namespace
}  // namespace aislewatch::fusion
