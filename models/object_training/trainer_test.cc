#include "models/object_training/trainer.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <opencv2/imgcodecs.hpp>
#include <opencv2/imgproc.hpp>

#include "common/inference/test_folder.h"
#include "models/object_training/training_picture.h"
#include "models/retinanet/load.h"

namespace aislewatch::object_training {
namespace {

using ::testing::HasSubstr;

TEST(VaryPicture, BoxesFollowTheThingThatTheyShow) {
  cv::Mat image(60, 100, CV_8UC3, cv::Scalar(100, 100, 100));
  const cv::Rect thing(30, 10, 40, 30);
  cv::rectangle(image, thing, cv::Scalar(255, 255, 255), cv::FILLED);
  const std::vector<LabelledBox> labels = {{2, {0.3f, 10.0f / 60, 0.4f, 0.5f}}};
  std::mt19937_64 random(5);
  int whole = 0;
  for (int i = 0; i < 40; ++i) {
    const TrainingPicture varied = VaryPicture(image, labels, 64, random);
    ASSERT_EQ(varied.image.size(), cv::Size(64, 64));
    ASSERT_EQ(varied.boxes.size() + varied.ignored.size(), 1u);
    if (varied.boxes.empty()) continue;
    EXPECT_EQ(varied.classes[0], 2);
    // The brightest pixels are the thing's, whatever the light.
    cv::Mat grey, bright;
    cv::cvtColor(varied.image, grey, cv::COLOR_BGR2GRAY);
    double most = 0;
    cv::minMaxLoc(grey, nullptr, &most);
    cv::threshold(grey, bright, most * 0.8, 255, cv::THRESH_BINARY);
    const cv::Rect found = cv::boundingRect(bright);
    EXPECT_NEAR(varied.boxes[0].left, found.x, 2);
    EXPECT_NEAR(varied.boxes[0].top, found.y, 2);
    EXPECT_NEAR(varied.boxes[0].right, found.br().x, 2);
    EXPECT_NEAR(varied.boxes[0].bottom, found.br().y, 2);
    ++whole;
  }
  EXPECT_GT(whole, 30);
}

/// White and black squares on grey: "knife" and "phone".
class TrainDetectorTest : public ::testing::Test {
 protected:
  TrainDetectorTest() {
    options_.dataset = folder_.Path("data");
    options_.out = folder_.Path("models/squares/1");
    options_.device = "cpu";
    options_.trunk_model.clear();
    options_.network.trunk = {
        .stem_channels = 8, .first_channels = 8, .expansion = 2, .stages = {{8, 1, 2}, {12, 1, 2}}};
    options_.network.input_side = 64;
    options_.network.levels = 2;
    options_.network.pyramid_channels = 16;
    options_.network.head_convolutions = 1;
    options_.batch = 8;
    options_.epochs = 2;
    options_.patience = 100;
    options_.learning_rate = 5e-3;
    options_.command = "a test";
  }

  /// `empty` further pictures show nothing.
  void WriteSquares(int count, int empty = 0) {
    std::filesystem::create_directories(folder_.Path("data/images"));
    ObjectDataset dataset;
    dataset.classes = {{"knife", true}, {"phone", false}};
    std::mt19937_64 random(1);
    for (int i = 0; i < count + empty; ++i) {
      cv::Mat image(64, 64, CV_8UC3, cv::Scalar(110, 110, 110));
      const int side = 14 + static_cast<int>(random() % 14);
      const cv::Rect place(static_cast<int>(random() % (64 - side)),
                           static_cast<int>(random() % (64 - side)), side, side);
      const int kind = i % 2;
      const bool shown = i < count;
      if (shown) {
        cv::rectangle(image, place, kind == 0 ? cv::Scalar(255, 255, 255) : cv::Scalar(0, 0, 0),
                      cv::FILLED);
      }
      const std::string path = folder_.Path("data/images/" + std::to_string(1000 + i) + ".png");
      cv::imwrite(path, image);
      const auto part = [](int pixels) { return static_cast<float>(pixels) / 64; };
      LabelledPicture& picture = dataset.pictures.emplace_back(LabelledPicture{path, {64, 64}, {}});
      if (!shown) continue;
      picture.boxes.push_back({kind, {part(place.x), part(place.y), part(side), part(side)}});
    }
    ASSERT_TRUE(WriteCoco(folder_.Path("data"), dataset, "squares").ok());
  }

  absl::StatusOr<TrainingResult> Train() {
    return TrainDetector(options_, ModelRepository({folder_.Path("models")}),
                         [&](const TrainingProgress& now) {
                           if (now.stage == "epochs") ++epochs_;
                           if (now.stage == "epoch 1") steps_ = now.total;
                         });
  }
  std::string Error() { return std::string(Train().status().message()); }

  TestFolder folder_;
  TrainingOptions options_;
  int epochs_ = 0;
  int64_t steps_ = 0;
};

TEST_F(TrainDetectorTest, LearnsToFindSquaresAndToTellThemApart) {
  WriteSquares(120);
  options_.epochs = 24;
  const auto result = Train();
  ASSERT_TRUE(result.ok()) << result.status();
  EXPECT_EQ(result->validation.pictures, 12);
  EXPECT_GT(result->validation.mean_average_precision, 0.6);

  const auto detector = LoadObjectDetector(ModelRepository({folder_.Path("models")}), "squares");
  ASSERT_TRUE(detector.ok()) << detector.status();
  EXPECT_TRUE((*detector)->classes()[0].weapon);
  EXPECT_FLOAT_EQ((*detector)->threshold(), static_cast<float>(result->validation.threshold));
  auto dataset = ReadCoco(options_.dataset);
  ASSERT_TRUE(dataset.ok());
  const auto judged = JudgePictures(**detector, *dataset, [](int64_t, int64_t) {});
  ASSERT_TRUE(judged.ok()) << judged.status();
  EXPECT_GT(EvaluateDetections((*detector)->classes(), *judged, (*detector)->threshold())
                .mean_average_precision,
            0.6);
}

TEST_F(TrainDetectorTest, AnEpochHasNoMoreEmptyPicturesThanOthers) {
  WriteSquares(10, /*empty=*/50);
  options_.epochs = 1;
  ASSERT_TRUE(Train().ok());
  EXPECT_EQ(steps_, 3) << "ten with a thing and ten empty ones, eight a step";
}

TEST_F(TrainDetectorTest, GoesOnWhereItStopped) {
  WriteSquares(20);
  ASSERT_TRUE(Train().ok());
  EXPECT_EQ(epochs_, 2);
  options_.resume = true;
  options_.epochs = 3;
  const auto result = Train();
  ASSERT_TRUE(result.ok()) << result.status();
  EXPECT_EQ(epochs_, 3);
  EXPECT_EQ(result->epochs, 3);
  std::ifstream log(options_.out + "/run/training.csv");
  std::string line;
  int lines = 0;
  while (std::getline(log, line)) ++lines;
  EXPECT_EQ(lines, 4) << "a title and three epochs";

  options_.network.pyramid_channels = 8;
  EXPECT_THAT(Error(), HasSubstr("pyramid_channels 16, head_convolutions 1, anchor_scale"));
  EXPECT_THAT(Error(), HasSubstr("resume it with the flags that it was started with"));
}

TEST_F(TrainDetectorTest, TheSameSeedGivesTheSameModel) {
  WriteSquares(20);
  const auto first = Train();
  ASSERT_TRUE(first.ok()) << first.status();
  const auto again = Train();
  ASSERT_TRUE(again.ok()) << again.status();
  EXPECT_DOUBLE_EQ(again->validation.mean_average_precision,
                   first->validation.mean_average_precision);
  EXPECT_DOUBLE_EQ(again->validation.threshold, first->validation.threshold);
}

TEST_F(TrainDetectorTest, SaysWhatIsMissing) {
  EXPECT_THAT(Error(), HasSubstr("instances.json"));
  WriteSquares(1);
  EXPECT_THAT(Error(), HasSubstr("one usable picture"));
  WriteSquares(10);
  options_.weapons = {"sword"};
  EXPECT_THAT(Error(), HasSubstr("sword"));
  options_.weapons.clear();
  options_.out = "/";
  EXPECT_THAT(Error(), HasSubstr("NAME/VERSION"));
  options_.out = folder_.Path("models/squares/1");
  options_.trunk_model = "absent";
  EXPECT_THAT(Error(), HasSubstr("scripts/fetch-models"));
  options_.trunk_model.clear();
  options_.resume = true;
  EXPECT_THAT(Error(), HasSubstr("no run to resume"));
}

TEST_F(TrainDetectorTest, PicturesWithoutBoxesAreNotEnough) {
  WriteSquares(10);
  auto dataset = ReadCoco(options_.dataset);
  ASSERT_TRUE(dataset.ok());
  for (LabelledPicture& picture : dataset->pictures) picture.boxes.clear();
  ASSERT_TRUE(WriteCoco(options_.dataset, *dataset, "empty").ok());
  EXPECT_THAT(Error(), HasSubstr("no box to learn"));
}

}  // namespace
}  // namespace aislewatch::object_training
