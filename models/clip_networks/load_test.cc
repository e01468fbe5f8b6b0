#include "models/clip_networks/load.h"

#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "models/clip_networks/network_classifier.h"
#include "models/clip_networks/save.h"

namespace aislewatch::clip_networks {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;

class LoadTest : public ::testing::Test {
 protected:
  LoadTest()
      : root_(::testing::TempDir() + "/clip_classifier_" +
              ::testing::UnitTest::GetInstance()->current_test_info()->name()) {
    std::filesystem::remove_all(root_);
    Options options;
    options.trunk = {.stem_channels = 4, .first_channels = 4, .expansion = 2,
                     .stages = {{6, 1, 2}}};
    options.crop_side = 16;
    options.reduced_channels = 4;
    options.feature_size = 8;
    options.hidden_size = 8;
    options.window = 6;
    torch::manual_seed(3);
    network_ = MakeNetwork(options);
  }
  ~LoadTest() override { std::filesystem::remove_all(root_); }

  std::string Folder() const { return root_ + "/small/1"; }
  void Save() {
    ModelManifest manifest;
    manifest.info = {"small", "1"};
    manifest.licence = "Apache-2.0";
    manifest.source = "a test";
    manifest.training = {.data = "none", .command = "none", .seed = 3};
    const absl::Status status = SaveClipClassifier(Folder(), *network_, manifest);
    ASSERT_TRUE(status.ok()) << status;
  }
  void ReplaceInManifest(const std::string& from, const std::string& to) {
    std::ifstream in(Folder() + "/model.json");
    std::string text(std::istreambuf_iterator<char>(in), {});
    const size_t at = text.find(from);
    ASSERT_NE(at, std::string::npos) << text;
    std::ofstream(Folder() + "/model.json") << text.replace(at, from.size(), to);
  }
  std::string LoadError() {
    const auto loaded = LoadClipClassifier(ModelRepository({root_}), "small");
    EXPECT_FALSE(loaded.ok());
    return std::string(loaded.status().message());
  }

  const std::string root_;
  ClipNetworkPtr network_;
};

TEST_F(LoadTest, ALoadedModelScoresAsTheSavedOneDid) {
  Save();
  auto loaded = LoadClipClassifier(ModelRepository({root_}), "small", "1");
  ASSERT_TRUE(loaded.ok()) << loaded.status();
  EXPECT_EQ((*loaded)->info().version, "1");
  EXPECT_EQ((*loaded)->window(), 6);
  NetworkClassifier original({"small", "1"}, network_);
  const std::vector<PersonView> views = {{cv::Mat(20, 20, CV_8UC3, cv::Scalar(40, 90, 200)), {}},
                                         {cv::Mat(20, 20, CV_8UC3, cv::Scalar(0, 10, 20)), {}}};
  const std::vector<std::vector<CropFeatures>> before = {*original.Embed(views)};
  const std::vector<std::vector<CropFeatures>> after = {*(*loaded)->Embed(views)};
  const auto a = original.Score(before);
  const auto b = (*loaded)->Score(after);
  ASSERT_TRUE(a.ok() && b.ok());
  for (int i = 0; i < kActionCount; ++i) {
    EXPECT_NEAR((*a)[0].probability[i], (*b)[0].probability[i], 2e-3);
  }
}

TEST_F(LoadTest, RefusesAnotherRole) {
  Save();
  ReplaceInManifest("\"classifier\"", "\"pose\"");
  EXPECT_THAT(LoadError(), HasSubstr("role is pose"));
}

TEST_F(LoadTest, RefusesAnotherArchitecture) {
  Save();
  ReplaceInManifest("\"cnn_gru\"", "\"transformer\"");
  EXPECT_THAT(LoadError(), AllOf(HasSubstr("\"transformer\""), HasSubstr("conv_lstm")));
}

TEST_F(LoadTest, RefusesWeightsOfAnotherArchitecture) {
  Save();
  ReplaceInManifest("\"cnn_gru\"", "\"cnn_lstm\"");
  ReplaceInManifest("\"crop_side\": 16", "\"crop_side\": 64");
  EXPECT_THAT(LoadError(), HasSubstr("cnn.0.weight"));
}

TEST_F(LoadTest, RefusesOtherClasses) {
  Save();
  ReplaceInManifest("\"taking\"", "\"juggling\"");
  EXPECT_THAT(LoadError(), HasSubstr("classes must be normal, taking"));
}

TEST_F(LoadTest, RefusesWeightsOfAnotherShape) {
  Save();
  ReplaceInManifest("\"hidden_size\": 8", "\"hidden_size\": 16");
  EXPECT_THAT(LoadError(), HasSubstr("gru"));
}

TEST_F(LoadTest, NamesAModelThatIsAbsent) { EXPECT_THAT(LoadError(), HasSubstr("small")); }

}  // namespace
}  // namespace aislewatch::clip_networks
