#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <fstream>
#include <nlohmann/json.hpp>
#include <opencv2/imgcodecs.hpp>

#include "common/inference/test_folder.h"
#include "models/object_training/coco.h"
#include "models/object_training/detection_metrics.h"
#include "models/object_training/simulated_dataset.h"

namespace aislewatch::object_training {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;

class CocoTest : public ::testing::Test {
 protected:
  void Picture(const std::string& name, int width = 40, int height = 20) {
    std::filesystem::create_directories(folder_.Path("images"));
    cv::imwrite(folder_.Path("images/" + name),
                cv::Mat(height, width, CV_8UC3, cv::Scalar(9, 9, 9)));
  }
  void Text(const std::string& text) { std::ofstream(folder_.Path(kAnnotationsFile)) << text; }
  /// A data set of one good picture, and these annotations.
  void Boxes(const std::string& annotations) {
    Picture("a.png");
    Text(R"({"images": [{"id": 7, "file_name": "a.png", "width": 40, "height": 20}],
             "categories": [{"id": 3, "name": "phone"},
                            {"id": 1, "name": "knife", "supercategory": "weapon"}],
             "annotations": )" +
         annotations + "}");
  }
  std::string Error() { return std::string(ReadCoco(folder_.path()).status().message()); }

  TestFolder folder_;
};

TEST_F(CocoTest, ReadsClassesPicturesAndBoxesInFractions) {
  Boxes(R"([{"image_id": 7, "category_id": 3, "bbox": [10, 5, 20, 10]},
            {"image_id": 7, "category_id": 1, "bbox": [0, 0, 4, 4], "iscrowd": 1}])");
  const auto dataset = ReadCoco(folder_.path());
  ASSERT_TRUE(dataset.ok()) << dataset.status();
  ASSERT_EQ(dataset->classes.size(), 2u);
  EXPECT_EQ(dataset->classes[0].name, "knife") << "by rising id";
  EXPECT_TRUE(dataset->classes[0].weapon);
  EXPECT_FALSE(dataset->classes[1].weapon);
  ASSERT_EQ(dataset->pictures.size(), 1u);
  ASSERT_EQ(dataset->pictures[0].boxes.size(), 2u);
  const LabelledBox& box = dataset->pictures[0].boxes[0];
  EXPECT_EQ(box.class_index, 1);
  EXPECT_FLOAT_EQ(box.box.x, 0.25f);
  EXPECT_FLOAT_EQ(box.box.y, 0.25f);
  EXPECT_FLOAT_EQ(box.box.width, 0.5f);
  EXPECT_FLOAT_EQ(box.box.height, 0.5f);
  EXPECT_TRUE(dataset->pictures[0].boxes[1].ignored);
  EXPECT_EQ(dataset->skipped.Text(), "");
}

TEST_F(CocoTest, BoxesThatCannotBeUsedAreCountedAndTheOthersStay) {
  Boxes(R"([{"image_id": 7, "category_id": 1, "bbox": [NaN, 0, 4, 4]},
            {"image_id": 7, "category_id": 1, "bbox": [0, -Infinity, 4, 4]},
            {"image_id": 7, "category_id": 1, "bbox": [0, 0, 0, 4]},
            {"image_id": 7, "category_id": 1, "bbox": [0, 0, 4]},
            {"image_id": 7, "category_id": 1, "bbox": "NaN"},
            {"image_id": 7, "category_id": 1, "bbox": [50, 0, 10, 10]},
            {"image_id": 7, "category_id": 2, "bbox": [0, 0, 4, 4]},
            {"image_id": 8, "category_id": 1, "bbox": [0, 0, 4, 4]},
            "nonsense",
            {"image_id": 7, "category_id": 1, "bbox": [-10, 10, 30, 30]}])");
  const auto dataset = ReadCoco(folder_.path());
  ASSERT_TRUE(dataset.ok()) << dataset.status();
  EXPECT_EQ(dataset->skipped.boxes, 9);
  EXPECT_THAT(dataset->skipped.Text(), AllOf(HasSubstr("9 boxes"), HasSubstr("null")));
  ASSERT_EQ(dataset->pictures[0].boxes.size(), 1u) << "what sticks out is cut";
  EXPECT_FLOAT_EQ(dataset->pictures[0].boxes[0].box.x, 0);
  EXPECT_FLOAT_EQ(dataset->pictures[0].boxes[0].box.right(), 0.5f);
  EXPECT_FLOAT_EQ(dataset->pictures[0].boxes[0].box.bottom(), 1);
}

TEST_F(CocoTest, PicturesThatCannotBeUsedAreCounted) {
  Picture("a.png");
  Picture("small.png", 10, 10);
  std::ofstream(folder_.Path("images/text.jpg")) << "no picture";
  Text(R"({"categories": [{"id": 1, "name": "knife"}], "annotations": [
             {"image_id": 2, "category_id": 1, "bbox": [0, 0, 4, 4]}],
           "images": [{"id": 1, "file_name": "a.png", "width": 40, "height": 20},
                      {"id": 2, "file_name": "gone.png", "width": 40, "height": 20},
                      {"id": 3, "file_name": "a.png", "width": 0, "height": 20},
                      {"id": 4, "file_name": "small.png", "width": 40, "height": 20},
                      {"id": 5, "file_name": "text.jpg", "width": 40, "height": 20}]})");
  auto dataset = ReadCoco(folder_.path());
  ASSERT_TRUE(dataset.ok()) << dataset.status();
  EXPECT_EQ(dataset->skipped.pictures, 2);
  EXPECT_THAT(dataset->skipped.Text(), HasSubstr("gone.png"));
  EXPECT_EQ(dataset->skipped.boxes, 0) << "boxes of a picture that is left out go with it";
  int64_t last = 0;
  ASSERT_TRUE(CheckPictures(*dataset, [&](int64_t done, int64_t) { last = done; }).ok());
  EXPECT_EQ(last, 3);
  EXPECT_EQ(dataset->skipped.pictures, 4);
  ASSERT_EQ(dataset->pictures.size(), 1u);
}

TEST_F(CocoTest, SaysWhatIsWrongWithAFileThatIsNoDataSet) {
  EXPECT_THAT(Error(), AllOf(HasSubstr("instances.json"), HasSubstr("images")));
  Text("{\"images\": [{");
  EXPECT_THAT(Error(), AllOf(HasSubstr("instances.json"), HasSubstr("damaged")));
  Text("[]");
  EXPECT_THAT(Error(), HasSubstr("categories"));
  Text(R"({"images": [], "annotations": [], "categories": []})");
  EXPECT_THAT(Error(), HasSubstr("no categories"));
  Text(R"({"images": [], "annotations": [], "categories": [{"id": 1, "name": "knife"}]})");
  EXPECT_THAT(Error(), HasSubstr("no picture"));
  Text(R"({"images": [], "annotations": [],
           "categories": [{"id": 1, "name": "knife"}, {"id": 1, "name": "gun"}]})");
  EXPECT_THAT(Error(), HasSubstr("twice"));
  Text(R"({"images": [{"file_name": "a.png"}], "annotations": [],
           "categories": [{"id": 1, "name": "knife"}]})");
  EXPECT_THAT(Error(), HasSubstr("no whole id"));
}

TEST_F(CocoTest, WhatWasWrittenIsReadBack) {
  ObjectDataset dataset;
  dataset.classes = {{"knife", true}, {"phone", false}};
  Picture("b.png");
  dataset.pictures = {
      {folder_.Path("images/b.png"), {40, 20}, {{1, {0.25f, 0.5f, 0.5f, 0.25f}, true}}}};
  ASSERT_TRUE(WriteCoco(folder_.path(), dataset, "a test").ok());
  const auto back = ReadCoco(folder_.path());
  ASSERT_TRUE(back.ok()) << back.status();
  EXPECT_TRUE(back->classes[0].weapon);
  EXPECT_FALSE(back->classes[1].weapon);
  ASSERT_EQ(back->pictures.size(), 1u);
  ASSERT_EQ(back->pictures[0].boxes.size(), 1u);
  EXPECT_EQ(back->pictures[0].boxes[0].class_index, 1);
  EXPECT_TRUE(back->pictures[0].boxes[0].ignored);
  EXPECT_NEAR(back->pictures[0].boxes[0].box.x, 0.25f, 1e-3);
  EXPECT_NEAR(back->pictures[0].boxes[0].box.height, 0.25f, 1e-3);
}

TEST(UseClasses, MovesBoxesToTheModelsClassesAndDropsOthers) {
  ObjectDataset dataset;
  dataset.classes = {{"phone", false}, {"cat", false}};
  dataset.pictures = {{"", {10, 10}, {{0, {0, 0, 1, 1}}, {1, {0, 0, 1, 1}}}}};
  UseClasses({{"knife", true}, {"phone", false}}, dataset);
  ASSERT_EQ(dataset.pictures[0].boxes.size(), 1u);
  EXPECT_EQ(dataset.pictures[0].boxes[0].class_index, 1);
  EXPECT_EQ(dataset.classes[0].name, "knife");
}

TEST(SimulatedDataset, IsReadAsAnyOther) {
  const TestFolder folder;
  const auto written =
      WriteSimulatedDataset(folder.path(), 1, 6, ScenePart::kHands, [](int64_t) {});
  ASSERT_TRUE(written.ok()) << written.status();
  auto read = ReadCoco(folder.path());
  ASSERT_TRUE(read.ok()) << read.status();
  ASSERT_TRUE(CheckPictures(*read, [](int64_t, int64_t) {}).ok());
  EXPECT_EQ(read->skipped.Text(), "");
  EXPECT_GT(read->pictures.size(), 6u) << "most people have two hands";
  ASSERT_EQ(read->pictures.size(), written->pictures.size());
  EXPECT_EQ(read->classes.size(), 5u);
  EXPECT_EQ(read->classes[0].name, "knife");
  EXPECT_TRUE(read->classes[0].weapon);
  EXPECT_FALSE(read->classes[2].weapon);
  size_t boxes = 0;
  for (size_t i = 0; i < read->pictures.size(); ++i) {
    EXPECT_EQ(read->pictures[i].boxes.size(), written->pictures[i].boxes.size());
    boxes += read->pictures[i].boxes.size();
  }
  EXPECT_GT(boxes, 0u);
}

TEST(SimulatedDataset, WholeScenesAreAPictureEach) {
  const TestFolder folder;
  const auto written =
      WriteSimulatedDataset(folder.path(), 1, 3, ScenePart::kWhole, [](int64_t) {});
  ASSERT_TRUE(written.ok()) << written.status();
  ASSERT_EQ(written->pictures.size(), 3u);
  for (const LabelledPicture& picture : written->pictures) EXPECT_GE(picture.size.width, 288);
}

const std::vector<ObjectClass> kClasses = {{"knife", true}, {"phone", false}};

DetectedObject Found(int class_index, float score, float x) {
  return {class_index, score, {x, 0, 0.1f, 0.1f}};
}
LabelledBox Truth(int class_index, float x, bool ignored = false) {
  return {class_index, {x, 0, 0.1f, 0.1f}, ignored};
}

TEST(EvaluateDetections, AveragePrecisionIsWhatAHandCalculationGives) {
  // Four knives. By score: right, wrong, right, wrong, right; one knife is never found. Precision
  // at the right ones: 1, 2/3, 3/5. AP = (1 + 2/3 + 3/5) / 4.
  const std::vector<JudgedPicture> pictures = {
      {{Truth(0, 0), Truth(0, 0.5f)}, {Found(0, 0.9f, 0), Found(0, 0.8f, 0.3f)}},
      {{Truth(0, 0), Truth(0, 0.5f)},
       {Found(0, 0.7f, 0), Found(0, 0.6f, 0), Found(0, 0.5f, 0.5f)}}};
  const ObjectEvaluation evaluation = EvaluateDetections(kClasses, pictures, 0.65);
  ASSERT_TRUE(evaluation.classes[0].average_precision.has_value());
  EXPECT_NEAR(*evaluation.classes[0].average_precision, (1 + 2.0 / 3 + 0.6) / 4, 1e-9);
  EXPECT_FALSE(evaluation.classes[1].average_precision.has_value()) << "there is no phone";
  EXPECT_NEAR(evaluation.mean_average_precision, *evaluation.classes[0].average_precision, 1e-9);
  EXPECT_EQ(evaluation.weapons.right, 2);
  EXPECT_EQ(evaluation.weapons.wrong, 1);
  EXPECT_EQ(evaluation.weapons.missed, 2);
  EXPECT_NEAR(evaluation.weapons.precision(), 2.0 / 3, 1e-9);
  EXPECT_NEAR(evaluation.weapons.recall(), 0.5, 1e-9);
}

TEST(EvaluateDetections, PrecisionIsMadeFallingBeforeItIsSummed) {
  // Wrong, right, right: precision 1/2 then 2/3; the first counts with the later, higher one.
  const std::vector<JudgedPicture> pictures = {
      {{Truth(0, 0), Truth(0, 0.5f)},
       {Found(0, 0.9f, 0.8f), Found(0, 0.8f, 0), Found(0, 0.7f, 0.5f)}}};
  EXPECT_NEAR(*EvaluateDetections(kClasses, pictures, 0.5).classes[0].average_precision, 2.0 / 3,
              1e-9);
}

TEST(PrecisionRecallCurve, HasTheAveragePrecisionAsItsArea) {
  const std::vector<JudgedPicture> pictures = {
      {{Truth(0, 0), Truth(0, 0.5f), Truth(0, 0.7f)},
       {Found(0, 0.9f, 0.9f), Found(0, 0.8f, 0), Found(0, 0.7f, 0.5f), Found(0, 0.2f, 0.3f)}}};
  const auto curve = PrecisionRecallCurve(JudgeClass(pictures, 0));
  double area = 0;
  for (size_t i = 1; i < curve.size(); ++i) area += (curve[i].x - curve[i - 1].x) * curve[i].y;
  EXPECT_NEAR(area, *EvaluateDetections(kClasses, pictures, 0.5).classes[0].average_precision,
              1e-9);
  EXPECT_NEAR(area, 4.0 / 9, 1e-9);
  EXPECT_EQ(curve.back().x, 1);
  EXPECT_TRUE(PrecisionRecallCurve(JudgeClass(pictures, 1)).empty());
}

TEST(JudgeClass, SaysWhereEachDetectionIsAndWhichBoxItTakes) {
  const std::vector<JudgedPicture> pictures = {
      {{}, {Found(0, 0.7f, 0)}},
      {{Truth(1, 0), Truth(0, 0), Truth(0, 0.5f, true)},
       {Found(0, 0.9f, 0), Found(0, 0.3f, 0), Found(0, 0.2f, 0.5f)}}};
  const ClassVerdicts knives = JudgeClass(pictures, 0);
  EXPECT_EQ(knives.boxes, 1);
  ASSERT_EQ(knives.detections.size(), 4u);
  EXPECT_EQ(knives.detections[0].verdict, Verdict::kRight);
  EXPECT_EQ(knives.detections[0].picture, 1u);
  EXPECT_EQ(knives.detections[0].box, 1u);
  EXPECT_EQ(knives.detections[1].verdict, Verdict::kWrong);
  EXPECT_EQ(knives.detections[1].picture, 0u);
  EXPECT_EQ(knives.detections[2].verdict, Verdict::kWrong) << "the box is taken";
  EXPECT_EQ(knives.detections[3].verdict, Verdict::kNeither);
}

TEST(ConfuseClasses, CountsWhatBoxesWereTakenForAndTheBackground) {
  const std::vector<JudgedPicture> pictures = {
      // A knife seen as one, a phone taken for a knife, a phone that is missed.
      {{Truth(0, 0), Truth(1, 0.3f), Truth(1, 0.6f)},
       {Found(0, 0.9f, 0), Found(0, 0.8f, 0.3f), Found(1, 0.7f, 0.3f), Found(1, 0.4f, 0.6f)}},
      // A phone where nothing is, and a knife that counts nothing.
      {{Truth(0, 0.5f, true)}, {Found(1, 0.6f, 0), Found(0, 0.9f, 0.5f)}}};
  // The phone that was found second lies on a box that is taken: background.
  EXPECT_EQ(ConfuseClasses(2, pictures, 0.5),
            (std::vector<std::vector<int>>{{1, 0, 0}, {1, 0, 1}, {0, 2, -1}}));
}

TEST(EvaluateDetections, IgnoredBoxesAreNeitherToBeFoundNorWrong) {
  const std::vector<JudgedPicture> pictures = {
      {{Truth(0, 0), Truth(0, 0.5f, true)}, {Found(0, 0.9f, 0), Found(0, 0.8f, 0.5f)}}};
  const ObjectEvaluation evaluation = EvaluateDetections(kClasses, pictures, 0.5);
  EXPECT_EQ(evaluation.classes[0].boxes, 1);
  EXPECT_EQ(*evaluation.classes[0].average_precision, 1);
  EXPECT_EQ(evaluation.weapons.wrong, 0);
}

TEST(EvaluateDetections, FalseAlarmsAreCountedOnPicturesWithoutWeapons) {
  const std::vector<JudgedPicture> pictures = {
      {{Truth(0, 0)}, {Found(0, 0.9f, 0.5f)}},  // a weapon is there: no false alarm by picture
      {{Truth(1, 0)}, {Found(0, 0.9f, 0)}},     // a phone taken for a knife
      {{Truth(1, 0)}, {Found(1, 0.9f, 0)}},     // seen as a phone
      {{Truth(1, 0)}, {Found(0, 0.4f, 0)}},     // too doubtful
      {{}, {Found(0, 0.9f, 0)}},
      {{}, {}}};
  const ObjectEvaluation evaluation = EvaluateDetections(kClasses, pictures, 0.5);
  EXPECT_EQ(evaluation.look_alikes.pictures, 3);
  EXPECT_EQ(evaluation.look_alikes.alarms, 1);
  EXPECT_EQ(evaluation.nothing.pictures, 2);
  EXPECT_EQ(evaluation.nothing.alarms, 1);
  const nlohmann::json json = EvaluationToJson(evaluation);
  EXPECT_EQ(json["look_alikes_only"]["alarms"], 1);
  EXPECT_EQ(json["classes"]["knife"]["missed"], 1);
}

TEST(EvaluateDetections, NothingAtAllDividesByNothing) {
  const ObjectEvaluation evaluation = EvaluateDetections(kClasses, {}, 0.5);
  EXPECT_EQ(evaluation.mean_average_precision, 0);
  EXPECT_EQ(evaluation.weapons.precision(), 0);
  EXPECT_TRUE(EvaluationToJson(evaluation)["classes"]["phone"]["average_precision"].is_null());
}

TEST(BestThreshold, IsWhereWeaponsHaveTheHighestF1) {
  // At 0.6 to 0.7 the two knives are found without the wrong one at 0.55; phones do not matter.
  const std::vector<JudgedPicture> pictures = {
      {{Truth(0, 0), Truth(0, 0.5f)},
       {Found(0, 0.9f, 0), Found(0, 0.72f, 0.5f), Found(0, 0.55f, 0.8f), Found(1, 0.99f, 0.8f)}}};
  EXPECT_NEAR(BestThreshold(kClasses, pictures), 0.7, 1e-9);
}

}  // namespace
}  // namespace aislewatch::object_training
