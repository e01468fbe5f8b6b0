#include "models/cnn_gru/network.h"

#include <numeric>
#include <random>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "models/cnn_gru/network_classifier.h"
#include "models/cnn_gru/options.h"

namespace aislewatch::cnn_gru {
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
  const auto again = OptionsFromJson(OptionsToJson(options));
  ASSERT_TRUE(again.ok()) << again.status();
  EXPECT_EQ(OptionsToJson(*again), OptionsToJson(options));
}

TEST(NetworkTest, WithoutThePictureThereIsNoTrunkAndOnlyJointsCount) {
  Options options = Small();
  options.feature_size = 0;
  ASSERT_TRUE(Validate(options).ok());
  Network network(options);
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
    return std::string(OptionsFromJson(nlohmann::json::parse(text)).status().message());
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

  NetworkClassifier classifier_{{"cnn-gru", "test"}, Network(Small())};
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

}  // namespace
}  // namespace aislewatch::cnn_gru
