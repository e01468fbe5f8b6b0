#include "models/pose_anomaly/evaluation/evaluate.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <map>
#include <memory>
#include <random>
#include <string>

#include "models/pose_anomaly/calibration/calibration.h"
#include "models/pose_anomaly/evaluation/evaluation_json.h"
#include "models/pose_anomaly/testing/synthetic_poses.h"

namespace aislewatch::pose_anomaly {
namespace {

// Scores a pose by its nose's confidence; below 0 stands for no score.
class ConfidenceScorer : public PoseAnomalyScorer {
 public:
  std::unique_ptr<PoseAnomalyTrack> NewTrack() const override { return std::make_unique<Track>(); }
  const ModelInfo& info() const override { return info_; }

 private:
  class Track : public PoseAnomalyTrack {
    std::optional<float> Push(const PoseSample& sample) override {
      const float c = At(sample.pose, Joint::kNose).confidence;
      return c < 0 ? std::nullopt : std::optional<float>(c);
    }
  };
  ModelInfo info_{"confidence", "7"};
};

ClipPose PoseWith(int frame, float confidence) {
  ClipPose pose{frame, {}};
  pose.pose[0].confidence = confidence;
  return pose;
}

TestSet OneClip(std::vector<ClipTrack> tracks, std::vector<uint8_t> labels) {
  TestSet set;
  set.clips.push_back({{"01_0001", std::move(tracks)}, std::move(labels)});
  return set;
}

TEST(EvaluatePoseAnomalyTest, TakesTheMaximumOverPeople) {
  const TestSet set = OneClip(
      {{1, {PoseWith(0, 0.1f), PoseWith(1, 0.1f)}}, {2, {PoseWith(0, 0.2f), PoseWith(1, 0.9f)}}},
      {0, 1});
  const auto report = EvaluatePoseAnomaly(ConfidenceScorer(), set);
  ASSERT_TRUE(report.ok()) << report.status();
  EXPECT_EQ(report->score.people_frames.metrics.auc_roc, 1);
  EXPECT_EQ(report->poses, 4u);
}

TEST(EvaluatePoseAnomalyTest, EachClipMayHaveAScorerOfItsOwn) {
  TestSet set = OneClip({{1, {PoseWith(0, 0.2f), PoseWith(1, 0.4f)}}}, {0, 1});
  set.clips.push_back({{"02_0001", {{1, {PoseWith(0, 0.6f), PoseWith(1, 0.8f)}}}}, {0, 1}});
  const auto pooled = EvaluatePoseAnomaly(ConfidenceScorer(), set);
  ASSERT_TRUE(pooled.ok()) << pooled.status();
  EXPECT_EQ(pooled->score.people_frames.metrics.auc_roc, 0.75);
  const auto plain = std::make_shared<ConfidenceScorer>();
  std::map<std::string, std::unique_ptr<PoseAnomalyScorer>> by_camera;
  by_camera["01"] = NewCalibratedScorer(plain, *EmpiricalDistribution::Of({0.1f, 0.3f}));
  by_camera["02"] = NewCalibratedScorer(plain, *EmpiricalDistribution::Of({0.5f, 0.7f}));
  const auto own = EvaluatePoseAnomaly(
      plain->info(),
      [&](const PoseClip& clip) -> const PoseAnomalyScorer& {
        return *by_camera.at(CameraOf(clip.name));
      },
      set);
  ASSERT_TRUE(own.ok()) << own.status();
  EXPECT_EQ(own->score.people_frames.metrics.auc_roc, 1);
}

TEST(EvaluatePoseAnomalyTest, KeepsFramesWithoutPeopleOutOfPeopleFramesOnly) {
  // Frame 2 is empty and anomalous: it must rank lowest among all frames.
  const TestSet set = OneClip({{1, {PoseWith(0, 0.0f), PoseWith(1, 0.9f)}}}, {0, 1, 1});
  const auto report = EvaluatePoseAnomaly(ConfidenceScorer(), set);
  ASSERT_TRUE(report.ok()) << report.status();
  EXPECT_EQ(report->score.people_frames.frames, 2u);
  EXPECT_EQ(report->score.people_frames.metrics.auc_roc, 1);
  EXPECT_EQ(report->score.all_frames.frames, 3u);
  EXPECT_EQ(report->score.all_frames.metrics.auc_roc, 0.5);
}

TEST(EvaluatePoseAnomalyTest, RanksPeopleWithoutAScoreBelowAnyScore) {
  const TestSet set = OneClip({{1, {PoseWith(0, -1), PoseWith(1, 0)}}}, {0, 1});
  const auto report = EvaluatePoseAnomaly(ConfidenceScorer(), set);
  ASSERT_TRUE(report.ok()) << report.status();
  EXPECT_EQ(report->score.people_frames.metrics.auc_roc, 1);
}

TEST(EvaluatePoseAnomalyTest, ControlsKnowNoPose) {
  ClipTrack track{1, {}};
  for (int f = 0; f < 20; ++f) track.poses.push_back(PoseWith(f, 0.5f));
  std::vector<uint8_t> labels(25, 0);
  for (int f = 4; f < 10; ++f) labels[f] = 1;
  const auto report = EvaluatePoseAnomaly(ConfidenceScorer(), OneClip({track}, labels));
  ASSERT_TRUE(report.ok()) << report.status();
  EXPECT_EQ(report->track_age.people_frames.metrics.auc_roc, 1);
  EXPECT_EQ(report->presence.people_frames.metrics.auc_roc, 0.5);
  // 5 of the 19 normal frames are empty and rank below, 14 tie.
  EXPECT_NEAR(report->presence.all_frames.metrics.auc_roc, (5 + 14 / 2.0) / 19, 1e-9);
  EXPECT_EQ(report->score.people_frames.metrics.auc_roc, 0.5);
}

TEST(EvaluatePoseAnomalyTest, CountsPosesBeyondTheLabels) {
  const TestSet set =
      OneClip({{1, {PoseWith(0, 0.1f), PoseWith(1, 0.9f), PoseWith(7, 0.5f)}}}, {0, 1});
  const auto report = EvaluatePoseAnomaly(ConfidenceScorer(), set);
  ASSERT_TRUE(report.ok()) << report.status();
  EXPECT_EQ(report->poses_beyond_labels, 1u);
}

TEST(EvaluatePoseAnomalyTest, CountsLabelsBeyondTheLastPoseAndUnknownConfidences) {
  TestSet set = OneClip({{1, {PoseWith(0, 0.1f), PoseWith(2, 0.9f)}}}, {0, 0, 1, 0, 1});
  set.clips[0].clip.unknown_confidences = 3;
  set.clips.push_back({{"01_0002", {}, 4}, {0, 0}});  // a clip without anybody
  const auto report = EvaluatePoseAnomaly(ConfidenceScorer(), set);
  ASSERT_TRUE(report.ok()) << report.status();
  EXPECT_EQ(report->labels_beyond_poses, 2u + 2u);
  EXPECT_EQ(report->unknown_confidences, 7u);
  EXPECT_EQ(report->score.all_frames.frames, 7u);
  const nlohmann::json json = EvaluationJson(*report);
  EXPECT_EQ(json.at("labels_beyond_poses"), 4);
  EXPECT_EQ(json.at("unknown_confidences"), 7);
}

TEST(EvaluatePoseAnomalyTest, NamesWhomItCannotScore) {
  const TestSet set =
      OneClip({{1, {PoseWith(0, 0.1f)}}, {8, {PoseWith(1, std::nanf(""))}}}, {0, 1});
  const absl::Status status = EvaluatePoseAnomaly(ConfidenceScorer(), set).status();
  EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument);
  EXPECT_THAT(std::string(status.message()),
              testing::AllOf(testing::HasSubstr("01_0001"), testing::HasSubstr("person 8"),
                             testing::HasSubstr("frame 1")));
}

TEST(EvaluatePoseAnomalyTest, KeepsEachFrameWithWhoScoredHighest) {
  const TestSet set = OneClip(
      {{1, {PoseWith(0, 0.1f), PoseWith(1, 0.3f)}}, {2, {PoseWith(0, -1), PoseWith(1, 0.9f)}}},
      {0, 1, 0});
  const auto report = EvaluatePoseAnomaly(ConfidenceScorer(), set);
  ASSERT_TRUE(report.ok()) << report.status();
  ASSERT_EQ(report->frames.size(), 3u);
  EXPECT_EQ(report->frames[0].track, 0u);
  EXPECT_EQ(report->frames[1].track, 1u);
  EXPECT_FLOAT_EQ(*report->frames[1].score, 0.9f);
  EXPECT_TRUE(report->frames[1].anomalous);
  EXPECT_FALSE(report->frames[2].people);
  EXPECT_FALSE(report->frames[2].score.has_value());
}

TEST(EvaluatePoseAnomalyTest, IntervalsComeFromClipsAndHoldTheFigure) {
  TestSet set;
  for (int c = 0; c < 12; ++c) {
    // In every third clip the ranking is reversed.
    const float high = c % 3 == 0 ? 0.2f : 0.8f;
    set.clips.push_back(
        {{"01_" + std::to_string(c), {{1, {PoseWith(0, 0.5f), PoseWith(1, high)}}}}, {0, 1}});
  }
  const auto report = EvaluatePoseAnomaly(ConfidenceScorer(), set);
  ASSERT_TRUE(report.ok()) << report.status();
  const double auc = report->score.people_frames.metrics.auc_roc;
  EXPECT_NEAR(auc, 2.0 / 3, 1e-9);
  const auto interval = report->bootstrap.people_frames.auc_roc;
  ASSERT_TRUE(interval.has_value());
  // Twelve clips of which each is right or wrong: 2/3 -+ 1.96 * sqrt(2/9/12).
  EXPECT_NEAR(interval->low, 0.40, 0.04);
  EXPECT_NEAR(interval->high, 0.93, 0.04);
  EXPECT_EQ(report->bootstrap.within_clip->low, interval->low);
  EXPECT_FALSE(report->bootstrap.age_stratified.has_value());
  const nlohmann::json json = EvaluationJson(*report).at("bootstrap");
  EXPECT_EQ(json.at("people_frames").at("auc_roc").at(1), interval->high);
  EXPECT_TRUE(json.at("age_stratified").at("auc_roc").is_null());
  EXPECT_EQ(json.at("within_clip").at("auc_roc").at(0), report->bootstrap.within_clip->low);
}

TEST(EvaluatePoseAnomalyTest, RejectsASetWithOneLabelOnly) {
  const TestSet set = OneClip({{1, {PoseWith(0, 0.1f)}}}, {1});
  EXPECT_EQ(EvaluatePoseAnomaly(ConfidenceScorer(), set).status().code(),
            absl::StatusCode::kInvalidArgument);
}

TEST(EvaluationJsonTest, HasTheFieldsThatToolsRead) {
  TestSet set = OneClip({{1, {PoseWith(0, 0.1f), PoseWith(1, 0.9f)}}}, {0, 1});
  set.without_mask = {"01_0009"};
  const auto report = EvaluatePoseAnomaly(ConfidenceScorer(), set);
  ASSERT_TRUE(report.ok()) << report.status();
  const nlohmann::json json = EvaluationJson(*report);
  for (const char* frames : {"people_frames", "all_frames"}) {
    for (const char* metric : {"auc_roc", "average_precision", "eer"}) {
      EXPECT_TRUE(json.at(frames).at(metric).is_number());
    }
  }
  // Ages 1 and 2 share no octave.
  EXPECT_TRUE(json.at("age_stratified").at("auc_roc").is_null());
  EXPECT_EQ(json.at("within_clip").at("auc_roc"), 1);
  EXPECT_EQ(json.at("within_clip").at("clips"), 1);
  EXPECT_EQ(json.at("model").at("name"), "confidence");
  EXPECT_EQ(json.at("clips_without_mask").at(0), "01_0009");
  for (const char* control : {"track_age", "presence", "constant"}) {
    const nlohmann::json& figures = json.at("controls").at(control);
    EXPECT_EQ(figures.at("auc_roc"), figures.at("people_frames").at("auc_roc"));
    EXPECT_TRUE(figures.at("people_frames").at("eer").is_number());
    EXPECT_TRUE(figures.at("age_stratified").at("auc_roc").is_null());
    EXPECT_TRUE(figures.at("within_clip").at("auc_roc").is_number());
  }
  EXPECT_TRUE(json.at("bootstrap").at("people_frames").contains("auc_roc"));
}

TEST(EvaluatePoseAnomalyTest, ControlsAreMeasuredWithinClipsToo) {
  // In the first clip shoplifting comes at the track's fifth frame, in the second at its last: the
  // younger of the frames that have an age ranks first, so track age is right, then wrong.
  ClipTrack track{1, {}};
  for (int f = 0; f < 7; ++f) track.poses.push_back(PoseWith(f, f == 5 ? 0.9f : 0.5f));
  TestSet set = OneClip({track}, {0, 0, 0, 0, 1, 0, 0});
  set.clips.push_back({{"01_0002", {track}}, {0, 0, 0, 0, 0, 0, 1}});
  const auto report = EvaluatePoseAnomaly(ConfidenceScorer(), set);
  ASSERT_TRUE(report.ok()) << report.status();
  // The second clip's last frame is above the four without an age and below the two with one.
  EXPECT_NEAR(*report->track_age.within_clip, (1 + 4.0 / 6) / 2, 1e-9);
  EXPECT_EQ(*report->presence.within_clip, 0.5);
  EXPECT_NEAR(*report->score.within_clip, 2.5 / 6, 1e-9);
}

TEST(EvaluationJsonTest, AveragesSeeds) {
  EvaluationReport a, b;
  a.score.people_frames.metrics.auc_roc = 0.6;
  b.score.people_frames.metrics.auc_roc = 0.8;
  a.bootstrap.people_frames.auc_roc = ranking::Interval{0.5, 0.7};
  b.bootstrap.people_frames.auc_roc = ranking::Interval{0.7, 0.9};
  const nlohmann::json json = EvaluationJson(std::vector<EvaluationReport>{a, b}, 40);
  EXPECT_NEAR(json.at("people_frames").at("auc_roc").get<double>(), 0.7, 1e-9);
  EXPECT_NEAR(json.at("deviation").at("people_frames").at("auc_roc").get<double>(), 0.1414, 1e-4);
  EXPECT_EQ(json.at("seeds").size(), 2u);
  EXPECT_EQ(json.at("seeds").at(1).at("seed"), 41);
  // An interval is that of one seed, and says of which.
  EXPECT_EQ(json.at("bootstrap").at("seed"), 40);
  EXPECT_EQ(json.at("bootstrap").at("people_frames").at("auc_roc").at(0), 0.5);
  EXPECT_EQ(json.at("seeds").at(1).at("bootstrap").at("people_frames").at("auc_roc").at(0), 0.7);
}

}  // namespace
}  // namespace aislewatch::pose_anomaly
