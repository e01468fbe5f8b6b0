#include "cli/clips/clip_anomaly.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>
#include <vector>

namespace aislewatch {
namespace {

/// A pose's score is its nose's confidence; 0 stands for none.
class NoseScorer : public PoseAnomalyScorer {
 public:
  std::unique_ptr<PoseAnomalyTrack> NewTrack() const override { return std::make_unique<Track>(); }
  const ModelInfo& info() const override { return info_; }

 private:
  class Track : public PoseAnomalyTrack {
    std::optional<float> Push(const PoseSample& sample) override {
      EXPECT_EQ(sample.frame.width, 320);
      const float score = sample.pose[0].confidence;
      return score > 0 ? std::optional<float>(score) : std::nullopt;
    }
  };
  const ModelInfo info_{"nose", "1"};
};

clip_training::FoundPerson Person(uint64_t track, float score) {
  clip_training::FoundPerson person{track, {0.4f, 0.2f, 0.2f, 0.6f}, {}};
  person.keypoints[0].confidence = score;
  return person;
}

std::vector<CapturedFrame> Frames(int count) {
  std::vector<CapturedFrame> frames;
  for (int i = 0; i < count; ++i) {
    frames.push_back({cv::Mat(240, 320, CV_8UC3), absl::UnixEpoch() + 0.1 * absl::Seconds(i)});
  }
  return frames;
}

TEST(AnomalyOfClipTest, PeakIsTheHighestOfAnybodyAndMeanThatOfTheHighestOfEachFrame) {
  const clip_training::PeopleByFrame people = {
      {Person(1, 0.2f), Person(2, 0.4f)}, {}, {Person(1, 0.8f), Person(2, 0.1f)}, {Person(1, 0)}};
  const ClipAnomaly anomaly = AnomalyOfClip(NoseScorer(), Frames(4), people);
  EXPECT_FLOAT_EQ(anomaly.peak.value().score, 0.8f);
  EXPECT_EQ(anomaly.peak.value().frame, 2u);
  EXPECT_EQ(anomaly.peak.value().track_id, 1u);
  EXPECT_THAT(anomaly.scores, ::testing::ElementsAre(0.4f, 0.8f));
  EXPECT_EQ(anomaly.frames, 4);
  EXPECT_FLOAT_EQ(anomaly.mean.value(), 0.6f);
  EXPECT_EQ(anomaly.frames_with_people, 3);
}

TEST(AnomalyOfClipTest, NobodyHasNoScore) {
  const ClipAnomaly anomaly = AnomalyOfClip(NoseScorer(), Frames(2), {{}, {}});
  EXPECT_FALSE(anomaly.peak.has_value());
  EXPECT_FALSE(anomaly.mean.has_value());
  EXPECT_EQ(anomaly.frames_with_people, 0);
}

}  // namespace
}  // namespace aislewatch
