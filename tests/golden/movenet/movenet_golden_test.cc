// Our MoveNet against TensorFlow.js on the same weights and picture. README.md says how
// golden.safetensors was made.
#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <string>
#include <vector>

#include <opencv2/core.hpp>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

#include "common/inference/compute_check.h"
#include "common/inference/torch_tensors.h"
#include "models/movenet/movenet.h"
#include "models/movenet/movenet_decoder.h"
#include "models/pose_model_loader/pose_model_loader.h"

namespace aislewatch {
namespace {

constexpr float kHeadTolerance = 1e-3f;
constexpr size_t kRow = 56;

std::string SourcePath(const std::string& path) {
  const char* root = std::getenv("AISLEWATCH_SOURCE_DIR");
  return std::string(root != nullptr ? root : ".") + "/" + path;
}

// What TensorFlow.js computed, and the picture it computed it from.
class MoveNetGolden : public ::testing::Test {
 protected:
  MoveNetGolden()
      : golden_(SafetensorsFile::Open(SourcePath("tests/golden/movenet/golden.safetensors"))
                    .value()) {}

  torch::Tensor Golden(const std::string& name) const {
    return ToTensor(*golden_.Find(name)).value();
  }

  absl::Span<const float> GoldenFloats(const std::string& name) const {
    const TensorView* view = golden_.Find(name);
    return {reinterpret_cast<const float*>(view->data.data()), view->data.size() / sizeof(float)};
  }

  // RGB in the file, BGR as cameras have it.
  cv::Mat Picture() const {
    const torch::Tensor bgr = Golden("picture").flip({2}).contiguous();
    return cv::Mat(static_cast<int>(bgr.size(0)), static_cast<int>(bgr.size(1)), CV_8UC3,
                   bgr.data_ptr())
        .clone();
  }

  MoveNetHeadViews GoldenHeads() const {
    MoveNetHeadViews heads;
    heads.height = static_cast<int>(golden_.Find("center")->shape[0]);
    heads.width = static_cast<int>(golden_.Find("center")->shape[1]);
    heads.center = HeadView::Upright(GoldenFloats("center"), 1);
    heads.kpt_heatmap = HeadView::Upright(GoldenFloats("kpt_heatmap"), 17);
    heads.kpt_regress = HeadView::Upright(GoldenFloats("kpt_regress"), 34);
    heads.kpt_offset = HeadView::Upright(GoldenFloats("kpt_offset"), 34);
    heads.box_scale = HeadView::Upright(GoldenFloats("box_scale"), 2);
    heads.box_offset = HeadView::Upright(GoldenFloats("box_offset"), 2);
    return heads;
  }

  // The graph's own people, best score first. A row is 17 x (y, x, score), top, left, bottom,
  // right, score.
  std::vector<std::vector<float>> GoldenPeople() const {
    const absl::Span<const float> values = GoldenFloats("people");
    std::vector<std::vector<float>> rows;
    for (size_t i = 0; i < values.size(); i += kRow) {
      rows.emplace_back(values.begin() + static_cast<ptrdiff_t>(i),
                        values.begin() + static_cast<ptrdiff_t>(i + kRow));
    }
    std::stable_sort(rows.begin(), rows.end(),
                     [](const auto& a, const auto& b) { return a[55] > b[55]; });
    return rows;
  }

  SafetensorsFile golden_;
};

// The same, where the weights are fetched.
class MoveNetWeights : public MoveNetGolden {
 protected:
  void SetUp() override {
    SetComputeThreads(1);
    if (!std::filesystem::exists(SourcePath("build/models/movenet-multipose"))) {
      GTEST_SKIP() << "build/models has no MoveNet weights; run scripts/fetch-models";
    }
  }

  ModelRepository Repository() const { return ModelRepository({SourcePath("build/models")}); }
};

// The one of `people` whose box begins where that of the golden `row` does.
const DetectedPerson& Nearest(const std::vector<DetectedPerson>& people,
                              const std::vector<float>& row) {
  const auto distance = [&](const DetectedPerson& p) {
    return std::abs(p.box.x - row[52]) + std::abs(p.box.y - row[51]);
  };
  return *std::min_element(people.begin(), people.end(),
                           [&](const DetectedPerson& a, const DetectedPerson& b) {
                             return distance(a) < distance(b);
                           });
}

void ExpectSamePlaces(const DetectedPerson& ours, const std::vector<float>& theirs,
                      float tolerance) {
  for (size_t k = 0; k < kJointCount; ++k) {
    EXPECT_NEAR(ours.keypoints[k].y, theirs[3 * k], tolerance) << "joint " << k;
    EXPECT_NEAR(ours.keypoints[k].x, theirs[3 * k + 1], tolerance) << "joint " << k;
  }
  EXPECT_NEAR(ours.box.y, theirs[51], tolerance);
  EXPECT_NEAR(ours.box.x, theirs[52], tolerance);
  EXPECT_NEAR(ours.box.bottom(), theirs[53], tolerance);
  EXPECT_NEAR(ours.box.right(), theirs[54], tolerance);
}

void ExpectSameScores(const DetectedPerson& ours, const std::vector<float>& theirs,
                      float tolerance) {
  for (size_t k = 0; k < kJointCount; ++k) {
    EXPECT_NEAR(ours.keypoints[k].confidence, theirs[3 * k + 2], tolerance) << "joint " << k;
  }
  EXPECT_NEAR(ours.score, theirs[55], tolerance);
}

// The graph always gives six people; here four of them are noise with scores below 0.01. Their
// places must agree too, but not their confidences: see DecodeMoveNet on confidences that the
// graph lends from one person to another.
TEST_F(MoveNetGolden, DecoderAgreesWithTheGraphsOwnTail) {
  MoveNetDecoderOptions options;
  options.min_center_score = 0;
  options.min_score = 0;
  options.max_people = 6;
  const auto people = DecodeMoveNet(GoldenHeads(), options);
  ASSERT_TRUE(people.ok()) << people.status();
  const std::vector<std::vector<float>> golden = GoldenPeople();
  ASSERT_EQ(people->size(), golden.size());
  for (size_t i = 0; i < golden.size(); ++i) {
    SCOPED_TRACE(testing::Message() << "person " << i);
    const DetectedPerson& ours = Nearest(*people, golden[i]);
    ExpectSamePlaces(ours, golden[i], 1e-5f);
    if (i < 2) ExpectSameScores(ours, golden[i], 1e-5f);
  }
}

TEST_F(MoveNetGolden, PictureShowsTwoPeopleAndTheDefaultsFindExactlyThem) {
  const auto people = DecodeMoveNet(GoldenHeads(), {});
  ASSERT_TRUE(people.ok()) << people.status();
  const auto good = std::count_if(people->begin(), people->end(),
                                  [](const DetectedPerson& p) { return p.score > 0.2f; });
  EXPECT_EQ(good, 2);
}

TEST_F(MoveNetWeights, EveryHeadAgreesWithTensorFlowJs) {
  const auto files = Repository().Find("movenet-multipose");
  ASSERT_TRUE(files.ok()) << files.status();
  MoveNet network;
  ASSERT_TRUE(
      LoadParameters(SafetensorsFile::Open(files->weights_path).value(), *network).ok());
  network->Prepare();
  const c10::InferenceMode inference;
  const torch::Tensor picture =
      Golden("picture").permute({2, 0, 1}).unsqueeze(0).to(torch::kFloat) *
          files->manifest.input.scale[0] + files->manifest.input.offset[0];
  const MoveNetHeads heads = network->forward(picture);
  for (size_t i = 0; i < heads.size(); ++i) {
    const torch::Tensor ours = heads[i].squeeze(0).permute({1, 2, 0});
    const torch::Tensor theirs = Golden(kMoveNetHeads[i].name);
    ASSERT_EQ(ours.sizes(), theirs.sizes()) << kMoveNetHeads[i].name;
    const float worst = (ours - theirs).abs().max().item<float>();
    std::printf("%s: largest difference %.1e\n", kMoveNetHeads[i].name,
                static_cast<double>(worst));
    EXPECT_LT(worst, kHeadTolerance) << kMoveNetHeads[i].name;
    EXPECT_GT(theirs.abs().max().item<float>(), 0.1f) << "the golden head is empty";
  }
}

TEST_F(MoveNetWeights, FindsTheTwoPeopleAtItsOwnResolution) {
  auto model = LoadPoseModel(Repository(), "movenet-multipose");
  ASSERT_TRUE(model.ok()) << model.status();
  const cv::Mat picture = Picture();
  const auto people = (*model)->Detect(absl::MakeConstSpan(&picture, 1));
  ASSERT_TRUE(people.ok()) << people.status();
  ASSERT_GE((*people)[0].size(), 2u);
  const std::vector<std::vector<float>> golden = GoldenPeople();
  for (size_t i = 0; i < 2; ++i) {
    const auto& row = golden[i];
    const DetectedPerson& found = Nearest((*people)[0], row);
    EXPECT_NEAR(found.box.x, row[52], 0.05f);
    EXPECT_NEAR(found.box.bottom(), row[53], 0.05f);
    EXPECT_GT(found.score, 0.4f);
    for (const Joint joint : {Joint::kLeftShoulder, Joint::kRightHip, Joint::kLeftAnkle}) {
      const auto k = static_cast<size_t>(joint);
      EXPECT_NEAR(found.keypoints[k].x, row[3 * k + 1], 0.03f) << "joint " << k;
      EXPECT_NEAR(found.keypoints[k].y, row[3 * k], 0.03f) << "joint " << k;
    }
  }
}

TEST_F(MoveNetWeights, GivesEachPictureOfAMixedBatchItsOwnPeople) {
  auto model = LoadPoseModel(Repository(), "movenet-multipose");
  ASSERT_TRUE(model.ok()) << model.status();
  const cv::Mat both = Picture();
  const cv::Mat left = both(cv::Rect(0, 0, 112, 160)).clone();
  const cv::Mat nobody(160, 224, CV_8UC3, cv::Scalar(90, 90, 90));
  const std::vector<cv::Mat> batch = {left, both, nobody, left, both};
  const auto together = (*model)->Detect(batch);
  ASSERT_TRUE(together.ok()) << together.status();
  ASSERT_EQ(together->size(), batch.size());
  for (size_t i = 0; i < batch.size(); ++i) {
    const auto alone = (*model)->Detect(absl::MakeConstSpan(&batch[i], 1));
    ASSERT_TRUE(alone.ok()) << alone.status();
    const auto& a = (*alone)[0];
    const auto& t = (*together)[i];
    ASSERT_EQ(a.size(), t.size()) << i;
    for (size_t p = 0; p < a.size(); ++p) {
      EXPECT_NEAR(a[p].score, t[p].score, 1e-4f);
      EXPECT_NEAR(a[p].box.x, t[p].box.x, 1e-4f);
    }
  }
  EXPECT_TRUE((*together)[2].empty());
  EXPECT_FALSE((*together)[0].empty());
}

TEST_F(MoveNetWeights, RefusesAnEmptyPictureAndGoesOn) {
  auto model = LoadPoseModel(Repository(), "movenet-multipose");
  ASSERT_TRUE(model.ok()) << model.status();
  const cv::Mat empty;
  EXPECT_EQ((*model)->Detect(absl::MakeConstSpan(&empty, 1)).status().code(),
            absl::StatusCode::kInvalidArgument);
  EXPECT_TRUE(WarmPoseModel(**model).ok());
  const cv::Mat thread(1, 8192, CV_8UC3, cv::Scalar(1, 2, 3));
  EXPECT_TRUE((*model)->Detect(absl::MakeConstSpan(&thread, 1)).ok());
}

}  // namespace
}  // namespace aislewatch
