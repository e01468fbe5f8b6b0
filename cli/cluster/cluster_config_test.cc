#include "cli/cluster/cluster_config.h"

#include <cstdlib>
#include <fstream>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace aislewatch {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;

std::string Write(const std::string& text) {
  const std::string path = testing::TempDir() + "/cluster.yaml";
  std::ofstream(path) << text;
  return path;
}

TEST(ClusterConfig, ReadsCamerasWithPathsBesideTheFile) {
  const auto cameras = ReadClusterConfig(Write(R"(
store_id: corner
cameras:
  - camera_id: aisle-1
    source_url: videos/aisle.mp4
    loop: true
    zones:
      - {zone_id: staff, kind: restricted, polygon: [[0, 0], [0.5, 0], [0.5, 0.5]]}
    rules:
      - {rule_id: keep-out, kind: restricted_zone, zone_ids: [staff]}
  - camera_id: door
    source_url: rtsp://user:secret@192.0.2.7/stream
    analysis_fps: 5
)"));
  ASSERT_TRUE(cameras.ok()) << cameras.status();
  ASSERT_EQ(cameras->size(), 2u);
  const v1::Camera& aisle = cameras->at(0);
  EXPECT_EQ(aisle.store_id(), "corner");
  EXPECT_THAT(aisle.source_url(), testing::EndsWith("/videos/aisle.mp4"));
  EXPECT_TRUE(aisle.loop());
  EXPECT_EQ(aisle.zones(0).kind(), v1::ZONE_KIND_RESTRICTED);
  EXPECT_EQ(aisle.rules(0).zone_ids(0), "staff");
  EXPECT_FLOAT_EQ(cameras->at(1).analysis_fps(), 5);
}

TEST(ClusterConfig, CamerasAreInTheTimeZoneOfTheFileUnlessTheyNameTheirOwn) {
  const auto cameras = ReadClusterConfig(Write(R"(
time_zone: Europe/Berlin
cameras:
  - {camera_id: here, source_url: a.mp4}
  - {camera_id: abroad, source_url: b.mp4, time_zone: America/New_York}
  - {camera_id: anywhere, source_url: c.mp4, time_zone: ""}
)"));
  ASSERT_TRUE(cameras.ok()) << cameras.status();
  EXPECT_EQ(cameras->at(0).time_zone(), "Europe/Berlin");
  EXPECT_EQ(cameras->at(1).time_zone(), "America/New_York");
  EXPECT_EQ(cameras->at(2).time_zone(), "");
  const auto wrong = ReadClusterConfig(Write("time_zone: Berlin time\ncameras: []\n"));
  EXPECT_THAT(std::string(wrong.status().message()),
              AllOf(HasSubstr("cluster.yaml:1:"), HasSubstr("as in Europe/Berlin")));
}

TEST(ClusterConfig, TheExampleThatIsShippedIsValid) {
  const char* root = std::getenv("AISLEWATCH_SOURCE_DIR");
  const std::string path =
      std::string(root == nullptr ? "." : root) + "/deploy/cluster.example.yaml";
  const auto cameras = ReadClusterConfig(path);
  ASSERT_TRUE(cameras.ok()) << cameras.status();
  ASSERT_EQ(cameras->size(), 2u);
  const v1::Camera& demo = cameras->at(0);
  EXPECT_EQ(demo.store_id(), "example-store");
  EXPECT_THAT(demo.source_url(), testing::EndsWith("/build/demo/store.mp4"));
  EXPECT_EQ(demo.zones_size(), 2);
  EXPECT_EQ(demo.rules_size(), 4);
  // The camera that nobody has must not be tried by whoever runs the example as it is.
  EXPECT_FALSE(cameras->at(1).enabled());
}

TEST(ClusterConfig, NamesEveryFaultWithItsLine) {
  const auto cameras = ReadClusterConfig(Write(R"(store_id: corner
cameras:
  - camera_id: aisle 1
    source_url: gopher://x
    analysis_fps: 600
    lop: true
  - camera_id: twin
    source_url: a.mp4
  - camera_id: twin
    source_url: b.mp4
)"));
  EXPECT_EQ(cameras.status().code(), absl::StatusCode::kInvalidArgument);
  EXPECT_THAT(std::string(cameras.status().message()),
              AllOf(HasSubstr("cluster.yaml:3:"), HasSubstr("cluster.yaml:4:"),
                    HasSubstr("cluster.yaml:5:"), HasSubstr("did you mean \"loop\""),
                    HasSubstr("another camera has this id")));
}

TEST(CamerasOfSources, AreNamedInOrderWithTheDefaultsOfAFile) {
  const std::string video = testing::TempDir() + "own 100%.mp4";
  std::ofstream(video) << "x";
  const auto cameras = CamerasOfSources({video, "rtsp://user:secret@192.0.2.7/stream"});
  ASSERT_TRUE(cameras.ok()) << cameras.status();
  ASSERT_EQ(cameras->size(), 2u);
  EXPECT_EQ(cameras->at(0).camera_id(), "camera-1");
  EXPECT_EQ(cameras->at(0).source_url(), "file://" + testing::TempDir() + "own%20100%25.mp4");
  EXPECT_TRUE(cameras->at(0).loop());
  EXPECT_EQ(cameras->at(1).camera_id(), "camera-2");
  EXPECT_EQ(cameras->at(1).source_url(), "rtsp://user:secret@192.0.2.7/stream");
  EXPECT_FALSE(cameras->at(1).loop());
  for (const v1::Camera& camera : *cameras) {
    EXPECT_TRUE(camera.enabled());
    EXPECT_EQ(camera.analysis_fps(), 10);
    EXPECT_EQ(camera.analysis_size(), 640u);
    EXPECT_THAT(camera.name(), testing::Not(HasSubstr("secret")));
  }
}

TEST(CamerasOfSources, WhatCannotBeOneIsNamed) {
  EXPECT_THAT(std::string(CamerasOfSources({"/nowhere/own.mp4"}).status().message()),
              AllOf(HasSubstr("/nowhere/own.mp4"), HasSubstr("--camera takes")));
  const auto wrong = CamerasOfSources({"ftp://user:secret@192.0.2.7/"});
  EXPECT_EQ(wrong.status().code(), absl::StatusCode::kInvalidArgument);
  EXPECT_THAT(std::string(wrong.status().message()), testing::Not(HasSubstr("secret")));
}

}  // namespace
}  // namespace aislewatch
