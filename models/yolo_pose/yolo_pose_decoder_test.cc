#include "models/yolo_pose/yolo_pose_decoder.h"

#include <limits>

#include "gtest/gtest.h"

namespace aislewatch {
namespace {

constexpr FrameSize kInput = {640, 320};

// An output with `candidates` columns, all of score 0.
class Output {
 public:
  explicit Output(size_t candidates)
      : candidates_(candidates), values_(candidates * kYoloPoseRows) {}

  void Put(size_t index, float x, float y, float width, float height, float score) {
    const float rows[] = {x, y, width, height, score};
    for (size_t row = 0; row < 5; ++row) Set(index, row, rows[row]);
    for (size_t joint = 0; joint < kJointCount; ++joint) {
      Set(index, 5 + 3 * joint, x + static_cast<float>(joint));
      Set(index, 6 + 3 * joint, y - static_cast<float>(joint));
      Set(index, 7 + 3 * joint, 0.5f);
    }
  }
  void Set(size_t index, size_t row, float value) { values_[row * candidates_ + index] = value; }

  std::vector<DetectedPerson> Decode(const YoloPoseDecoderOptions& options = {}) const {
    return DecodeYoloPose(values_, kInput, options).value();
  }

 private:
  const size_t candidates_;
  std::vector<float> values_;
};

TEST(YoloPoseDecoder, GivesFractionsOfTheInput) {
  Output output(3);
  output.Put(1, 320, 160, 64, 128, 0.9f);
  const std::vector<DetectedPerson> people = output.Decode();
  ASSERT_EQ(people.size(), 1u);
  EXPECT_FLOAT_EQ(people[0].box.x, 0.45f);
  EXPECT_FLOAT_EQ(people[0].box.y, 0.3f);
  EXPECT_FLOAT_EQ(people[0].box.width, 0.1f);
  EXPECT_FLOAT_EQ(people[0].box.height, 0.4f);
  EXPECT_FLOAT_EQ(people[0].score, 0.9f);
  EXPECT_FLOAT_EQ(people[0].keypoints[16].x, 336.0f / 640);
  EXPECT_FLOAT_EQ(people[0].keypoints[16].y, 144.0f / 320);
  EXPECT_FLOAT_EQ(people[0].keypoints[16].confidence, 0.5f);
}

TEST(YoloPoseDecoder, KeepsTheBestOfOverlappingBoxes) {
  Output output(4);
  output.Put(0, 100, 160, 60, 120, 0.6f);
  output.Put(1, 102, 161, 60, 120, 0.8f);  // the same person
  output.Put(2, 140, 160, 60, 120, 0.5f);  // beside them: overlap 0.25
  output.Put(3, 500, 160, 60, 120, 0.2f);  // too weak
  const std::vector<DetectedPerson> people = output.Decode();
  ASSERT_EQ(people.size(), 2u);
  EXPECT_FLOAT_EQ(people[0].score, 0.8f);
  EXPECT_FLOAT_EQ(people[1].score, 0.5f);
  YoloPoseDecoderOptions strict;
  strict.max_overlap = 0.1f;
  EXPECT_EQ(output.Decode(strict).size(), 1u);
}

TEST(YoloPoseDecoder, BoundsThePeopleAndLeavesOutWhatIsNotFinite) {
  Output output(5);
  for (size_t i = 0; i < 5; ++i) {
    output.Put(i, 60 + 120 * static_cast<float>(i), 160, 60, 120, 0.9f);
  }
  YoloPoseDecoderOptions two;
  two.max_people = 2;
  EXPECT_EQ(output.Decode(two).size(), 2u);
  output.Set(0, 4, std::numeric_limits<float>::quiet_NaN());
  output.Set(1, 2, std::numeric_limits<float>::infinity());
  output.Set(2, 5, std::numeric_limits<float>::quiet_NaN());
  output.Set(3, 3, -1);
  EXPECT_EQ(output.Decode().size(), 1u);
}

TEST(YoloPoseDecoder, RefusesOtherShapes) {
  EXPECT_EQ(DecodeYoloPose(std::vector<float>(57), kInput, {}).status().code(),
            absl::StatusCode::kInvalidArgument);
  EXPECT_FALSE(DecodeYoloPose(std::vector<float>(56), {0, 0}, {}).ok());
  EXPECT_TRUE(DecodeYoloPose({}, kInput, {}).value().empty());
}

}  // namespace
}  // namespace aislewatch
