#include "models/pose_anomaly/statistics/principal_components.h"

#include <gtest/gtest.h>

#include <cmath>

namespace aislewatch::pose_anomaly {
namespace {

TEST(PrincipalComponentsTest, FindsTheDirectionOfGreatestVariance) {
  // Points on the line y = 2x + 1, and a third coordinate that hardly moves.
  std::vector<float> rows;
  for (int i = -5; i <= 5; ++i) {
    rows.insert(rows.end(), {static_cast<float>(i), 2.0f * i + 1, (i % 2) * 0.01f});
  }
  const auto pca = FitPrincipalComponents(rows, 3, 2);
  ASSERT_TRUE(pca.ok()) << pca.status();
  EXPECT_NEAR(std::abs(pca->directions[0]), 1 / std::sqrt(5.0f), 1e-3);
  EXPECT_NEAR(std::abs(pca->directions[1]), 2 / std::sqrt(5.0f), 1e-3);
  float out[2];
  pca->Project({3, 7, 0}, absl::MakeSpan(out));
  EXPECT_NEAR(std::abs(out[0]), 3 * std::sqrt(5.0f), 1e-2);
  EXPECT_NEAR(out[1], 0, 1e-2);
}

TEST(PrincipalComponentsTest, RejectsTooLittleData) {
  EXPECT_FALSE(FitPrincipalComponents({1, 2}, 2, 1).ok());
  EXPECT_FALSE(FitPrincipalComponents({1, 2, 3, 4}, 2, 3).ok());
  EXPECT_FALSE(FitPrincipalComponents({1, 2, 3}, 2, 1).ok());
}

}  // namespace
}  // namespace aislewatch::pose_anomaly
