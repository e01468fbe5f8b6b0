#include "common/inference/torch_tensors.h"

#include <fstream>

#include <torch/nn/modules/linear.h>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

#include "common/inference/compute_check.h"
#include "common/inference/test_folder.h"
#include "common/inference/torchscript_module.h"

#include <torch/script.h>

namespace aislewatch {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;

struct SmallImpl : torch::nn::Module {
  explicit SmallImpl(int64_t out = 2) {
    linear = register_module("linear", torch::nn::Linear(3, out));
    steps = register_buffer("steps", torch::zeros({}, torch::kInt64));
  }
  torch::nn::Linear linear{nullptr};
  torch::Tensor steps;
};

class ParametersTest : public ::testing::Test {
 protected:
  SafetensorsFile Saved(const std::map<std::string, torch::Tensor>& tensors) {
    EXPECT_TRUE(SaveTensors(folder_.Path("w"), tensors).ok());
    return SafetensorsFile::Open(folder_.Path("w")).value();
  }

  TestFolder folder_;
};

TEST_F(ParametersTest, LoadsWhatWasSaved) {
  SmallImpl saved, loaded;
  saved.steps.fill_(9);
  ASSERT_TRUE(SaveParameters(folder_.Path("w"), saved).ok());
  const auto file = SafetensorsFile::Open(folder_.Path("w"));
  ASSERT_TRUE(file.ok()) << file.status();
  ASSERT_TRUE(LoadParameters(*file, loaded).ok());
  EXPECT_TRUE(torch::equal(saved.linear->weight, loaded.linear->weight));
  EXPECT_EQ(loaded.steps.item<int64_t>(), 9);
  EXPECT_TRUE(loaded.linear->weight.requires_grad());
}

TEST_F(ParametersTest, ConvertsHalfPrecisionWeights) {
  SmallImpl module;
  const auto file = Saved({{"linear.weight", torch::full({2, 3}, 0.5, torch::kHalf)},
                           {"linear.bias", torch::full({2}, -2, torch::kBFloat16)},
                           {"steps", torch::zeros({}, torch::kInt32)}});
  ASSERT_TRUE(LoadParameters(file, module).ok());
  EXPECT_EQ(module.linear->weight.scalar_type(), torch::kFloat);
  EXPECT_FLOAT_EQ(module.linear->weight[1][2].item<float>(), 0.5f);
  EXPECT_FLOAT_EQ(module.linear->bias[1].item<float>(), -2.0f);
}

TEST_F(ParametersTest, ListsEverythingThatDoesNotFitAndChangesNothing) {
  SmallImpl module;
  const torch::Tensor before = module.linear->bias.detach().clone();
  const auto file = Saved({{"linear.weight", torch::zeros({4, 3})},
                           {"linear.bias", torch::ones({2})},
                           {"linear.extra", torch::zeros({1})}});
  const absl::Status status = LoadParameters(file, module);
  EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument);
  const std::string message(status.message());
  EXPECT_THAT(message, HasSubstr("missing steps"));
  EXPECT_THAT(message, HasSubstr("unexpected linear.extra"));
  EXPECT_THAT(message, HasSubstr("'linear.weight' has the shape [4, 3] instead of [2, 3]"));
  EXPECT_TRUE(torch::equal(before, module.linear->bias));
}

TEST_F(ParametersTest, RefusesIntegersForFloats) {
  SmallImpl module;
  const auto file = Saved({{"linear.weight", torch::zeros({2, 3}, torch::kInt64)},
                           {"linear.bias", torch::zeros({2})},
                           {"steps", torch::zeros({}, torch::kInt64)}});
  EXPECT_THAT(std::string(LoadParameters(file, module).message()),
              HasSubstr("'linear.weight' is I64"));
}

TEST_F(ParametersTest, SavesViewsAndEmptyTensorsAsTheirContents) {
  const torch::Tensor view = torch::arange(6, torch::kInt64).view({2, 3}).t();
  const auto file = Saved({{"view", view}, {"empty", torch::zeros({0, 4})}});
  EXPECT_TRUE(torch::equal(ToTensor(*file.Find("view")).value(), view));
  EXPECT_EQ(ToTensor(*file.Find("empty")).value().numel(), 0);
  EXPECT_EQ(SaveTensors(folder_.Path("w"), {{"c", torch::zeros({1}, torch::kComplexFloat)}}).code(),
            absl::StatusCode::kUnimplemented);
}

TEST(TorchScriptModule, RunsAnExportedNetworkAndRefusesOtherFiles) {
  const TestFolder folder;
  torch::jit::Module network("twice");
  network.define("def forward(self, x):\n  return (x * 2, x)\n");
  network.save(folder.Path("twice.pt"));
  auto module = TorchScriptModule::Load(folder.Path("twice.pt"));
  ASSERT_TRUE(module.ok()) << module.status();
  const auto output = (*module)->Run(torch::ones({2}));
  ASSERT_TRUE(output.ok()) << output.status();
  EXPECT_FLOAT_EQ(output->sum().item<float>(), 4);

  std::ofstream(folder.Path("text.pt")) << "no network";
  EXPECT_EQ(TorchScriptModule::Load(folder.Path("text.pt")).status().code(),
            absl::StatusCode::kInvalidArgument);
  EXPECT_FALSE(TorchScriptModule::Load(folder.Path("absent.pt")).ok());
}

TEST(TorchScriptModule, TurnsTheNetworksOwnFailureIntoAStatus) {
  const TestFolder folder;
  torch::jit::Module network("fails");
  network.define("def forward(self, x):\n  return x.view(5, 5)\n");
  network.save(folder.Path("fails.pt"));
  const auto output = (*TorchScriptModule::Load(folder.Path("fails.pt")))->Run(torch::ones({2}));
  EXPECT_EQ(output.status().code(), absl::StatusCode::kInternal);
}

TEST(ComputeCheck, MeasuresARateAndWarnsOfASlowOne) {
  EXPECT_GT(CheckCompute().gflops, 0);
  EXPECT_THAT(SlowComputeWarning(50), IsEmpty());
  EXPECT_THAT(SlowComputeWarning(1.5), HasSubstr("libopenblas0-pthread"));
}

}  // namespace
}  // namespace aislewatch
