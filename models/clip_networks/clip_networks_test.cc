#include "models/clip_networks/clip_network.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <nlohmann/json.hpp>
#include <numeric>
#include <opencv2/imgproc.hpp>
#include <random>
#include <string>
#include <vector>

#include "models/clip_networks/conv_lstm.h"
#include "models/clip_networks/gate_flow_slowfast.h"
#include "models/clip_networks/network_classifier.h"
#include "models/clip_networks/options.h"
#include "models/clip_networks/pose_inputs.h"

namespace aislewatch::clip_networks {
namespace {

using ::testing::HasSubstr;

Options Small() {
  Options options;
  options.trunk = {.stem_channels = 4, .first_channels = 4, .expansion = 2,
                   .stages = {{6, 2, 2}, {8, 1, 2}}};
  options.crop_side = 32;
  options.reduced_channels = 4;
  options.feature_size = 8;
  options.pose_size = 4;
  options.hidden_size = 6;
  options.window = 5;
  return options;
}

std::vector<PersonView> RandomViews(int count, int side) {
  std::minstd_rand random(1);
  std::vector<PersonView> views(static_cast<size_t>(count));
  for (PersonView& view : views) {
    view.crop.create(side, side, CV_8UC3);
    for (uchar* p = view.crop.data; p != view.crop.dataend; ++p) *p = static_cast<uchar>(random());
    for (Keypoint& joint : view.keypoints) {
      joint = {static_cast<float>(random() % 100) / 100, static_cast<float>(random() % 100) / 100, 1};
    }
  }
  return views;
}

TEST(OptionsTest, SurvivesJson) {
  Options options = Small();
  const auto again = OptionsFromJson(Architecture::kCnnGru, OptionsToJson(options));
  ASSERT_TRUE(again.ok()) << again.status();
  EXPECT_EQ(OptionsToJson(*again), OptionsToJson(options));
}

TEST(NetworkTest, WithoutThePictureThereIsNoTrunkAndOnlyJointsCount) {
  Options options = Small();
  options.feature_size = 0;
  ASSERT_TRUE(Validate(options).ok());
  const ClipNetworkPtr network = MakeNetwork(options);
  for (const auto& parameter : network->named_parameters()) {
    EXPECT_NE(parameter.key().rfind("trunk.", 0), 0u) << parameter.key();
  }
  NetworkClassifier classifier({"joints", "1"}, network);
  std::vector<PersonView> views = RandomViews(2, 40);
  views[1].keypoints = views[0].keypoints;
  const auto features = classifier.Embed(views);
  ASSERT_TRUE(features.ok()) << features.status();
  EXPECT_EQ((*features)[0].size(), 4u);
  EXPECT_EQ((*features)[0], (*features)[1]) << "another picture, the same joints";
  EXPECT_TRUE(classifier.Score(std::vector<std::vector<CropFeatures>>{{(*features)[0]}}).ok());
}

TEST(OptionsTest, OneOfPictureAndPoseMustBeThere) {
  Options options = Small();
  options.feature_size = 0;
  options.pose_size = 0;
  EXPECT_THAT(std::string(Validate(options).message()), HasSubstr("picture or the pose"));
}

TEST(OptionsTest, NamesTheFieldThatIsWrong) {
  const auto bad = [](const char* text) {
    return std::string(OptionsFromJson(Architecture::kCnnGru, nlohmann::json::parse(text)).status().message());
  };
  EXPECT_THAT(bad(R"({"hidden_size": 0})"), HasSubstr("hidden_size"));
  EXPECT_THAT(bad(R"({"window": "long"})"), HasSubstr("window"));
  EXPECT_THAT(bad(R"({"feature_size": 99999999999999})"), HasSubstr("feature_size"));
  EXPECT_THAT(bad(R"({"crop_side": 100})"), HasSubstr("multiple"));
  EXPECT_THAT(bad(R"({"trunk": {"stages": [{"channels": 8, "blocks": 1, "stride": 3}]}})"),
              HasSubstr("stride"));
  EXPECT_THAT(bad("[]"), HasSubstr("object"));
}

TEST(NetworkTest, DefaultTrunkHasMoveNetsShape) {
  const Options options;
  Trunk trunk(options.trunk);
  const torch::InferenceMode guard;
  const torch::Tensor maps = trunk(torch::zeros({1, 3, options.crop_side, options.crop_side}));
  EXPECT_EQ(maps.sizes(), torch::IntArrayRef({1, 144, 7, 7}));
}

TEST(NetworkTest, StridedConvolutionPadsBehindOnly) {
  // One 3×3 stem filter that passes its first (top left) tap: without padding before, output
  // pixel (0, 0) is input pixel (0, 0).
  Trunk trunk(TrunkOptions{.stem_channels = 1, .first_channels = 2, .expansion = 1, .stages = {}});
  const torch::NoGradGuard guard;
  for (auto& parameter : trunk->parameters()) parameter.zero_();
  auto named = trunk->named_parameters();
  named["stem.weight"][0][0][0][0] = 1;
  named["blocks.0.depthwise.weight"][0][0][1][1] = 1;
  named["blocks.0.project.weight"].fill_(1);
  torch::Tensor input = torch::zeros({1, 3, 4, 4});
  input[0][0][0][0] = 0.5f;
  input[0][0][2][2] = 0.25f;
  const torch::Tensor output = trunk(input);
  EXPECT_FLOAT_EQ(output[0][0][0][0].item<float>(), 0.5f);
  EXPECT_FLOAT_EQ(output[0][0][1][1].item<float>(), 0.25f);
}

TEST(NetworkTest, CropsBecomeRgbInMinusOneToOne) {
  const std::vector<cv::Mat> crops = {cv::Mat(8, 8, CV_8UC3, cv::Scalar(0, 127, 255))};
  const torch::Tensor tensor = CropsToTensor(crops, 4);
  ASSERT_EQ(tensor.sizes(), torch::IntArrayRef({1, 3, 4, 4}));
  EXPECT_NEAR(tensor[0][0][0][0].item<float>(), 1.0f, 1e-3);
  EXPECT_NEAR(tensor[0][1][3][3].item<float>(), 0.0f, 5e-3);
  EXPECT_NEAR(tensor[0][2][0][3].item<float>(), -1.0f, 1e-3);
}

class NetworkClassifierTest : public ::testing::Test {
 protected:
  NetworkClassifierTest() { torch::manual_seed(7); }

  std::vector<CropFeatures> Embed(const std::vector<PersonView>& views) {
    auto features = classifier_.Embed(views);
    EXPECT_TRUE(features.ok()) << features.status();
    return *features;
  }

  NetworkClassifier classifier_{{"cnn-gru", "test"}, MakeNetwork(Small())};
};

TEST_F(NetworkClassifierTest, ProbabilitiesSumToOneAndShopliftingIsConcealing) {
  const auto scores =
      classifier_.Score(std::vector<std::vector<CropFeatures>>{Embed(RandomViews(3, 40))});
  ASSERT_TRUE(scores.ok()) << scores.status();
  ASSERT_EQ(scores->size(), 1u);
  const auto& p = scores->front().probability;
  EXPECT_NEAR(std::accumulate(p.begin(), p.end(), 0.0f), 1.0f, 1e-5);
  EXPECT_FLOAT_EQ(scores->front().shoplifting, p[4] + p[5]);
}

TEST_F(NetworkClassifierTest, AWindowScoresTheSameAloneAndAmongLongerOnes) {
  const std::vector<CropFeatures> features = Embed(RandomViews(5, 32));
  const std::vector<CropFeatures> brief(features.begin(), features.begin() + 2);
  const auto alone = classifier_.Score(std::vector<std::vector<CropFeatures>>{brief});
  const auto among = classifier_.Score(std::vector<std::vector<CropFeatures>>{features, brief});
  ASSERT_TRUE(alone.ok() && among.ok());
  for (int i = 0; i < kActionCount; ++i) {
    EXPECT_NEAR((*alone)[0].probability[i], (*among)[1].probability[i], 1e-6);
  }
}

TEST_F(NetworkClassifierTest, ThePoseMatters) {
  std::vector<PersonView> views = RandomViews(3, 32);
  const std::vector<CropFeatures> with_pose = Embed(views);
  for (PersonView& view : views) view.keypoints = {};
  const std::vector<CropFeatures> without = Embed(views);
  EXPECT_EQ(with_pose[0].size(), without[0].size());
  EXPECT_NE(with_pose[0], without[0]);
}

TEST_F(NetworkClassifierTest, TheOrderOfCropsMatters) {
  std::vector<CropFeatures> features = Embed(RandomViews(4, 32));
  const std::vector<CropFeatures> backwards(features.rbegin(), features.rend());
  const auto scores =
      classifier_.Score(std::vector<std::vector<CropFeatures>>{features, backwards});
  ASSERT_TRUE(scores.ok());
  EXPECT_NE((*scores)[0].probability, (*scores)[1].probability);
}

TEST_F(NetworkClassifierTest, ACropsFeaturesDoNotDependOnItsBatch) {
  const std::vector<PersonView> views = RandomViews(3, 48);
  const std::vector<CropFeatures> together = Embed(views);
  const std::vector<CropFeatures> alone = Embed({views[1]});
  for (size_t i = 0; i < alone[0].size(); ++i) EXPECT_NEAR(alone[0][i], together[1][i], 1e-5);
}

TEST_F(NetworkClassifierTest, RefusesWhatItCannotRead) {
  const std::vector<PersonView> empty(1);
  EXPECT_EQ(classifier_.Embed(empty).status().code(), absl::StatusCode::kInvalidArgument);
  const std::vector<PersonView> grey = {{cv::Mat(8, 8, CV_8UC1, cv::Scalar(0)), {}}};
  EXPECT_EQ(classifier_.Embed(grey).status().code(), absl::StatusCode::kInvalidArgument);

  using Windows = std::vector<std::vector<CropFeatures>>;
  const CropFeatures right(12, 0.0f);
  EXPECT_FALSE(classifier_.Score(Windows{{}}).ok());
  EXPECT_FALSE(classifier_.Score(Windows{{CropFeatures(3, 0.0f)}}).ok());
  EXPECT_FALSE(classifier_.Score(Windows{std::vector<CropFeatures>(6, right)}).ok());
  EXPECT_TRUE(classifier_.Score(Windows{std::vector<CropFeatures>(5, right)}).ok());
}

TEST_F(NetworkClassifierTest, NothingInNothingOut) {
  const auto features = classifier_.Embed({});
  const auto scores = classifier_.Score({});
  ASSERT_TRUE(features.ok() && scores.ok());
  EXPECT_TRUE(features->empty());
  EXPECT_TRUE(scores->empty());
}

/// Every architecture as it is by default, cnn_gru with a small trunk.
class ArchitectureTest : public ::testing::TestWithParam<Architecture> {
 protected:
  ArchitectureTest() {
    torch::manual_seed(7);
    network_ = MakeNetwork(OptionsUnderTest());
    network_->eval();
  }

  static Options OptionsUnderTest() {
    return GetParam() == Architecture::kCnnGru ? Small() : DefaultOptions(GetParam());
  }

  /// Each view's previous crop is that of the view before.
  static std::vector<PersonView> Clip(int count) {
    std::vector<PersonView> views = RandomViews(count, 64);
    for (size_t i = 1; i < views.size(); ++i) views[i].previous = views[i - 1].crop;
    return views;
  }

  torch::Tensor FeaturesOf(const std::vector<PersonView>& views) {
    const torch::Tensor maps = network_->Maps(network_->Inputs(views));
    return network_->Features(network_->Picture(maps), KeypointsToTensor(views));
  }

  const torch::NoGradGuard no_gradients_;
  ClipNetworkPtr network_;
};

INSTANTIATE_TEST_SUITE_P(All, ArchitectureTest,
                         ::testing::Values(Architecture::kCnnGru, Architecture::kCnnLstm,
                                           Architecture::kConvLstm,
                                           Architecture::kGateFlowSlowFast),
                         [](const auto& info) { return std::string(ArchitectureName(info.param)); });

TEST_P(ArchitectureTest, OptionsSurviveJsonAndTheName) {
  const auto architecture = ArchitectureFromName(ArchitectureName(GetParam()));
  ASSERT_TRUE(architecture.ok()) << architecture.status();
  const auto again = OptionsFromJson(*architecture, OptionsToJson(OptionsUnderTest()));
  ASSERT_TRUE(again.ok()) << again.status();
  EXPECT_EQ(again->architecture, GetParam());
  EXPECT_EQ(OptionsToJson(*again), OptionsToJson(OptionsUnderTest()));
}

TEST_P(ArchitectureTest, AStepsLogitsAreThoseOfTheWindowUpToIt) {
  const torch::Tensor features = FeaturesOf(Clip(5));
  ASSERT_EQ(features.sizes(), torch::IntArrayRef({5, network_->crop_features()}));
  const torch::Tensor steps =
      network_->EveryStep(features.unsqueeze(0), torch::arange(5, torch::kInt64));
  for (int64_t length = 1; length <= 5; ++length) {
    const torch::Tensor window = features.slice(0, 0, length).unsqueeze(0);
    const torch::Tensor alone = network_->Classify(window, torch::tensor({length}));
    EXPECT_TRUE(torch::allclose(alone[0], steps[length - 1], 1e-4, 1e-5)) << length;
  }
}

TEST_P(ArchitectureTest, AWindowDoesNotDependOnThoseBesideIt) {
  const torch::Tensor features = FeaturesOf(Clip(5));
  torch::Tensor both = torch::stack({features, torch::zeros_like(features)});
  both[1].slice(0, 0, 2).copy_(features.slice(0, 3, 5));
  const torch::Tensor together =
      network_->Classify(both, torch::tensor({int64_t{5}, int64_t{2}}));
  const torch::Tensor alone =
      network_->Classify(features.slice(0, 3, 5).unsqueeze(0), torch::tensor({int64_t{2}}));
  EXPECT_TRUE(torch::allclose(alone[0], together[1], 1e-4, 1e-5));
}

TEST_P(ArchitectureTest, EveryParameterLearns) {
  const torch::AutoGradMode gradients(true);
  network_->train();
  network_
      ->Classify(FeaturesOf(Clip(6)).unsqueeze(0), torch::tensor({int64_t{5}}))
      .square()
      .sum()
      .backward();
  for (const auto& parameter : network_->named_parameters()) {
    ASSERT_TRUE(parameter.value().grad().defined()) << parameter.key();
    EXPECT_TRUE(torch::isfinite(parameter.value().grad()).all().item<bool>()) << parameter.key();
  }
}

TEST_P(ArchitectureTest, MirroredMapsAreThoseOfMirroredCrops) {
  if (GetParam() == Architecture::kCnnGru) return;  // Nearly: see VaryView.
  // Smooth, so that the flow found does not depend on the side it is looked for from.
  std::vector<PersonView> views(1);
  cv::GaussianBlur(RandomViews(1, 64)[0].crop, views[0].previous, {0, 0}, 4);
  const cv::Mat shift = (cv::Mat_<double>(2, 3) << 1, 0, 2, 0, 1, 0);
  cv::warpAffine(views[0].previous, views[0].crop, shift, {64, 64});
  std::vector<PersonView> mirrored(1);
  cv::flip(views[0].crop, mirrored[0].crop, 1);
  cv::flip(views[0].previous, mirrored[0].previous, 1);
  const torch::Tensor expected = network_->Inputs(mirrored);
  const torch::Tensor actual = network_->MirroredMaps(network_->Inputs(views));
  EXPECT_LT((actual - expected).abs().mean().item<float>(), 0.02f);
}

TEST(FlowsToTensorTest, WhatMovesByTwoPixelsFlowsByTwoSixteenthsOfTheSide) {
  std::vector<PersonView> views(2);
  cv::GaussianBlur(RandomViews(1, 64)[0].crop, views[0].previous, {0, 0}, 2);
  const cv::Mat shift = (cv::Mat_<double>(2, 3) << 1, 0, 2, 0, 1, -1);
  cv::warpAffine(views[0].previous, views[0].crop, shift, {64, 64});
  views[1].crop = views[0].crop;
  const torch::Tensor flow = FlowsToTensor(views, 64);
  ASSERT_EQ(flow.sizes(), torch::IntArrayRef({2, 2, 64, 64}));
  const auto middle = [&](int channel) {
    return flow[0][channel].slice(0, 16, 48).slice(1, 16, 48).median().item<float>();
  };
  EXPECT_NEAR(middle(0), 2.0f / 4, 0.1f);
  EXPECT_NEAR(middle(1), -1.0f / 4, 0.1f);
  EXPECT_EQ(flow[1].abs().max().item<float>(), 0) << "no crop before it, no motion";
}

TEST(ConvLstmLayerTest, GatesAreThoseOfThePaper) {
  ConvLstmLayer layer(1, 1);
  const torch::NoGradGuard no_gradients;
  auto named = layer.named_parameters();
  for (auto& parameter : named) parameter.value().zero_();
  // One pixel: of the 3×3 kernels only the middle counts. Gates: input, forget, candidate, output.
  for (int gate = 0; gate < 4; ++gate) {
    named["input.weight"][gate][0][1][1] = 0.5f + static_cast<float>(gate);
    named["state.weight"][gate][0][1][1] = 0.1f * static_cast<float>(gate + 1);
  }
  named["input.bias"][1] = 1;
  const torch::Tensor output =
      layer.forward(torch::tensor({0.3f, -0.2f}).view({1, 2, 1, 1, 1})).flatten();
  const auto sigmoid = [](double x) { return 1 / (1 + std::exp(-x)); };
  double cell = sigmoid(0.5 * 0.3) * std::tanh(2.5 * 0.3);
  double hidden = sigmoid(3.5 * 0.3) * std::tanh(cell);
  EXPECT_NEAR(output[0].item<float>(), hidden, 1e-6);
  cell = sigmoid(1.5 * -0.2 + 1 + 0.2 * hidden) * cell +
         sigmoid(0.5 * -0.2 + 0.1 * hidden) * std::tanh(2.5 * -0.2 + 0.3 * hidden);
  hidden = sigmoid(3.5 * -0.2 + 0.4 * hidden) * std::tanh(cell);
  EXPECT_NEAR(output[1].item<float>(), hidden, 1e-6);
}

}  // namespace
}  // namespace aislewatch::clip_networks
