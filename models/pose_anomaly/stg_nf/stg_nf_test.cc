#include "models/pose_anomaly/stg_nf/stg_nf.h"

#include <gtest/gtest.h>
#include <torch/autograd.h>

#include <cmath>

#include "models/pose_anomaly/stg_nf/pose_windows.h"

namespace aislewatch::pose_anomaly {
namespace {

// A flow whose every parameter and statistic is away from its start, in evaluation mode.
StgNf ScrambledFlow(const StgNfOptions& options) {
  torch::manual_seed(4);
  StgNf flow(options);
  flow->to(torch::kDouble);
  torch::NoGradGuard no_grad;
  for (torch::Tensor& p : flow->parameters()) p.add_(torch::randn_like(p) * 0.3);
  flow->train();
  for (int i = 0; i < 5; ++i) {
    flow->Forward(torch::randn({16, 2, options.window, kStgJoints}, torch::kDouble));
  }
  flow->eval();
  return flow;
}

double MaxAbs(const torch::Tensor& t) { return t.abs().max().item<double>(); }

// The limbs of the 18-joint skeleton: COCO's joints by number, the neck being 17.
constexpr int kLimbs[][2] = {{0, 17},  {5, 17}, {6, 17}, {5, 7},   {7, 9},   {6, 8},
                             {8, 10},  {5, 11}, {6, 12}, {11, 13}, {13, 15}, {12, 14},
                             {14, 16}, {0, 1},  {0, 2},  {1, 3},   {2, 4}};

// Joints within `hops` of each other are connected, each column sums to 1.
torch::Tensor UniformAdjacency(int hops) {
  torch::Tensor neighbours = torch::eye(kStgJoints);
  for (const auto& limb : kLimbs) {
    neighbours[limb[0]][limb[1]] = 1;
    neighbours[limb[1]][limb[0]] = 1;
  }
  const torch::Tensor reachable = torch::matrix_power(neighbours, hops).gt(0).to(torch::kFloat);
  return reachable / reachable.sum(0, /*keepdim=*/true);
}

TEST(StGraphConvolutionTest, MayTakeTheMeanBecauseEightHopsConnectAllJoints) {
  EXPECT_LT(MaxAbs(UniformAdjacency(8) - 1.0 / kStgJoints), 1e-6);
  EXPECT_GT(MaxAbs(UniformAdjacency(7) - 1.0 / kStgJoints), 1e-3);  // the ankles are 8 apart
}

TEST(StGraphConvolutionTest, MixesJointsAndFrames) {
  torch::NoGradGuard no_grad;
  torch::manual_seed(2);
  StGraphConvolution convolution(1, 2, 3, /*residual=*/true);
  convolution->eval();
  for (torch::Tensor& p : convolution->parameters()) p.fill_(0.5);
  const torch::Tensor x = torch::zeros({1, 1, 8, kStgJoints});
  torch::Tensor moved = x.clone();
  moved[0][0][4][9] = 1;
  const torch::Tensor change =
      (convolution->forward(moved) - convolution->forward(x)).abs().sum(0).sum(0);
  EXPECT_GT(change[4][9].item<float>(), change[4][10].item<float>());  // its own joint most
  EXPECT_GT(change[4][16].item<float>(), 0);                           // any other joint
  EXPECT_GT(change[3][16].item<float>(), 0);                           // neighbouring frames
  EXPECT_EQ(change[2][16].item<float>(), 0);                           // beyond the kernel
}

TEST(StgNfTest, InverseUndoesForward) {
  torch::NoGradGuard no_grad;
  for (int window : {4, 24}) {
    StgNf flow = ScrambledFlow({window, 8, 3});
    const torch::Tensor x = torch::randn({5, 2, window, kStgJoints}, torch::kDouble);
    const torch::Tensor z = flow->Forward(x).first;
    EXPECT_GT(MaxAbs(z - x), 0.1);
    EXPECT_LT(MaxAbs(flow->Inverse(z) - x), 1e-8);
  }
}

// dz/dx `[n, n]` at `x` `[1, 2, T, 18]`, a row for each coordinate of z, by autograd: of the code
// that runs, without a step that would have to be small and yet not too small. As many copies of x
// as there are rows go through the flow, which in evaluation mode treats each by itself; row i is
// the gradient of the i-th copy's i-th coordinate.
torch::Tensor JacobianByAutograd(StgNf& flow, const torch::Tensor& x) {
  const int64_t n = x.numel();
  const torch::Tensor copies = x.repeat({n, 1, 1, 1}).set_requires_grad(true);
  const torch::Tensor z = flow->Forward(copies).first.view({n, n});
  return torch::autograd::grad({z.diagonal().sum()}, {copies})[0].view({n, n});
}

TEST(StgNfTest, LogDeterminantMatchesAutogradsJacobian) {
  for (int window : {4, 24}) {
    StgNf flow = ScrambledFlow({window, 8, 3});
    const torch::Tensor x = torch::randn({1, 2, window, kStgJoints}, torch::kDouble);
    const auto [sign, log_abs_det] = torch::slogdet(JacobianByAutograd(flow, x));
    const double expected = log_abs_det.item<double>();
    EXPECT_GT(std::abs(expected), 1) << "a determinant of 1 would say little";
    EXPECT_NEAR(flow->Forward(x).second.item<double>(), expected, 1e-9 * std::abs(expected))
        << "T " << window;
  }
}

// The same without trusting autograd.
TEST(StgNfTest, LogDeterminantMatchesTheNumericJacobian) {
  torch::NoGradGuard no_grad;
  StgNf flow = ScrambledFlow({4, 3, 3});
  const int64_t n = 2 * 4 * kStgJoints;
  const torch::Tensor x = torch::randn({1, 2, 4, kStgJoints}, torch::kDouble);
  // One row per coordinate of x, moved by a little in both directions.
  const double step = 1e-5;
  const torch::Tensor moves = torch::eye(n, torch::kDouble).view({n, 2, 4, kStgJoints}) * step;
  const torch::Tensor jacobian =
      ((flow->Forward(x + moves).first - flow->Forward(x - moves).first) / (2 * step)).view({n, n});
  const auto [sign, log_abs_det] = torch::slogdet(jacobian);
  EXPECT_NEAR(flow->Forward(x).second.item<double>(), log_abs_det.item<double>(), 1e-4);
}

TEST(StgNfTest, LikelihoodOfAnIdentityFlowIsThePriors) {
  torch::NoGradGuard no_grad;
  StgNf flow(StgNfOptions{4, 0, 3});  // no steps: z = x
  const double bits = 0.5 * std::log2(2 * M_PI);
  EXPECT_NEAR(flow->NegativeLogLikelihood(torch::full({1, 2, 4, kStgJoints}, 3.0f)).item<double>(),
              bits, 1e-5);
  EXPECT_NEAR(flow->NegativeLogLikelihood(torch::full({1, 2, 4, kStgJoints}, 5.0f)).item<double>(),
              bits + 2 / std::log(2.0), 1e-4);
}

TEST(StgNfTest, InitializeNormalizesTheFirstStepsInput) {
  torch::manual_seed(1);
  torch::NoGradGuard no_grad;
  StgNf flow(StgNfOptions{4, 1, 0});
  const torch::Tensor x = torch::randn({64, 2, 4, kStgJoints}) * 5 + 7;
  flow->Initialize(x);
  // The step's first output channel is the normalised last input channel, untouched by coupling.
  const torch::Tensor kept = flow->Forward(x).first.select(1, 0);
  EXPECT_NEAR(kept.mean().item<double>(), 0, 1e-3);
  EXPECT_NEAR(kept.std(/*unbiased=*/false).item<double>(), 1, 1e-3);
}

TEST(StgNfTest, HasThePublishedSize) {
  int64_t parameters = 0;
  for (const torch::Tensor& p : StgNf(StgNfOptions{})->parameters()) parameters += p.numel();
  // 8 x (actnorm 4, joints 4, norms 8, frames 54) + 7 x (residual 4 + norm 4).
  EXPECT_EQ(parameters, 8 * (4 + 4 + 8 + 54) + 7 * 8);  // 616
}

}  // namespace
}  // namespace aislewatch::pose_anomaly
