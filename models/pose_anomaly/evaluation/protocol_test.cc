#include "models/pose_anomaly/evaluation/protocol.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>
#include <utility>
#include <vector>

#include "models/pose_anomaly/evaluation/evaluate.h"
#include "models/pose_anomaly/evaluation/evaluation_json.h"

namespace aislewatch::pose_anomaly {
namespace {

TEST(ParseProtocolTest, KnowsWholeProtocolsAndTheirParts) {
  EXPECT_TRUE(ParseProtocol("causal")->causal());
  const ProtocolWords published = *ParseProtocol("published");
  EXPECT_TRUE(published.raw && published.centred && published.smoothed && !published.covered);
  const ProtocolWords parts = *ParseProtocol("covered,centred");
  EXPECT_TRUE(parts.covered && parts.centred && !parts.raw && !parts.smoothed);
  for (const char* wrong : {"", "published,covered", "smooth", "raw,"}) {
    const auto words = ParseProtocol(wrong);
    EXPECT_EQ(words.status().code(), absl::StatusCode::kInvalidArgument) << wrong;
    EXPECT_THAT(std::string(words.status().message()), testing::HasSubstr("causal, published"));
  }
}

TEST(ProtocolWordsTest, CentreIsTheFirstFramePlusHalfTheWindow) {
  const ProtocolWords published = *ParseProtocol("published");
  // A window of 24 that ends in frame 23 begins in frame 0; 12 is 11 before its end.
  EXPECT_EQ(published.For(24).delay_frames, 11);
  EXPECT_EQ(published.For(4).delay_frames, 1);
  EXPECT_EQ(published.For(1).delay_frames, 0);
  EXPECT_EQ(ParseProtocol("smoothed")->For(24).delay_frames, 0);
}

// Scores the third pose of a track and later ones by the nose's confidence.
class LateScorer : public PoseAnomalyScorer {
 public:
  std::unique_ptr<PoseAnomalyTrack> NewTrack() const override { return std::make_unique<Track>(); }
  const ModelInfo& info() const override { return info_; }

 private:
  class Track : public PoseAnomalyTrack {
    std::optional<float> Push(const PoseSample& sample) override {
      if (++poses_ < 3) return std::nullopt;
      return At(sample.pose, Joint::kNose).confidence;
    }
    int poses_ = 0;
  };
  ModelInfo info_{"late", "1"};
};

// One person in a clip, in as many frames as there are confidences.
TestSet ClipOf(const std::vector<float>& confidences, std::vector<uint8_t> labels) {
  ClipTrack track{1, {}};
  for (size_t f = 0; f < confidences.size(); ++f) {
    ClipPose pose{static_cast<int>(f), {}};
    pose.pose[0].confidence = confidences[f];
    track.poses.push_back(pose);
  }
  TestSet set;
  set.clips.push_back({{"01_0001", {std::move(track)}}, std::move(labels)});
  return set;
}

EvaluationReport Evaluate(const TestSet& set, const Protocol& protocol) {
  auto report = EvaluatePoseAnomaly(LateScorer(), set, protocol);
  EXPECT_TRUE(report.ok()) << report.status();
  return *std::move(report);
}

TEST(ProtocolTest, DelayedScoresCountForEarlierFrames) {
  const TestSet set = ClipOf({0, 0, 0.2f, 0.9f, 0.3f}, {0, 0, 1, 0, 0});
  EXPECT_LT(Evaluate(set, {}).score.people_frames.metrics.auc_roc, 1);
  Protocol delayed;
  delayed.delay_frames = 1;
  const EvaluationReport report = Evaluate(set, delayed);
  EXPECT_EQ(report.score.people_frames.metrics.auc_roc, 1);
  EXPECT_FALSE(report.frames[0].score.has_value());
  EXPECT_FLOAT_EQ(*report.frames[1].score, 0.2f);
  EXPECT_FALSE(report.frames[4].score.has_value());
  // Ages belong to where the person is, not to where the score counts.
  EXPECT_EQ(report.frames[4].youngest, 5u);
}

TEST(ProtocolTest, ScoresBeforeTheClipsFirstFrameAreDropped) {
  Protocol delayed;
  delayed.delay_frames = 4;
  const EvaluationReport report =
      Evaluate(ClipOf({0, 0, 0.2f, 0.9f, 0.3f}, {0, 0, 1, 0, 0}), delayed);
  EXPECT_FLOAT_EQ(*report.frames[0].score, 0.3f);
  for (int f = 1; f < 5; ++f) EXPECT_FALSE(report.frames[f].score.has_value()) << f;
}

TEST(ProtocolTest, CoveredFramesAloneMayCount) {
  Protocol covered;
  covered.covered_only = true;
  const EvaluationReport report =
      Evaluate(ClipOf({0, 0, 0.2f, 0.9f, 0.3f}, {1, 1, 0, 1, 0}), covered);
  EXPECT_EQ(report.score.people_frames.frames, 3u);
  EXPECT_EQ(report.score.people_frames.metrics.auc_roc, 1);
  EXPECT_EQ(report.constant.people_frames.metrics.auc_roc, 0.5);
}

TEST(ProtocolTest, SmoothingLooksAheadAndTakesMissingScoresForNormal) {
  // Nobody has a score in the first two frames; after smoothing they have one, the lowest, since
  // what surrounds them is higher.
  Protocol smoothed;
  smoothed.smoothed = true;
  std::vector<float> confidences(40, 0.8f);
  confidences[2] = 0.1f;
  std::vector<uint8_t> labels(40, 0);
  labels[30] = 1;
  const EvaluationReport report = Evaluate(ClipOf(confidences, labels), smoothed);
  ASSERT_TRUE(report.frames[0].score.has_value());
  EXPECT_GT(*report.frames[0].score, 0.1f);
  EXPECT_LT(*report.frames[0].score, *report.frames[10].score);
  EXPECT_LT(*report.frames[10].score, 0.8f);
}

TEST(ProtocolTest, SmoothingFlattersAConstantWhereClipsAreCutAroundTheEvent) {
  // The event fills the middle of the clip, and nobody has a score at its beginning or end: the
  // same score everywhere else then tells where the middle is.
  const std::vector<float> same(60, 0.5f);
  std::vector<uint8_t> labels(60, 0);
  std::fill(labels.begin() + 20, labels.begin() + 40, 1);
  Protocol published = ParseProtocol("published")->For(24);
  published.delay_frames = 11;
  TestSet set = ClipOf(same, labels);
  // The person comes late.
  set.clips[0].clip.tracks[0].poses.erase(set.clips[0].clip.tracks[0].poses.begin(),
                                          set.clips[0].clip.tracks[0].poses.begin() + 20);
  const EvaluationReport causal = Evaluate(set, {});
  const EvaluationReport report = Evaluate(set, published);
  EXPECT_GT(report.constant.all_frames.metrics.auc_roc,
            causal.constant.all_frames.metrics.auc_roc + 0.2);
  EXPECT_GT(report.constant.all_frames.metrics.auc_roc, 0.8);
  const nlohmann::json json = EvaluationJson(report);
  EXPECT_EQ(json.at("protocol").at("delay_frames"), 11);
  EXPECT_EQ(json.at("protocol").at("smoothed"), true);
  EXPECT_EQ(json.at("controls").at("constant").at("all_frames").at("auc_roc"),
            report.constant.all_frames.metrics.auc_roc);
}

}  // namespace
}  // namespace aislewatch::pose_anomaly
