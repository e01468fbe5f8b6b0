#include "models/pose_anomaly/stg_nf/adamax.h"

#include <gtest/gtest.h>

namespace aislewatch::pose_anomaly {
namespace {

TEST(AdamaxTest, TakesTheStepsOfTheAlgorithm) {
  torch::Tensor p = torch::zeros({1}, torch::requires_grad());
  Adamax adamax({p}, 0.1);
  // The first step is the learning rate against the gradient's sign, whatever its size.
  p.mutable_grad() = torch::full({1}, 4.0f);
  adamax.Step();
  EXPECT_NEAR(p.item<float>(), -0.1, 1e-6);
  // m = 0.9 * 0.4 + 0.1 * 1 = 0.46, u = max(0.999 * 4, 1) = 3.996, step 0.1 / (1 - 0.81).
  p.mutable_grad() = torch::full({1}, 1.0f);
  adamax.Step();
  EXPECT_NEAR(p.item<float>(), -0.1 - 0.1 / 0.19 * 0.46 / 3.996, 1e-6);
}

TEST(AdamaxTest, FindsTheMinimumOfAParabola) {
  torch::Tensor p = torch::full({2}, 5.0f, torch::requires_grad());
  Adamax adamax({p}, 0.1);
  for (int i = 0; i < 500; ++i) {
    adamax.ZeroGrad();
    (p - 2).pow(2).sum().backward();
    adamax.Step();
  }
  EXPECT_NEAR(p[0].item<float>(), 2, 1e-2);
}

TEST(AdamaxTest, LeavesParametersWithoutGradientAlone) {
  torch::Tensor p = torch::ones({1}, torch::requires_grad());
  Adamax adamax({p}, 0.1);
  adamax.ZeroGrad();
  adamax.Step();
  EXPECT_EQ(p.item<float>(), 1);
}

}  // namespace
}  // namespace aislewatch::pose_anomaly
