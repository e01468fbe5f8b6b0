#include "models/risk/episode.h"

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace aislewatch::risk_training {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::SizeIs;

TEST(Episode, IsTheSameAfterWritingAndReading) {
  Episode episode;
  episode.source = "shop \"one\"";
  episode.group = "7";
  episode.conceals = true;
  episode.tracks.push_back({{absl::Seconds(1.5),
                             {.pose_anomaly = 0.25f,
                              .shoplifting = 0.5f,
                              .pair = FightingEvidence{0, true},
                              .zones = {ZoneKind::kShelf, ZoneKind::kExit},
                              .dwell = absl::Seconds(4)}},
                            {absl::Seconds(1.6), {}}});
  const auto read = EpisodesFromJsonLines(EpisodesToJsonLines({episode, {}}));
  ASSERT_TRUE(read.ok()) << read.status();
  ASSERT_THAT(*read, SizeIs(2));
  const Episode& back = read->front();
  EXPECT_EQ(back.source, episode.source);
  EXPECT_EQ(back.group, "7");
  EXPECT_EQ(back.conceals, true);
  EXPECT_EQ(back.fights, std::nullopt);
  ASSERT_THAT(back.tracks, SizeIs(1));
  ASSERT_THAT(back.tracks[0], SizeIs(2));
  const Moment& moment = back.tracks[0][0];
  EXPECT_EQ(moment.time, absl::Seconds(1.5));
  EXPECT_EQ(moment.inputs.pose_anomaly, 0.25f);
  EXPECT_EQ(moment.inputs.shoplifting, 0.5f);
  EXPECT_EQ(moment.inputs.fighting, std::nullopt);
  ASSERT_TRUE(moment.inputs.pair.has_value());
  EXPECT_TRUE(moment.inputs.pair->alone);
  EXPECT_THAT(moment.inputs.zones, ElementsAre(ZoneKind::kShelf, ZoneKind::kExit));
  EXPECT_EQ(moment.inputs.dwell, absl::Seconds(4));
  EXPECT_EQ(back.tracks[0][1].inputs.pair.has_value(), false);
}

TEST(Episode, NamesTheLineThatIsNone) {
  for (const char* line : {"{", "[]", "{\"source\": 3}",
                           "{\"source\":\"a\",\"group\":\"b\",\"conceals\":null,\"fights\":null,"
                           "\"tracks\":[[[1,2]]]}"}) {
    const auto read = EpisodesFromJsonLines(EpisodesToJsonLines({{}}) + line);
    EXPECT_EQ(read.status().code(), absl::StatusCode::kInvalidArgument) << line;
    EXPECT_THAT(std::string(read.status().message()), HasSubstr("line 2"));
  }
}

}  // namespace
}  // namespace aislewatch::risk_training
