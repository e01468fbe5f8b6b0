#include "models/retinanet/network.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <filesystem>
#include <fstream>

#include "models/retinanet/load.h"
#include "models/retinanet/losses.h"
#include "models/retinanet/network_detector.h"
#include "models/retinanet/save.h"

namespace aislewatch::retinanet {
namespace {

using ::testing::HasSubstr;

Options SmallOptions() {
  Options options;
  options.trunk = {.stem_channels = 4,
                   .first_channels = 4,
                   .expansion = 2,
                   .stages = {{4, 1, 2}, {6, 1, 2}, {8, 1, 2}}};
  options.input_side = 64;
  options.levels = 3;
  options.pyramid_channels = 8;
  options.head_convolutions = 1;
  return options;
}

double Focal(double p, bool there) {
  const double pt = there ? p : 1 - p;
  return -(there ? 0.25 : 0.75) * (1 - pt) * (1 - pt) * std::log(pt);
}

TEST(FocalLoss, IsWhatAHandCalculationGives) {
  // Two anchors and two classes: logit 0 is p = 0.5, logit log 3 is p = 0.75.
  const torch::Tensor logits =
      torch::tensor({0.0f, std::log(3.0f), -std::log(3.0f), 0.0f}).view({2, 2});
  // The first shows class 1, the second nothing.
  const torch::Tensor targets = torch::tensor({int64_t{1}, int64_t{kBackground}});
  const double wanted =
      Focal(0.5, false) + Focal(0.75, true) + Focal(0.25, false) + Focal(0.5, false);
  EXPECT_NEAR(FocalLoss(logits, targets).item<double>(), wanted, 1e-6);
  // 0.75 · 0.25 · ln 2 for p = 0.5 where nothing is.
  EXPECT_NEAR(Focal(0.5, false), 0.129965, 1e-6);
}

TEST(FocalLoss, IgnoredAnchorsCountNothingAndWildLogitsStayFinite) {
  const torch::Tensor logits = torch::tensor({3.0f, -200.0f, 200.0f}).view({3, 1});
  const torch::Tensor targets =
      torch::tensor({int64_t{kIgnored}, int64_t{0}, int64_t{kBackground}});
  // Both are wrong by 200 nats: 0.25 · 200 and 0.75 · 200.
  EXPECT_NEAR(FocalLoss(logits, targets).item<double>(), 200, 1e-3);
  EXPECT_EQ(FocalLoss(logits, torch::full({3}, kIgnored, torch::kInt64)).item<double>(), 0);
}

TEST(FocalLoss, ItsGradientPointsTowardsTheTruth) {
  torch::Tensor logits = torch::zeros({2, 1}, torch::requires_grad());
  FocalLoss(logits, torch::tensor({int64_t{0}, int64_t{kBackground}})).backward();
  EXPECT_LT(logits.grad()[0].item<double>(), 0);
  EXPECT_GT(logits.grad()[1].item<double>(), 0);
}

TEST(BoxLoss, IsAParabolaThenALine) {
  const torch::Tensor codes = torch::tensor({0.05f, 0.0f, -1.0f, 0.0f}).view({1, 4});
  const double beta = 1.0 / 9;
  const double wanted = 0.05 * 0.05 / (2 * beta) + (1 - beta / 2);
  EXPECT_NEAR(BoxLoss(codes, torch::zeros({1, 4})).item<double>(), wanted, 1e-6);
}

TEST(Network, BeginsBySeeingEverythingWithOneInAHundred) {
  torch::manual_seed(1);
  Network network(SmallOptions(), 3);
  network->eval();
  const torch::NoGradGuard no_gradients;
  const Predictions said = network->forward(torch::zeros({2, 3, 64, 64}));
  const int anchors = SmallOptions().anchors();
  ASSERT_EQ(said.logits.sizes(), (std::vector<int64_t>{2, anchors, 3}));
  ASSERT_EQ(said.codes.sizes(), (std::vector<int64_t>{2, anchors, 4}));
  EXPECT_NEAR(torch::sigmoid(said.logits).mean().item<double>(), 0.01, 0.005);
}

TEST(Network, OutputsAreInTheOrderOfTheAnchors) {
  torch::manual_seed(1);
  Network network(SmallOptions(), 2);
  const torch::NoGradGuard no_gradients;
  // A pattern in one corner changes what is said of that corner's anchors, and of far ones less.
  torch::Tensor picture = torch::zeros({1, 3, 64, 64});
  const torch::Tensor before = network->forward(picture).codes[0];
  using torch::indexing::Slice;
  picture.index_put_({0, Slice(), Slice(48, 64), Slice(0, 16)}, 1.0f);
  const torch::Tensor change = (network->forward(picture).codes[0] - before).abs().sum(1);
  const std::vector<PixelBox> anchors = MakeAnchors(SmallOptions());
  const auto cell = [&](int row, int column) { return (row * 8 + column) * kAnchorsPerCell; };
  EXPECT_NEAR(anchors[static_cast<size_t>(cell(7, 0)) + 1].left, -4, 1e-3);
  EXPECT_NEAR(anchors[static_cast<size_t>(cell(7, 0)) + 1].bottom, 68, 1e-3);
  EXPECT_GT(change[cell(7, 0)].item<double>(), 2 * change[cell(0, 7)].item<double>());
}

TEST(DecodePredictions, GivesTheBoxThatTheCodeSays) {
  const Options options = SmallOptions();
  const std::vector<PixelBox> anchors = MakeAnchors(options);
  torch::Tensor logits = torch::full({options.anchors(), 2}, -10.0f);
  torch::Tensor codes = torch::zeros({options.anchors(), 4});
  // An anchor inside the picture, moved by half its side, and its neighbour, which says the same.
  const int64_t anchor = (3 * 8 + 3) * kAnchorsPerCell + 1;
  logits[anchor][1] = 2.0f;
  logits[anchor + 9][1] = 1.0f;
  codes[anchor][0] = 0.5f;
  logits[0][0] = std::nanf("");
  const std::vector<Candidate> found = DecodePredictions(logits, codes, anchors, options);
  ASSERT_EQ(found.size(), 1u);
  EXPECT_EQ(found[0].class_index, 1);
  EXPECT_NEAR(found[0].score, 1 / (1 + std::exp(-2.0)), 1e-6);
  EXPECT_NEAR(found[0].box.left, 28 - 8 + 8, 1e-3);
  EXPECT_NEAR(found[0].box.right, 28 + 8 + 8, 1e-3);
  EXPECT_NEAR(found[0].box.top, 28 - 8, 1e-3);
}

class LoadDetectorTest : public ::testing::Test {
 protected:
  LoadDetectorTest()
      : root_(::testing::TempDir() + "/retinanet_" +
              ::testing::UnitTest::GetInstance()->current_test_info()->name()) {
    std::filesystem::remove_all(root_);
    torch::manual_seed(3);
    network_ = Network(SmallOptions(), 2);
    // So sure of class 0 that it finds it everywhere.
    const torch::NoGradGuard no_gradients;
    for (auto& parameter : network_->named_parameters()) {
      if (parameter.key() == "class_subnet.3.bias") parameter.value().fill_(1);
    }
  }
  ~LoadDetectorTest() override { std::filesystem::remove_all(root_); }

  std::string Folder() const { return root_ + "/small/1"; }
  void Save() {
    ModelManifest manifest;
    manifest.info = {"small", "1"};
    manifest.classes = {"knife", "phone"};
    manifest.licence = "Apache-2.0";
    manifest.source = "a test";
    manifest.training = {.data = "none", .command = "none", .seed = 3};
    Options options = SmallOptions();
    options.weapons = {"knife"};
    options.threshold = 0.3;
    const absl::Status status = SaveObjectDetector(Folder(), network_, options, manifest);
    ASSERT_TRUE(status.ok()) << status;
  }
  void Replace(const std::string& from, const std::string& to) {
    std::ifstream in(Folder() + "/model.json");
    std::string text(std::istreambuf_iterator<char>(in), {});
    const size_t at = text.find(from);
    ASSERT_NE(at, std::string::npos) << text;
    std::ofstream(Folder() + "/model.json") << text.replace(at, from.size(), to);
  }
  std::string LoadError() {
    const auto loaded = LoadObjectDetector(ModelRepository({root_}), "small");
    EXPECT_FALSE(loaded.ok());
    return std::string(loaded.status().message());
  }

  const std::string root_;
  Network network_{nullptr};
};

TEST_F(LoadDetectorTest, WhatWasSavedFindsTheSame) {
  Save();
  const auto loaded = LoadObjectDetector(ModelRepository({root_}), "small");
  ASSERT_TRUE(loaded.ok()) << loaded.status();
  EXPECT_EQ((*loaded)->classes()[0].name, "knife");
  EXPECT_TRUE((*loaded)->classes()[0].weapon);
  EXPECT_FALSE((*loaded)->classes()[1].weapon);
  EXPECT_FLOAT_EQ((*loaded)->threshold(), 0.3f);
  // A wide picture: the bars above and below are no part of it.
  const cv::Mat wide(90, 160, CV_8UC3, cv::Scalar(10, 200, 90));
  const cv::Mat tall(160, 90, CV_8UC3, cv::Scalar(10, 200, 90));
  const auto found = (*loaded)->Detect({wide, tall});
  ASSERT_TRUE(found.ok()) << found.status();
  ASSERT_EQ(found->size(), 2u);
  NetworkDetector direct({"direct", "1"}, (*loaded)->classes(), network_);
  const auto same = direct.Detect({wide, tall});
  ASSERT_TRUE(same.ok());
  for (size_t i = 0; i < 2; ++i) {
    ASSERT_FALSE((*found)[i].empty());
    float last = 1;
    for (const DetectedObject& object : (*found)[i]) {
      EXPECT_GE(object.box.x, 0);
      EXPECT_GE(object.box.y, 0);
      EXPECT_LE(object.box.right(), 1.0001f);
      EXPECT_LE(object.box.bottom(), 1.0001f);
      EXPECT_GT(object.box.area(), 0);
      EXPECT_LE(object.score, last);
      last = object.score;
    }
    EXPECT_NEAR((*found)[i][0].score, (*same)[i][0].score, 0.01);
  }
}

TEST_F(LoadDetectorTest, RefusesPicturesThatAreNone) {
  Save();
  const auto loaded = LoadObjectDetector(ModelRepository({root_}), "small");
  ASSERT_TRUE(loaded.ok()) << loaded.status();
  const cv::Mat good(8, 8, CV_8UC3, cv::Scalar(0, 0, 0)), grey(8, 8, CV_8UC1, cv::Scalar(0));
  EXPECT_THAT(std::string((*loaded)->Detect({good, cv::Mat()}).status().message()),
              HasSubstr("picture 1 of 2"));
  EXPECT_FALSE((*loaded)->Detect({grey}).ok());
  EXPECT_TRUE((*loaded)->Detect({})->empty());
  const cv::Mat line(1, 3000, CV_8UC3, cv::Scalar(0, 0, 0));
  EXPECT_TRUE((*loaded)->Detect({line}).ok());
}

TEST_F(LoadDetectorTest, SaysWhatIsWrongWithAModel) {
  Save();
  Replace("\"role\": \"object\"", "\"role\": \"pose\"");
  EXPECT_THAT(LoadError(), HasSubstr("role object"));
  Save();
  Replace("\"name\": \"retinanet\"", "\"name\": \"yolo\"");
  EXPECT_THAT(LoadError(), HasSubstr("retinanet"));
  Save();
  Replace("\"pyramid_channels\": 8", "\"pyramid_channels\": 9");
  EXPECT_THAT(LoadError(), HasSubstr("lateral"));
  Save();
  Replace("\"weapons\": [\n        \"knife\"", "\"weapons\": [\n        \"sword\"");
  EXPECT_THAT(LoadError(), HasSubstr("sword"));
  EXPECT_EQ(LoadObjectDetector(ModelRepository({root_}), "absent").status().code(),
            absl::StatusCode::kNotFound);
}

}  // namespace
}  // namespace aislewatch::retinanet
