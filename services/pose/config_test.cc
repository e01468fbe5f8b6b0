#include "services/pose/config.h"

#include <CLI/CLI.hpp>
#include <string>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace aislewatch::pose {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

Config Parse(const std::string& flags) {
  Config config;
  CLI::App app;
  AddFlags(app, config);
  app.parse(flags);
  return config;
}

TEST(PoseConfig, DefaultsAreValid) { EXPECT_TRUE(Validate(Parse("")).ok()); }

TEST(PoseConfig, ReadsEveryFlag) {
  const Config config = Parse(
      "--model yolo/2 --device cuda:0 --model-repository a --model-repository b --max-batch 4 "
      "--max-batch-delay "
      "10ms --queue 9 --inference-threads 2 --torch-threads 3 --min-person-score 0.4 "
      "--max-in-flight 5 --warm-up-size 320x240 --object-model guns/3 --object-every 500ms "
      "--object-people 4");
  EXPECT_TRUE(Validate(config).ok());
  EXPECT_EQ(ModelAndVersion(config), std::pair(std::string("yolo"), std::string("2")));
  EXPECT_THAT(config.model_repositories, ElementsAre("a", "b"));
  EXPECT_EQ(config.device, "cuda:0");
  EXPECT_EQ(BatchingOf(config).max_batch, 4);
  EXPECT_EQ(BatchingOf(config).max_delay, absl::Milliseconds(10));
  EXPECT_EQ(BatchingOf(config).queue_capacity, 9);
  EXPECT_EQ(config.inference_threads, 2);
  EXPECT_EQ(config.torch_threads, 3);
  EXPECT_EQ(config.max_in_flight, 5);
  EXPECT_FLOAT_EQ(TrackerOf(config).low_score, 0.4f);
  EXPECT_FLOAT_EQ(TrackerOf(config).high_score, 0.4f) << "nobody below it starts a track";
  EXPECT_EQ(WarmUpSize(config)->width, 320);
  EXPECT_EQ(WarmUpSize(config)->height, 240);
  EXPECT_EQ(ObjectModelAndVersion(config), std::pair(std::string("guns"), std::string("3")));
  EXPECT_EQ(ObjectWatchOf(config).every, absl::Milliseconds(500));
  EXPECT_EQ(ObjectWatchOf(config).max_people, 4);
}

TEST(PoseConfig, WithoutVersionTheNewestIsMeant) {
  EXPECT_EQ(ModelAndVersion(Parse("--model yolo")).second, "");
}

TEST(PoseConfig, NobodyLooksAtWhatPeopleHoldUnlessToldTo) {
  EXPECT_EQ(ObjectModelAndVersion(Parse("")).first, "");
}

TEST(PoseConfig, NamesEveryFaultInOneGo) {
  const absl::Status status =
      Validate(Parse("--model /1 --max-batch 64 --queue 8 --warm-up-size 0x7 --object-model /1 "
                     "--object-every 3s"));
  EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument);
  EXPECT_THAT(std::string(status.message()),
              AllOf(HasSubstr("--model"), HasSubstr("queue_capacity 8"),
                    HasSubstr("--warm-up-size \"0x7\""), HasSubstr("--object-model"),
                    HasSubstr("--object-every must be at most 2s")));
}

TEST(PoseConfig, RefusesWarmUpSizesThatAreNone) {
  for (const char* size : {"640", "640x", "x360", "-1x5", "9000x10", "640x360x3", "axb"}) {
    Config config;
    config.warm_up_size = size;
    EXPECT_FALSE(WarmUpSize(config).ok()) << size;
  }
}

}  // namespace
}  // namespace aislewatch::pose
