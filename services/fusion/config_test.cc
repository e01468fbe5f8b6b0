#include "services/fusion/config.h"

#include <CLI/CLI.hpp>
#include <fstream>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace aislewatch::fusion {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::SizeIs;

Config Parse(const std::string& line) {
  Config config;
  CLI::App app;
  AddFlags(app, config);
  app.parse(line);
  return config;
}

TEST(FusionConfig, WithoutFlagsTheBuiltInRulesHold) {
  const auto rules = EffectiveRules(Parse(""));
  ASSERT_TRUE(rules.ok()) << rules.status();
  EXPECT_EQ(rules->rules, DefaultRules().rules);
  EXPECT_TRUE(rules->settings == DefaultRules().settings);
}

TEST(FusionConfig, FlagsOverrideTheRulesFile) {
  const std::string path = testing::TempDir() + "/fusion-rules.yaml";
  std::ofstream(path) << "incidents: {close_after: 7s}\n"
                         "rules:\n"
                         "  - {rule_id: hide, kind: concealment, min_risk: 0.6}\n"
                         "  - {rule_id: lurk, kind: loitering}\n"
                         "  - {rule_id: guns, kind: weapon, min_risk: 0.4}\n";
  const auto from_file = EffectiveRules(Parse("--rules " + path));
  ASSERT_TRUE(from_file.ok()) << from_file.status();
  EXPECT_EQ(from_file->rules[0].min_risk, 0.6f);
  EXPECT_EQ(from_file->settings.incidents.close_after, absl::Seconds(7));
  const auto overridden = EffectiveRules(
      Parse("--rules " + path + " --min-risk 0.8 --critical-risk 2 --close-after 9s"));
  ASSERT_TRUE(overridden.ok()) << overridden.status();
  ASSERT_THAT(overridden->rules, SizeIs(3));
  EXPECT_EQ(overridden->rules[0].min_risk, 0.8f);
  EXPECT_EQ(overridden->rules[1].min_risk, 0);
  EXPECT_EQ(overridden->rules[2].min_risk, 0.4f) << "a score is no fused risk";
  EXPECT_EQ(overridden->settings.critical_risk, 2);
  EXPECT_EQ(overridden->settings.incidents.close_after, absl::Seconds(9));
}

TEST(FusionConfig, FaultsOfTheFileAreReported) {
  const std::string path = testing::TempDir() + "/fusion-bad-rules.yaml";
  std::ofstream(path) << "rules:\n  - {rule_id: hide, kind: concealment, min_risk: 7}\n";
  const absl::Status status = EffectiveRules(Parse("--rules " + path)).status();
  EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument);
  EXPECT_THAT(std::string(status.message()),
              HasSubstr("fusion-bad-rules.yaml:2:50: \"min_risk\" is \"7\""));
}

TEST(FusionConfig, TakesSeveralModelRepositories) {
  EXPECT_THAT(Parse("--model-repository a,b --model-repository=c").model_repository,
              ElementsAre("a", "b", "c"));
  EXPECT_THROW(Parse("--min-risk 3"), CLI::ValidationError);
}

}  // namespace
}  // namespace aislewatch::fusion
