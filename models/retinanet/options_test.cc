#include "models/retinanet/options.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

namespace aislewatch::retinanet {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

std::string Fault(const nlohmann::json& json) {
  return std::string(OptionsFromJson(json).status().message());
}

TEST(Options, ComeBackFromJson) {
  Options options;
  options.levels = 3;
  options.anchor_scale = 1.5;
  options.weapons = {"knife"};
  const auto back = OptionsFromJson(OptionsToJson(options));
  ASSERT_TRUE(back.ok()) << back.status();
  EXPECT_EQ(OptionsToJson(*back), OptionsToJson(options));
  EXPECT_EQ(back->trunk.stages.size(), 3u);
}

TEST(Options, NameWhatIsWrong) {
  EXPECT_THAT(Fault({{"levels", 9}, {"threshold", 2}}),
              testing::AllOf(HasSubstr("levels"), HasSubstr("threshold")));
  EXPECT_THAT(Fault({{"input_side", 100}}), HasSubstr("multiple"));
  EXPECT_THAT(Fault({{"input_side", 1e9}}), HasSubstr("input_side"));
  EXPECT_THAT(Fault({{"anchor_scale", "big"}}), HasSubstr("anchor_scale"));
  EXPECT_THAT(Fault({{"colour", 1}}), HasSubstr("colour"));
  EXPECT_THAT(Fault({{"trunk", {{"stages", nlohmann::json::array()}}}}), HasSubstr("stride"));
  EXPECT_THAT(Fault(nlohmann::json::array()), HasSubstr("object"));
}

TEST(Options, ThePyramidTakesTheLastStageOfEachStride) {
  Options options;
  options.trunk.stages = {{40, 2, 2}, {48, 3, 2}, {96, 4, 2}, {144, 3, 1}, {200, 1, 2}};
  EXPECT_THAT(PyramidStages(options), ElementsAre(1, 3, 4));
  options.levels = 2;
  EXPECT_THAT(PyramidStages(options), ElementsAre(1, 3));
}

TEST(Classes, AreCheckedAgainstTheWeapons) {
  Options options;
  options.weapons = {"knife"};
  const auto classes = ClassesOf({"phone", "knife"}, options);
  ASSERT_TRUE(classes.ok());
  EXPECT_FALSE((*classes)[0].weapon);
  EXPECT_TRUE((*classes)[1].weapon);
  EXPECT_THAT(std::string(ClassesOf({"phone"}, options).status().message()), HasSubstr("knife"));
  EXPECT_THAT(std::string(ClassesOf({"knife", "knife"}, options).status().message()),
              HasSubstr("twice"));
  EXPECT_FALSE(ClassesOf({}, options).ok());
}

}  // namespace
}  // namespace aislewatch::retinanet
