#include "models/movenet/movenet_decoder.h"

#include <cmath>
#include <limits>

#include "gtest/gtest.h"

namespace aislewatch {
namespace {

constexpr int kHeight = 40;
constexpr int kWidth = 60;
constexpr float kNothing = -12;  // logit of a probability near zero

float Logit(float p) { return std::log(p / (1 - p)); }

// Heads without anybody, into which people are put.
class Scene {
 public:
  Scene() { std::fill(center.begin(), center.end(), kNothing); Fill(kpt_heatmap, kNothing); }

  static void Fill(std::vector<float>& values, float value) {
    std::fill(values.begin(), values.end(), value);
  }
  static size_t Cell(int y, int x) { return static_cast<size_t>(y * kWidth + x); }

  // A person whose joints are all guessed `dy`, `dx` from the centre and seen there.
  void PutPerson(int y, int x, float height, float width, float score = 0.9f, int dy = 1,
                 int dx = 1) {
    const size_t cell = Cell(y, x);
    center[cell] = Logit(score);
    box_scale[2 * cell] = height;
    box_scale[2 * cell + 1] = width;
    for (size_t joint = 0; joint < kJointCount; ++joint) {
      kpt_regress[34 * cell + 2 * joint] = static_cast<float>(dy);
      kpt_regress[34 * cell + 2 * joint + 1] = static_cast<float>(dx);
      PutJoint(y + dy, x + dx, joint, 0.8f);
    }
  }
  void PutJoint(int y, int x, size_t joint, float confidence) {
    kpt_heatmap[17 * Cell(y, x) + joint] = Logit(confidence);
  }

  MoveNetHeadViews Views() const {
    return {kHeight,
            kWidth,
            HeadView::Upright(center, 1),
            HeadView::Upright(kpt_heatmap, 17),
            HeadView::Upright(kpt_regress, 34),
            HeadView::Upright(kpt_offset, 34),
            HeadView::Upright(box_scale, 2),
            HeadView::Upright(box_offset, 2)};
  }

  std::vector<DetectedPerson> Decode(const MoveNetDecoderOptions& options = {}) const {
    return DecodeMoveNet(Views(), options).value();
  }

  std::vector<float> center = std::vector<float>(kHeight * kWidth);
  std::vector<float> kpt_heatmap = std::vector<float>(kHeight * kWidth * 17);
  std::vector<float> kpt_regress = std::vector<float>(kHeight * kWidth * 34);
  std::vector<float> kpt_offset = std::vector<float>(kHeight * kWidth * 34);
  std::vector<float> box_scale = std::vector<float>(kHeight * kWidth * 2);
  std::vector<float> box_offset = std::vector<float>(kHeight * kWidth * 2);
};

TEST(MoveNetDecoder, PlacesAPersonWithBoxJointsAndScore) {
  Scene scene;
  scene.PutPerson(20, 30, 16, 10, 0.9f);
  const size_t cell = Scene::Cell(20, 30);
  scene.box_offset[2 * cell] = 0.5f;
  scene.kpt_offset[34 * Scene::Cell(21, 31) + 1] = 0.25f;  // the nose's x
  const std::vector<DetectedPerson> people = scene.Decode();
  ASSERT_EQ(people.size(), 1u);
  EXPECT_NEAR(people[0].box.y, (20.5f - 8) / kHeight, 1e-6f);
  EXPECT_NEAR(people[0].box.x, (30.0f - 5) / kWidth, 1e-6f);
  EXPECT_NEAR(people[0].box.height, 16.0f / kHeight, 1e-6f);
  EXPECT_NEAR(people[0].keypoints[0].x, 31.25f / kWidth, 1e-6f);
  EXPECT_NEAR(people[0].keypoints[0].y, 21.0f / kHeight, 1e-6f);
  EXPECT_NEAR(people[0].keypoints[16].confidence, 0.8f, 1e-5f);
  EXPECT_NEAR(people[0].score, 0.9f * 0.8f, 1e-5f);
}

TEST(MoveNetDecoder, FindsMoreThanSixPeopleBestFirst) {
  Scene scene;
  for (int i = 0; i < 12; ++i) {
    scene.PutPerson(8 + 12 * (i / 6), 5 + 9 * (i % 6), 8, 6, 0.5f + 0.03f * static_cast<float>(i));
  }
  const std::vector<DetectedPerson> people = scene.Decode();
  ASSERT_EQ(people.size(), 12u);
  for (size_t i = 1; i < people.size(); ++i) EXPECT_GE(people[i - 1].score, people[i].score);
  MoveNetDecoderOptions options;
  options.max_people = 5;
  EXPECT_EQ(scene.Decode(options).size(), 5u);
}

TEST(MoveNetDecoder, TakesOnlyTheLargestCentreWithinTwoCells) {
  Scene scene;
  scene.PutPerson(20, 30, 16, 10, 0.9f);
  scene.center[Scene::Cell(21, 32)] = Logit(0.8f);
  EXPECT_EQ(scene.Decode().size(), 1u);
  scene.PutPerson(20, 33, 16, 10, 0.8f);
  EXPECT_EQ(scene.Decode().size(), 2u);
}

TEST(MoveNetDecoder, LooksForJointsInsideTheBoxOnly) {
  Scene scene;
  scene.PutPerson(20, 30, 10, 10, 0.9f);
  scene.kpt_heatmap[17 * Scene::Cell(21, 31)] = kNothing;
  scene.PutJoint(21, 36, 0, 0.99f);  // outside: the box ends at column 35
  scene.PutJoint(21, 34, 0, 0.5f);   // inside
  const std::vector<DetectedPerson> people = scene.Decode();
  ASSERT_EQ(people.size(), 1u);
  EXPECT_NEAR(people[0].keypoints[0].x, 34.0f / kWidth, 1e-6f);
}

TEST(MoveNetDecoder, PrefersAPeakNearTheGuessToAHigherOneFarAway) {
  Scene scene;
  scene.PutPerson(20, 30, 30, 30, 0.9f);
  scene.PutJoint(30, 42, 0, 0.99f);
  const std::vector<DetectedPerson> people = scene.Decode();
  EXPECT_NEAR(people[0].keypoints[0].x, 31.0f / kWidth, 1e-6f);
}

TEST(MoveNetDecoder, KeepsUnseenJointsOutOfTheScore) {
  Scene scene;
  scene.PutPerson(20, 30, 16, 10, 0.9f);
  for (size_t joint = 1; joint < kJointCount; ++joint) scene.PutJoint(21, 31, joint, 0.05f);
  const std::vector<DetectedPerson> people = scene.Decode();
  ASSERT_EQ(people.size(), 1u);
  EXPECT_NEAR(people[0].score, 0.9f * 0.8f, 1e-5f);
  EXPECT_NEAR(people[0].keypoints[5].confidence, 0.05f, 1e-5f);
}

TEST(MoveNetDecoder, LeavesOutWeakCentresAndEmptyBoxes) {
  Scene scene;
  EXPECT_TRUE(scene.Decode().empty());
  scene.PutPerson(20, 30, 16, 10, 0.05f);
  EXPECT_TRUE(scene.Decode().empty());
  scene.PutPerson(20, 30, -4, 10, 0.9f);
  EXPECT_TRUE(scene.Decode().empty());
}

TEST(MoveNetDecoder, ReadsATurnedPictureAsTheUprightOne) {
  Scene scene;
  scene.PutPerson(12, 20, 16, 10, 0.9f, 2, -1);
  scene.PutPerson(25, 45, 12, 8, 0.7f, -1, 2);
  const auto turn = [](const std::vector<float>& values, size_t channels) {
    std::vector<float> turned(values.size());
    const size_t cells = values.size() / channels;
    for (size_t cell = 0; cell < cells; ++cell) {
      std::copy_n(values.begin() + static_cast<ptrdiff_t>(cell * channels), channels,
                  turned.begin() + static_cast<ptrdiff_t>((cells - 1 - cell) * channels));
    }
    return turned;
  };
  const auto center = turn(scene.center, 1), heatmap = turn(scene.kpt_heatmap, 17),
             regress = turn(scene.kpt_regress, 34), offset = turn(scene.kpt_offset, 34),
             scale = turn(scene.box_scale, 2), box_offset = turn(scene.box_offset, 2);
  const MoveNetHeadViews turned = {kHeight,
                                   kWidth,
                                   HeadView::Turned(center, 1),
                                   HeadView::Turned(heatmap, 17),
                                   HeadView::Turned(regress, 34),
                                   HeadView::Turned(offset, 34),
                                   HeadView::Turned(scale, 2),
                                   HeadView::Turned(box_offset, 2)};
  const std::vector<DetectedPerson> people = DecodeMoveNet(turned, {}).value();
  const std::vector<DetectedPerson> upright = scene.Decode();
  ASSERT_EQ(people.size(), 2u);
  for (size_t i = 0; i < 2; ++i) {
    EXPECT_EQ(people[i].box.x, upright[i].box.x);
    EXPECT_EQ(people[i].keypoints[9].y, upright[i].keypoints[9].y);
    EXPECT_EQ(people[i].score, upright[i].score);
  }
}

TEST(MoveNetDecoder, RefusesHeadsThatDoNotFitTheGrid) {
  const Scene scene;
  MoveNetHeadViews views = scene.Views();
  views.height += 1;
  EXPECT_EQ(DecodeMoveNet(views, {}).status().code(), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(DecodeMoveNet({}, {}).status().code(), absl::StatusCode::kInvalidArgument);
}

TEST(MoveNetDecoder, GivesNobodyWhereValuesAreNotFinite) {
  const float bad[] = {std::numeric_limits<float>::quiet_NaN(),
                       std::numeric_limits<float>::infinity(),
                       -std::numeric_limits<float>::infinity()};
  for (const float value : bad) {
    for (auto head : {&Scene::center, &Scene::kpt_heatmap, &Scene::kpt_regress,
                      &Scene::kpt_offset, &Scene::box_scale, &Scene::box_offset}) {
      Scene scene;
      scene.PutPerson(20, 30, 16, 10);
      Scene::Fill(scene.*head, value);
      for (const DetectedPerson& person : scene.Decode()) {
        EXPECT_TRUE(std::isfinite(person.box.area()));
        EXPECT_TRUE(std::isfinite(person.score));
        for (const Keypoint& k : person.keypoints) {
          EXPECT_TRUE(std::isfinite(k.x) && std::isfinite(k.y) && std::isfinite(k.confidence));
        }
      }
    }
  }
}

}  // namespace
}  // namespace aislewatch
