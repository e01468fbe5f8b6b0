#include "common/risk/risk_model.h"

#include <cmath>
#include <limits>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace aislewatch {
namespace {

const float kNan = std::numeric_limits<float>::quiet_NaN();
const float kInf = std::numeric_limits<float>::infinity();

double Logit(double p) { return std::log(p / (1 - p)); }

double SumOfContributions(const Risk& risk) {
  double sum = 0;
  for (const RiskPart& part : risk.parts) sum += part.contribution;
  return sum;
}

bool HasPart(const Risk& risk, const std::string& name) {
  return std::any_of(risk.parts.begin(), risk.parts.end(),
                     [&](const RiskPart& part) { return part.name == name; });
}

RiskInputs Full() {
  return {.pose_anomaly = 0.8f,
          .shoplifting = 0.7f,
          .fighting = 0.2f,
          .pair = FightingEvidence{0.7f, false},
          .zones = {ZoneKind::kShelf, ZoneKind::kExit},
          .dwell = absl::Minutes(1)};
}

TEST(RiskModel, PartsSumToTheLogOddsOfTheRisk) {
  const RiskModel model{RiskWeights()};
  for (const Risk& risk : {model.Concealment(Full()), model.Concealment({}), model.Fight(Full())}) {
    EXPECT_NEAR(SumOfContributions(risk), Logit(risk.value), 1e-4);
  }
}

TEST(RiskModel, MissingPartsDropOut) {
  const RiskModel model{RiskWeights()};
  const Risk nothing = model.Concealment({});
  EXPECT_NEAR(nothing.value, 1 / (1 + std::exp(1.5)), 1e-6);
  EXPECT_FALSE(HasPart(nothing, "clip_shoplifting"));
  EXPECT_FALSE(HasPart(nothing, "pose_anomaly"));
  EXPECT_FALSE(HasPart(nothing, "zone"));
  // A score without evidence says as much as none.
  EXPECT_FLOAT_EQ(model.Concealment({.pose_anomaly = 0.5f, .shoplifting = 0.5f}).value,
                  nothing.value);
}

TEST(RiskModel, EveryPartMovesTheRiskItsWay) {
  const RiskModel model{RiskWeights()};
  const float base = model.Concealment({}).value;
  EXPECT_GT(model.Concealment({.shoplifting = 0.6f}).value, base);
  EXPECT_LT(model.Concealment({.shoplifting = 0.4f}).value, base);
  EXPECT_GT(model.Concealment({.pose_anomaly = 0.9f}).value, base);
  EXPECT_LT(model.Concealment({.pose_anomaly = 0.1f}).value, base);
  EXPECT_GT(model.Concealment({.zones = {ZoneKind::kShelf}}).value, base);
  EXPECT_LT(model.Concealment({.zones = {ZoneKind::kCheckout}}).value, base);
  EXPECT_GT(model.Concealment({.dwell = absl::Minutes(2)}).value, base);
  EXPECT_GT(model.Fight({.fighting = 0.8f}).value, model.Fight({.fighting = 0.2f}).value);
}

TEST(RiskModel, TwoWhoFightRaiseTheRiskAndTwoWhoStandStillLowerIt) {
  const RiskModel model{RiskWeights()};
  const float without = model.Fight({.fighting = 0.8f}).value;
  const auto with = [&](float p) {
    return model.Fight({.fighting = 0.8f, .pair = FightingEvidence{p, false}}).value;
  };
  EXPECT_GT(with(0.8f), without);
  EXPECT_FLOAT_EQ(with(0.5f), without);
  EXPECT_LT(with(0.2f), without);
  // The classifier is less sure of it, and two who do look like a fight tip the scale.
  EXPECT_LT(model.Fight({.fighting = 0.75f}).value, DefaultRule(IncidentKind::kFight).min_risk);
  EXPECT_GT(model.Fight({.fighting = 0.75f, .pair = FightingEvidence{0.8f, false}}).value,
            DefaultRule(IncidentKind::kFight).min_risk);
}

TEST(RiskModel, NobodyFightsAlone) {
  const RiskModel model{RiskWeights()};
  const Risk alone =
      model.Fight({.pose_anomaly = 1.0f, .fighting = 1.0f, .pair = FightingEvidence{0, true}});
  EXPECT_LT(alone.value, DefaultRule(IncidentKind::kFight).min_risk);
  EXPECT_TRUE(HasPart(alone, "alone"));
  // Not knowing whether somebody is there is not the same.
  EXPECT_GT(model.Fight({.fighting = 1.0f}).value, DefaultRule(IncidentKind::kFight).min_risk);
}

TEST(RiskModel, AClassifiersBiasIsPartOfWhatItSaysAndNothingWithoutIt) {
  RiskWeights weights;
  weights.clip_shoplifting_bias = 2;
  const RiskModel model(weights);
  EXPECT_FLOAT_EQ(model.Concealment({}).value, RiskModel(RiskWeights()).Concealment({}).value);
  const Risk risk = model.Concealment({.shoplifting = 0.5f});
  EXPECT_NEAR(SumOfContributions(risk), weights.bias + 2, 1e-5);
  ASSERT_THAT(risk.parts, testing::SizeIs(3));  // bias, clip_shoplifting, dwell
  EXPECT_EQ(risk.parts[1].contribution, 2);
}

TEST(RiskModel, OfSeveralZonesTheStrongestCounts) {
  const RiskModel model{RiskWeights()};
  EXPECT_FLOAT_EQ(model.Concealment({.zones = {ZoneKind::kShelf, ZoneKind::kCheckout}}).value,
                  model.Concealment({.zones = {ZoneKind::kCheckout}}).value);
}

TEST(RiskModel, TheClassifierDecidesAndAllElseTogetherDoesNot) {
  const RiskModel model{RiskWeights()};
  RiskInputs all_but_clip{.pose_anomaly = 1,
                          .pair = FightingEvidence{1, false},
                          .zones = {ZoneKind::kRestricted},
                          .dwell = absl::Hours(10)};
  EXPECT_LT(model.Concealment(all_but_clip).value,
            DefaultRule(IncidentKind::kConcealment).min_risk);
  EXPECT_LT(model.Fight(all_but_clip).value, DefaultRule(IncidentKind::kFight).min_risk);
  EXPECT_GT(model.Concealment({.shoplifting = 0.85f}).value,
            DefaultRule(IncidentKind::kConcealment).min_risk);
  EXPECT_GT(model.Fight({.fighting = 0.85f}).value, DefaultRule(IncidentKind::kFight).min_risk);
}

TEST(RiskModel, AbsurdScoresCountAsMissingOrAreLimited) {
  const RiskModel model{RiskWeights()};
  const float base = model.Concealment({}).value;
  for (float bad : {kNan, kInf, -kInf}) {
    EXPECT_FLOAT_EQ(model.Concealment({.pose_anomaly = bad, .shoplifting = bad}).value, base);
    EXPECT_FLOAT_EQ(model.Fight({.fighting = bad, .pair = FightingEvidence{bad, false}}).value,
                    model.Fight({}).value);
  }
  EXPECT_FLOAT_EQ(model.Concealment({.shoplifting = 7.0f}).value,
                  model.Concealment({.shoplifting = 1.0f}).value);
  EXPECT_LT(model.Concealment({.shoplifting = 1.0f}).value, 1.0f);
  EXPECT_GT(model.Concealment({.shoplifting = 0.0f}).value, 0.0f);
  EXPECT_TRUE(std::isfinite(model.Concealment({.dwell = absl::InfiniteDuration()}).value));
}

}  // namespace
}  // namespace aislewatch
