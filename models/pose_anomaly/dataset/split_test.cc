#include "models/pose_anomaly/dataset/split.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <set>

namespace aislewatch::pose_anomaly {
namespace {

std::vector<PoseClip> Clips(int n) {
  std::vector<PoseClip> clips(n);
  for (int i = 0; i < n; ++i) clips[i].name = std::to_string(i);
  return clips;
}

TEST(SplitClipsTest, PutsEveryClipOnExactlyOneSide) {
  const std::vector<PoseClip> clips = Clips(10);
  const auto split = SplitClips(clips, 0.3, 1);
  ASSERT_TRUE(split.ok()) << split.status();
  EXPECT_EQ(split->held_back.size(), 3u);
  std::set<const PoseClip*> all(split->fit.begin(), split->fit.end());
  all.insert(split->held_back.begin(), split->held_back.end());
  EXPECT_EQ(all.size(), 10u);
}

TEST(SplitClipsTest, FollowsTheSeed) {
  const std::vector<PoseClip> clips = Clips(50);
  EXPECT_EQ(SplitClips(clips, 0.3, 1)->fit, SplitClips(clips, 0.3, 1)->fit);
  EXPECT_NE(SplitClips(clips, 0.3, 1)->fit, SplitClips(clips, 0.3, 2)->fit);
}

TEST(SplitClipsTest, LeavesBothSidesSomething) {
  const std::vector<PoseClip> clips = Clips(2);
  const auto split = SplitClips(clips, 0.01, 1);
  ASSERT_TRUE(split.ok()) << split.status();
  EXPECT_EQ(split->fit.size(), 1u);
  EXPECT_EQ(split->held_back.size(), 1u);
}

TEST(FoldClipsTest, HoldsEveryClipBackOnce) {
  const std::vector<PoseClip> clips = Clips(12);
  const auto splits = FoldClips(clips, 5, 1);
  ASSERT_TRUE(splits.ok()) << splits.status();
  ASSERT_EQ(splits->size(), 5u);
  std::set<const PoseClip*> held_back;
  for (const ClipSplit& split : *splits) {
    EXPECT_GE(split.held_back.size(), 2u);
    EXPECT_LE(split.held_back.size(), 3u);
    EXPECT_EQ(split.fit.size() + split.held_back.size(), 12u);
    for (const PoseClip* clip : split.held_back) {
      EXPECT_TRUE(held_back.insert(clip).second);
      EXPECT_EQ(std::count(split.fit.begin(), split.fit.end(), clip), 0);
    }
  }
  EXPECT_EQ(held_back.size(), 12u);
}

TEST(FoldClipsTest, FollowsTheSeed) {
  const std::vector<PoseClip> clips = Clips(50);
  EXPECT_EQ(FoldClips(clips, 5, 1)->front().fit, FoldClips(clips, 5, 1)->front().fit);
  EXPECT_NE(FoldClips(clips, 5, 1)->front().fit, FoldClips(clips, 5, 2)->front().fit);
}

TEST(FoldClipsTest, RejectsWhatCannotBeDivided) {
  EXPECT_FALSE(FoldClips(Clips(4), 5, 1).ok());
  EXPECT_FALSE(FoldClips(Clips(4), 1, 1).ok());
}

TEST(SplitClipsTest, RejectsWhatCannotBeSplit) {
  EXPECT_FALSE(SplitClips(Clips(1), 0.3, 1).ok());
  EXPECT_FALSE(SplitClips(Clips(5), 0, 1).ok());
  EXPECT_FALSE(SplitClips(Clips(5), 1, 1).ok());
}

}  // namespace
}  // namespace aislewatch::pose_anomaly
