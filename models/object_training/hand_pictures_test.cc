#include "models/object_training/hand_pictures.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <opencv2/imgcodecs.hpp>

#include "common/inference/test_folder.h"

namespace aislewatch::object_training {
namespace {

using ::testing::HasSubstr;
using ::testing::SizeIs;

constexpr FrameSize kSize{400, 200};
constexpr int kKnife = 0;

// Somebody 180 pixels tall with one hand, whose picture is 81 pixels square around (200, 100).
DetectedPerson OneHand() {
  DetectedPerson person;
  person.box = {0.4f, 0.05f, 0.2f, 0.9f};
  person.keypoints[static_cast<size_t>(Joint::kLeftWrist)] = {0.5f, 0.5f, 0.9f};
  return person;
}

LabelledBox Knife(float x, float y, float width, float height) {
  return {kKnife,
          {x / kSize.width, y / kSize.height, width / kSize.width, height / kSize.height},
          false};
}

class OnePersonPoses : public PoseModel {
 public:
  absl::StatusOr<std::vector<std::vector<DetectedPerson>>> Detect(
      absl::Span<const cv::Mat> images) override {
    return std::vector<std::vector<DetectedPerson>>(images.size(), people_);
  }
  const ModelInfo& info() const override { return info_; }

  std::vector<DetectedPerson> people_ = {OneHand()};

 private:
  ModelInfo info_;
};

TEST(CutHands, PutsBoxesWhereTheyAreInTheHandsPicture) {
  const cv::Mat picture(kSize.height, kSize.width, CV_8UC3, cv::Scalar(1, 2, 3));
  const auto hands = CutHands(picture, {OneHand()}, {Knife(190, 90, 20, 20)});
  ASSERT_THAT(hands, SizeIs(1));
  EXPECT_EQ(hands[0].image.size(), cv::Size(81, 81));
  ASSERT_THAT(hands[0].boxes, SizeIs(1));
  EXPECT_FALSE(hands[0].boxes[0].ignored);
  const NormalizedBox& box = hands[0].boxes[0].box;
  EXPECT_NEAR(box.x + box.width / 2, 0.5f, 0.01f);
  EXPECT_NEAR(box.width, 20.0f / 81, 0.001f);
  EXPECT_NEAR(box.height, 20.0f / 81, 0.001f);
}

TEST(CutHands, IgnoresWhatItHardlyShowsAndLeavesOutWhatItDoesNot) {
  const cv::Mat picture(kSize.height, kSize.width, CV_8UC3, cv::Scalar(1, 2, 3));
  const auto hands =
      CutHands(picture, {OneHand()},
               {Knife(230, 90, 100, 20), Knife(300, 90, 20, 20), Knife(190, 90, 4, 4)});
  ASSERT_THAT(hands, SizeIs(1));
  ASSERT_THAT(hands[0].boxes, SizeIs(2));
  EXPECT_TRUE(hands[0].boxes[0].ignored) << "a tenth of it";
  EXPECT_TRUE(hands[0].boxes[1].ignored) << "four pixels";
}

class CutHandsOfDatasetTest : public ::testing::Test {
 protected:
  CutHandsOfDatasetTest() {
    dataset_.classes = {{"knife", true}};
    for (const char* name : {"a.png", "b.png"}) {
      const std::string path = folder_.Path(name);
      cv::imwrite(path, cv::Mat(kSize.height, kSize.width, CV_8UC3, cv::Scalar(9, 9, 9)));
      dataset_.pictures.push_back({path, kSize, {Knife(190, 90, 20, 20), Knife(10, 10, 20, 20)}});
    }
  }
  absl::StatusOr<CutDataset> Cut() {
    return CutHandsOfDataset(dataset_, poses_, folder_.Path("hands"), [](int64_t) {});
  }

  TestFolder folder_;
  OnePersonPoses poses_;
  ObjectDataset dataset_;
};

TEST_F(CutHandsOfDatasetTest, WritesADataSetAndCountsWhatNoHandIsAt) {
  const auto cut = Cut();
  ASSERT_TRUE(cut.ok()) << cut.status();
  EXPECT_EQ(cut->things, 4);
  EXPECT_EQ(cut->things_at_hands, 2);
  auto read = ReadCoco(folder_.Path("hands"));
  ASSERT_TRUE(read.ok()) << read.status();
  ASSERT_TRUE(CheckPictures(*read, [](int64_t, int64_t) {}).ok());
  ASSERT_THAT(read->pictures, SizeIs(2));
  EXPECT_TRUE(read->classes[0].weapon);
  for (const LabelledPicture& picture : read->pictures) EXPECT_THAT(picture.boxes, SizeIs(1));
}

TEST_F(CutHandsOfDatasetTest, LeavesOutWhatCannotBeRead) {
  std::ofstream(dataset_.pictures[0].path) << "no picture";
  const auto cut = Cut();
  ASSERT_TRUE(cut.ok()) << cut.status();
  EXPECT_THAT(cut->hands.pictures, SizeIs(1));
  EXPECT_EQ(cut->hands.skipped.pictures, 1);
  EXPECT_THAT(cut->hands.skipped.first_picture, HasSubstr("a.png"));
}

TEST_F(CutHandsOfDatasetTest, SaysWhereThereIsNobody) {
  poses_.people_ = {};
  EXPECT_THAT(std::string(Cut().status().message()), HasSubstr("nobody's hands"));
  EXPECT_FALSE(std::filesystem::exists(folder_.Path("hands/instances.json")));
}

TEST_F(CutHandsOfDatasetTest, SaysWhereNothingCanBeWritten) {
  std::ofstream(folder_.Path("hands")) << "a file";
  EXPECT_EQ(Cut().status().code(), absl::StatusCode::kUnavailable);
}

}  // namespace
}  // namespace aislewatch::object_training
