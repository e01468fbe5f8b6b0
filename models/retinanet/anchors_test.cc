#include "models/retinanet/anchors.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "models/retinanet/nms.h"

namespace aislewatch::retinanet {
namespace {

using ::testing::ElementsAre;

Options Tiny() {
  Options options;
  options.trunk = {
      .stem_channels = 4, .first_channels = 4, .expansion = 2, .stages = {{4, 1, 2}, {6, 1, 2}}};
  options.input_side = 32;
  options.levels = 2;
  options.anchor_scale = 2;
  return options;
}

void ExpectBox(const PixelBox& box, float left, float top, float right, float bottom) {
  EXPECT_NEAR(box.left, left, 1e-3);
  EXPECT_NEAR(box.top, top, 1e-3);
  EXPECT_NEAR(box.right, right, 1e-3);
  EXPECT_NEAR(box.bottom, bottom, 1e-3);
}

TEST(Anchors, AreNineAroundTheMiddleOfEachCellLevelByLevel) {
  const std::vector<PixelBox> anchors = MakeAnchors(Tiny());
  ASSERT_EQ(anchors.size(), 9u * (4 * 4 + 2 * 2));
  EXPECT_EQ(Tiny().anchors(), 180);
  // Cell (0, 0) of stride 8: centre (4, 4), smallest side 16. Shape 1/2: 16·√2 wide, 16/√2 high.
  const float wide = 16 * std::sqrt(2.0f) / 2, high = 16 / std::sqrt(2.0f) / 2;
  ExpectBox(anchors[0], 4 - wide, 4 - high, 4 + wide, 4 + high);
  ExpectBox(anchors[1], -4, -4, 12, 12);
  ExpectBox(anchors[2], 4 - high, 4 - wide, 4 + high, 4 + wide);
  // The next size is 2^(1/3) times as long.
  const float longer = 8 * std::cbrt(2.0f);
  ExpectBox(anchors[4], 4 - longer, 4 - longer, 4 + longer, 4 + longer);
  ExpectBox(anchors[9 + 1], 4, -4, 20, 12);        // one cell to the right
  ExpectBox(anchors[4 * 9 + 1], -4, 4, 12, 20);    // one row below
  ExpectBox(anchors[16 * 9 + 1], -8, -8, 24, 24);  // stride 16: centre (8, 8), side 32
}

TEST(Anchors, OverlapIsSharedAreaOverBoth) {
  const PixelBox a{0, 0, 4, 4};
  EXPECT_FLOAT_EQ(Overlap(a, {2, 0, 6, 4}), 8.0f / 24);
  EXPECT_FLOAT_EQ(Overlap(a, {4, 0, 8, 4}), 0);
  EXPECT_FLOAT_EQ(Overlap(a, a), 1);
  EXPECT_FLOAT_EQ(Overlap({1, 1, 1, 1}, {1, 1, 1, 1}), 0);
}

TEST(BoxCode, IsOffsetsInSidesAndLogarithmsOfRatios) {
  const PixelBox anchor{0, 0, 10, 20};  // centre (5, 10)
  const PixelBox box{5, 5, 25, 15};     // centre (15, 10), 20 × 10
  const BoxCode code = EncodeBox(anchor, box);
  EXPECT_FLOAT_EQ(code[0], 1);
  EXPECT_FLOAT_EQ(code[1], 0);
  EXPECT_FLOAT_EQ(code[2], std::log(2.0f));
  EXPECT_FLOAT_EQ(code[3], std::log(0.5f));
  const PixelBox back = DecodeBox(anchor, code);
  ExpectBox(back, 5, 5, 25, 15);
}

TEST(BoxCode, WildCodesDoNotOverflow) {
  const PixelBox box = DecodeBox({0, 0, 16, 16}, {0, 0, 1e30f, 1000});
  EXPECT_NEAR(box.width(), 16 * 62.5, 0.1);
  EXPECT_NEAR(box.height(), 16 * 62.5, 0.1);
}

TEST(AssignAnchors, FindsFromHalfIgnoresTheDoubtfulAndLearnsTheRestAsBackground) {
  // Overlaps with the box: 1, 0.6, 0.45, 0.3, 0.
  const std::vector<PixelBox> anchors = {
      {0, 0, 10, 10}, {0, 0, 10, 6}, {0, 0, 10, 4.5f}, {0, 0, 10, 3}, {50, 50, 60, 60}};
  const std::vector<PixelBox> boxes = {{0, 0, 10, 10}};
  EXPECT_THAT(AssignAnchors(anchors, boxes, {}),
              ElementsAre(0, 0, kIgnored, kBackground, kBackground));
}

TEST(AssignAnchors, TheBestOverlapWinsAndSmallBoxesGetTheirBestAnchor) {
  const std::vector<PixelBox> anchors = {{0, 0, 10, 10}, {30, 30, 40, 40}, {80, 80, 90, 90}};
  // The second fits the first anchor better; the third overlaps the second anchor by 0.09 only.
  const std::vector<PixelBox> boxes = {{0, 0, 10, 6}, {0, 0, 10, 9}, {30, 30, 33, 33}};
  const std::vector<int> assigned = AssignAnchors(anchors, boxes, {});
  EXPECT_THAT(assigned, ElementsAre(1, 2, kBackground));
}

TEST(AssignAnchors, NothingIsLearntInIgnoredRegions) {
  const std::vector<PixelBox> anchors = {{0, 0, 10, 10}, {8, 0, 18, 10}, {40, 0, 50, 10}};
  const std::vector<PixelBox> boxes = {{0, 0, 10, 10}};
  EXPECT_THAT(AssignAnchors(anchors, boxes, {{{0, 0, 14, 10}}}),
              ElementsAre(0, kIgnored, kBackground));
  EXPECT_THAT(AssignAnchors(anchors, {}, {}), ElementsAre(kBackground, kBackground, kBackground));
}

TEST(SuppressWeaker, KeepsTheBestOfEachClassAndWhatIsApart) {
  const std::vector<Candidate> candidates = {
      {{0, 0, 10, 10}, 0, 0.6f},   // overlaps the next by 0.8
      {{0, 0, 10, 8}, 0, 0.9f},    // the best
      {{0, 0, 10, 10}, 1, 0.5f},   // another class
      {{50, 0, 60, 10}, 0, 0.3f},  // apart
      {{0, 7, 10, 17}, 0, 0.2f}};  // overlaps the best by 1 / 17
  EXPECT_THAT(SuppressWeaker(candidates, 0.5f, 10), ElementsAre(1, 2, 3, 4));
  EXPECT_THAT(SuppressWeaker(candidates, 0.05f, 10), ElementsAre(1, 2, 3));
  EXPECT_THAT(SuppressWeaker(candidates, 0.5f, 2), ElementsAre(1, 2));
  EXPECT_TRUE(SuppressWeaker({}, 0.5f, 2).empty());
}

TEST(SuppressWeaker, OverlapOfExactlyTheLimitIsKept) {
  const std::vector<Candidate> candidates = {{{0, 0, 10, 10}, 0, 0.9f}, {{0, 0, 10, 5}, 0, 0.8f}};
  EXPECT_THAT(SuppressWeaker(candidates, 0.5f, 10), ElementsAre(0, 1));
}

}  // namespace
}  // namespace aislewatch::retinanet
