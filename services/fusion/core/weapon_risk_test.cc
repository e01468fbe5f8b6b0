#include "services/fusion/core/weapon_risk.h"

#include <cmath>
#include <limits>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace aislewatch::fusion {
namespace {

SeenObject Seen(std::string name, float score, bool weapon) {
  return {std::move(name), score, {0.4f, 0.4f, 0.05f, 0.05f}, weapon, 1};
}

float PartNamed(const Risk& risk, const std::string& name) {
  for (const RiskPart& part : risk.parts) {
    if (part.name == name) return part.value;
  }
  return -1;
}

TEST(WeaponRisk, IsTheScoreOfTheSurestWeaponAndNamesIt) {
  const Risk risk = WeaponRisk(
      {Seen("knife", 0.6f, true), Seen("phone", 0.99f, false), Seen("pistol", 0.8f, true)});
  EXPECT_FLOAT_EQ(risk.value, 0.8f);
  EXPECT_FLOAT_EQ(PartNamed(risk, "weapon"), 0.8f);
  EXPECT_FLOAT_EQ(PartNamed(risk, "weapon_pistol"), 0.8f);
}

TEST(WeaponRisk, ItsPartsSumToItsLogOdds) {
  for (const float score : {1e-9f, 0.3f, 0.8f, 1.0f}) {
    const Risk risk = WeaponRisk({Seen("knife", score, true)});
    float sum = 0;
    for (const RiskPart& part : risk.parts) sum += part.contribution;
    EXPECT_TRUE(std::isfinite(sum));
    EXPECT_NEAR(1 / (1 + std::exp(-sum)), risk.value, 1e-4);
  }
}

TEST(WeaponRisk, LookAlikesAndScoresThatAreNoNumbersAreNoWeapon) {
  EXPECT_EQ(WeaponRisk({}).value, 0);
  EXPECT_EQ(WeaponRisk({Seen("umbrella", 1, false), Seen("phone", 0.9f, false)}).value, 0);
  constexpr float kNan = std::numeric_limits<float>::quiet_NaN();
  EXPECT_EQ(WeaponRisk({Seen("knife", kNan, true)}).value, 0);
  EXPECT_FLOAT_EQ(WeaponRisk({Seen("knife", kNan, true), Seen("knife", 0.4f, true)}).value, 0.4f);
  EXPECT_LT(WeaponRisk({Seen("knife", std::numeric_limits<float>::infinity(), true)}).value, 1);
}

}  // namespace
}  // namespace aislewatch::fusion
