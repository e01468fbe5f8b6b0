#include "models/risk/risk_file.h"

#include <cstdlib>
#include <fstream>
#include <limits>
#include <sstream>

#include "common/inference/test_folder.h"
#include "common/risk/risk_model.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace aislewatch {
namespace {

using ::testing::HasSubstr;

ModelManifest Manifest() {
  ModelManifest manifest;
  manifest.info = {"risk", "1"};
  manifest.licence = "Apache-2.0";
  manifest.training = {"drawn", "none", 0};
  return manifest;
}

absl::StatusOr<RiskFile> SaveAndLoad(const RiskWeights& weights, const TestFolder& folder,
                                     const std::string& from = "", const std::string& to = "") {
  const std::string version = folder.Path("risk/1");
  EXPECT_TRUE(SaveRiskFile(weights, Manifest(), version).ok());
  if (!from.empty()) {
    std::stringstream text;
    text << std::ifstream(version + "/model.json").rdbuf();
    std::string changed = text.str();
    changed.replace(changed.find(from), from.size(), to);
    std::ofstream(version + "/model.json") << changed;
  }
  return LoadRiskFile(ModelRepository({folder.path()}), "risk");
}

TEST(RiskFile, HoldsTheSameAfterSavingAndLoading) {
  RiskWeights weights;
  weights.bias = -2.25;
  weights.fight_alone = -7.5;
  weights.full_dwell = absl::Minutes(2);
  for (const auto& [name, weight] : NamedRiskWeights()) {
    weights.*weight = static_cast<float>(weights.*weight);
  }
  const TestFolder folder;
  const auto loaded = SaveAndLoad(weights, folder);
  ASSERT_TRUE(loaded.ok()) << loaded.status();
  EXPECT_TRUE(loaded->weights == weights);
  EXPECT_EQ(loaded->info.name, "risk");
}

TEST(RiskFile, NamesWhatDoesNotFit) {
  const struct {
    const char* from;
    const char* to;
    const char* message;
  } kCases[] = {{"\"role\": \"risk\"", "\"role\": \"fighting\"", "role risk"},
                {"\"fight_alone\"", "\"alone\"", "fight_alone"},
                {"300.0", "-1.0", "full_dwell_s"}};
  for (const auto& one : kCases) {
    const TestFolder folder;
    const auto loaded = SaveAndLoad({}, folder, one.from, one.to);
    EXPECT_EQ(loaded.status().code(), absl::StatusCode::kInvalidArgument) << one.from;
    EXPECT_THAT(std::string(loaded.status().message()), HasSubstr(one.message));
  }
  RiskWeights broken;
  broken.dwell = std::numeric_limits<double>::quiet_NaN();
  const TestFolder folder;
  EXPECT_THAT(std::string(SaveAndLoad(broken, folder).status().message()), HasSubstr("dwell"));
}

// The default must keep what docs/rules.md promises, however it was fitted.
TEST(RiskFile, InTheDefaultTheClassifierDecidesAndNobodyFightsAlone) {
  const char* const source = std::getenv("AISLEWATCH_SOURCE_DIR");
  const std::string root = source == nullptr ? "." : source;
  const auto file = LoadRiskFile(ModelRepository({root + "/models/pretrained"}), "risk");
  ASSERT_TRUE(file.ok()) << file.status();
  const RiskModel model(file->weights);
  const float min_risk = DefaultRule(IncidentKind::kConcealment).min_risk;
  const RiskInputs odd = {.pose_anomaly = 1, .dwell = absl::Hours(1)};
  for (const ZoneKind zone : {ZoneKind::kShelf, ZoneKind::kCheckout, ZoneKind::kExit,
                              ZoneKind::kRestricted, ZoneKind::kStorefront}) {
    RiskInputs inputs = odd;
    inputs.zones = {zone};
    EXPECT_LT(model.Concealment(inputs).value, min_risk) << Name(zone);
  }
  EXPECT_GT(model.Concealment({.shoplifting = 0.99f}).value, min_risk);
  EXPECT_LT(model.Fight({.pose_anomaly = 1, .pair = FightingEvidence{1, false}}).value, min_risk);
  EXPECT_LT(
      model.Fight({.pose_anomaly = 1, .fighting = 1, .pair = FightingEvidence{0, true}}).value,
      min_risk);
  EXPECT_GT(model.Fight({.fighting = 0.99f, .pair = FightingEvidence{0.8f, false}}).value,
            min_risk);
}

}  // namespace
}  // namespace aislewatch
