#include "models/movenet/movenet_pose_model.h"

#include "gmock/gmock.h"
#include "gtest/gtest.h"

#include "common/inference/test_folder.h"
#include "common/inference/torch_tensors.h"
#include "models/movenet/movenet.h"

namespace aislewatch {
namespace {

using ::testing::HasSubstr;

ModelManifest GoodManifest() {
  ModelManifest manifest;
  manifest.info = {"movenet-multipose", "7"};
  manifest.role = ModelRole::kPose;
  manifest.architecture = "movenet_multipose";
  manifest.input = {{96}, "rgb", {0.0078}, {-1}};
  manifest.decoder = "movenet_centers";
  return manifest;
}

TEST(LoadMoveNet, ListsWhatTheManifestGetsWrong) {
  ModelFiles files;
  files.manifest = GoodManifest();
  files.manifest.input.size = {100};
  files.manifest.input.channels = "bgr";
  files.manifest.decoder = "yolo_pose";
  files.manifest.decoder_options = {{"min_score", 2}, {"max_poeple", 4}};
  const std::string message(LoadMoveNet(files).status().message());
  for (const char* expected : {"input.size", "input.channels", "decoder: must be",
                               "decoder.options.min_score", "max_poeple: is no known field"}) {
    EXPECT_THAT(message, HasSubstr(expected));
  }
}

TEST(LoadMoveNet, RefusesWeightsOfAnotherNetworkAndUnknownDevices) {
  const TestFolder folder;
  ModelFiles files{GoodManifest(), folder.path(), folder.Path("weights.safetensors")};
  EXPECT_EQ(LoadMoveNet(files).status().code(), absl::StatusCode::kNotFound);
  ASSERT_TRUE(SaveTensors(files.weights_path, {{"stem.weight", torch::zeros({1})}}).ok());
  const std::string message(LoadMoveNet(files).status().message());
  EXPECT_THAT(message, HasSubstr("missing"));
  EXPECT_THAT(message, HasSubstr("'stem.weight' has the shape [1] instead of [48, 3, 3, 3]"));
  ASSERT_TRUE(SaveParameters(files.weights_path, *MoveNet()).ok());
  MoveNetModelOptions options;
  options.device = "abacus";
  EXPECT_EQ(LoadMoveNet(files, options).status().code(), absl::StatusCode::kInternal);
}

// Zero weights give every centre the probability one half: a network of noise.
TEST(LoadMoveNet, BoundsThePeopleOfANoisyNetwork) {
  const TestFolder folder;
  ModelFiles files{GoodManifest(), folder.path(), folder.Path("weights.safetensors")};
  files.manifest.decoder_options = {{"min_score", 0}, {"max_people", 3}};
  ASSERT_TRUE(SaveParameters(files.weights_path, *MoveNet()).ok());
  auto model = LoadMoveNet(files);
  ASSERT_TRUE(model.ok()) << model.status();
  EXPECT_EQ((*model)->info().version, "7");
  const cv::Mat grey(54, 96, CV_8UC3, cv::Scalar(50, 50, 50));
  const auto people = (*model)->Detect(absl::MakeConstSpan(&grey, 1));
  ASSERT_TRUE(people.ok()) << people.status();
  EXPECT_EQ((*people)[0].size(), 3u);
  EXPECT_TRUE((*model)->Detect({}).value().empty());
  const cv::Mat single(54, 96, CV_8UC1);
  EXPECT_EQ((*model)->Detect(absl::MakeConstSpan(&single, 1)).status().code(),
            absl::StatusCode::kInvalidArgument);
}

}  // namespace
}  // namespace aislewatch
