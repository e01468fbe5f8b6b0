#include "models/yolo_pose/yolo_pose_model.h"

#include <filesystem>
#include <fstream>

#include <torch/script.h>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

#include "common/inference/test_folder.h"

namespace aislewatch {
namespace {

using ::testing::HasSubstr;

// A network of the exported form: it finds the brightest red pixel and puts a person around it.
constexpr char kRedFinder[] = R"(
def forward(self, x):
    height = x.size(2)
    width = x.size(3)
    place = int(torch.argmax(x[0, 0] - x[0, 2]))
    out = torch.zeros([1, 56, 4])
    out[0, 0, 2] = place % width
    out[0, 1, 2] = place // width
    out[0, 2, 2] = 20
    out[0, 3, 2] = 40
    out[0, 4, 2] = 0.75
    for joint in range(17):
        out[0, 5 + 3 * joint, 2] = place % width
        out[0, 6 + 3 * joint, 2] = place // width
        out[0, 7 + 3 * joint, 2] = 0.5
    return out
)";

class YoloPoseModelTest : public ::testing::Test {
 protected:
  // Puts a model with this code into a repository and loads it from there.
  absl::StatusOr<std::unique_ptr<PoseModel>> Load(const std::string& code) {
    const std::string version = folder_.Path("red/1");
    std::filesystem::create_directories(version);
    torch::jit::Module module("red");
    module.define(code);
    module.save(version + "/model.torchscript");
    manifest_.weights_file = "model.torchscript";
    if (absl::Status status = WriteManifest(version, manifest_); !status.ok()) return status;
    const auto files = ModelRepository({folder_.path()}).Find("red");
    if (!files.ok()) return files.status();
    return LoadYoloPose(*files);
  }

  void SetUp() override {
    manifest_.info = {"red", "1"};
    manifest_.role = ModelRole::kPose;
    manifest_.backend = ModelBackend::kTorchScript;
    manifest_.architecture = "yolo_pose";
    manifest_.decoder = "yolo_pose";
    manifest_.input.size = {64, 64};
    manifest_.licence = "Apache-2.0";
    manifest_.training = {"none", "written by hand", std::nullopt};
  }

  TestFolder folder_;
  ModelManifest manifest_;
};

TEST_F(YoloPoseModelTest, RunsAnExportAndMapsItsPeopleToThePicture) {
  auto model = Load(kRedFinder);
  ASSERT_TRUE(model.ok()) << model.status();
  // 200x100: fitted as 64x32 between bars of 16 rows; the dot's middle is at (151, 51).
  cv::Mat image(100, 200, CV_8UC3, cv::Scalar(255, 0, 0));
  image(cv::Rect(144, 44, 14, 14)).setTo(cv::Scalar(0, 0, 255));
  const cv::Mat plain(50, 50, CV_8UC3, cv::Scalar(255, 255, 255));
  const auto people = (*model)->Detect({image, plain});
  ASSERT_TRUE(people.ok()) << people.status();
  ASSERT_EQ(people->size(), 2u);
  ASSERT_EQ((*people)[0].size(), 1u);
  const DetectedPerson& person = (*people)[0][0];
  EXPECT_NEAR(person.keypoints[3].x, 0.75f, 0.04f);
  EXPECT_NEAR(person.keypoints[3].y, 0.5f, 0.08f);
  EXPECT_NEAR(person.box.width, 20.0f / 64, 1e-4f);
  EXPECT_FLOAT_EQ(person.box.height, 1);  // 40 of 32 rows, cut to the picture
  EXPECT_FLOAT_EQ(person.score, 0.75f);
}

TEST_F(YoloPoseModelTest, NamesTheShapeOfAnOutputThatIsNoPose) {
  auto model = Load("def forward(self, x):\n  return torch.zeros([1, 84, 8])\n");
  ASSERT_TRUE(model.ok()) << model.status();
  const cv::Mat image(64, 64, CV_8UC3, cv::Scalar(0, 0, 0));
  const auto people = (*model)->Detect(absl::MakeConstSpan(&image, 1));
  EXPECT_EQ(people.status().code(), absl::StatusCode::kInternal);
  EXPECT_THAT(std::string(people.status().message()), HasSubstr("[1, 84, 8]"));
  const cv::Mat empty;
  EXPECT_FALSE((*model)->Detect(absl::MakeConstSpan(&empty, 1)).ok());
}

TEST_F(YoloPoseModelTest, ListsWhatTheManifestGetsWrong) {
  manifest_.input.size = {64};
  manifest_.decoder_options = {{"max_overlap", -1}};
  const std::string message(Load(kRedFinder).status().message());
  EXPECT_THAT(message, HasSubstr("input.size: must be [height, width]"));
  EXPECT_THAT(message, HasSubstr("decoder.options.max_overlap"));
}

}  // namespace
}  // namespace aislewatch
