#include "services/classifier/core/classifier_session.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <future>
#include <memory>
#include <utility>
#include <vector>

#include "services/classifier/testing/fake_clip_classifier.h"

namespace aislewatch::classifier {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using Scores = absl::StatusOr<std::vector<TrackScore>>;

constexpr int kWindow = 4;

absl::Time At(double seconds) { return absl::UnixEpoch() + absl::Seconds(seconds); }

PersonCrop Crop(uint64_t track, double brightness) {
  return {track, PersonView{cv::Mat(16, 16, CV_8UC3, cv::Scalar::all(255 * brightness)), {}}};
}

class ClassifierSessionTest : public ::testing::Test {
 protected:
  ClassifierSessionTest() { MakeScorer({.max_batch = 4, .max_delay = absl::ZeroDuration()}); }

  void MakeScorer(const BatchingOptions& options) {
    scorer_.reset();
    auto scorer = ClipScorer::Create(std::make_unique<FakeClipClassifier>(probe_, kWindow), options,
                                     clock_, metrics_);
    ASSERT_TRUE(scorer.ok()) << scorer.status();
    scorer_ = *std::move(scorer);
    session_ = std::make_unique<ClassifierSession>(*scorer_, ClassifierSession::Options{});
  }

  std::future<Scores> Begin(absl::Time time, std::vector<PersonCrop> crops,
                            absl::Time expire = absl::InfiniteFuture()) {
    auto promise = std::make_shared<std::promise<Scores>>();
    session_->Classify(time, expire, std::move(crops),
                       [promise](Scores scores) { promise->set_value(std::move(scores)); });
    return promise->get_future();
  }
  Scores Classify(double seconds, std::vector<PersonCrop> crops) {
    return Begin(At(seconds), std::move(crops)).get();
  }

  FakeClock clock_{At(0)};
  FakeMetrics metrics_;
  FakeClipClassifier::Probe probe_;
  std::unique_ptr<ClipScorer> scorer_;
  std::unique_ptr<ClassifierSession> session_;
};

TEST_F(ClassifierSessionTest, WithoutAPoseAModelOfJointsAloneIsNotAsked) {
  probe_.NeedKeypoints();
  PersonCrop posed = Crop(2, 1.0);
  posed.view->keypoints[5].confidence = 0.4f;
  const Scores scores = Classify(0.0, {Crop(1, 1.0), std::move(posed)});
  ASSERT_TRUE(scores.ok()) << scores.status();
  EXPECT_EQ((*scores)[0].status.code(), absl::StatusCode::kInvalidArgument);
  EXPECT_THAT(std::string((*scores)[0].status.message()), HasSubstr("send the 17 keypoints"));
  EXPECT_TRUE((*scores)[1].status.ok()) << (*scores)[1].status;
}

TEST_F(ClassifierSessionTest, EachTrackIsScoredOverItsOwnWindow) {
  ASSERT_TRUE(Classify(0.0, {Crop(1, 1.0), Crop(2, 0.0)}).ok());
  const Scores scores = Classify(0.1, {Crop(2, 0.4), Crop(1, 0.0)});
  ASSERT_TRUE(scores.ok()) << scores.status();
  ASSERT_EQ(scores->size(), 2u);
  EXPECT_EQ((*scores)[0].track_id, 2u);
  EXPECT_NEAR((*scores)[0].score.scores.shoplifting, 0.2, 1e-5);
  EXPECT_EQ((*scores)[1].track_id, 1u);
  EXPECT_NEAR((*scores)[1].score.scores.shoplifting, 0.5, 1e-5);
  EXPECT_EQ((*scores)[1].score.frames_seen, 2);
}

TEST_F(ClassifierSessionTest, AFullWindowForgetsItsOldestCrop) {
  for (int i = 0; i < kWindow; ++i) ASSERT_TRUE(Classify(0.1 * i, {Crop(1, 1.0)}).ok());
  const Scores scores = Classify(0.1 * kWindow, {Crop(1, 0.0)});
  ASSERT_TRUE(scores.ok());
  EXPECT_EQ(scores->front().score.frames_seen, kWindow);
  EXPECT_NEAR(scores->front().score.scores.shoplifting, 0.75, 1e-5);
}

TEST_F(ClassifierSessionTest, AGapBeginsANewWindow) {
  ASSERT_TRUE(Classify(0.0, {Crop(1, 1.0)}).ok());
  const Scores scores = Classify(1.5, {Crop(1, 0.0)});
  ASSERT_TRUE(scores.ok());
  EXPECT_EQ(scores->front().score.frames_seen, 1);
  EXPECT_NEAR(scores->front().score.scores.shoplifting, 0.0, 1e-5);
}

TEST_F(ClassifierSessionTest, ForgetsTracksThatAreUnseenForFiveSeconds) {
  ASSERT_TRUE(Classify(0.0, {Crop(1, 1.0), Crop(2, 1.0)}).ok());
  ASSERT_TRUE(Classify(4.0, {Crop(1, 1.0)}).ok());
  EXPECT_EQ(session_->track_count(), 2u);
  ASSERT_TRUE(Classify(5.5, {}).ok());
  EXPECT_EQ(session_->track_count(), 1u);
}

TEST_F(ClassifierSessionTest, ABadCropIsRefusedAndTheOthersAreScored) {
  std::vector<PersonCrop> crops = {Crop(1, 1.0),
                                   {2, absl::InvalidArgumentError("truncated JPEG")},
                                   Crop(1, 0.0),
                                   Crop(0, 1.0),
                                   Crop(3, 0.0)};
  const Scores scores = Classify(0, std::move(crops));
  ASSERT_TRUE(scores.ok()) << scores.status();
  ASSERT_EQ(scores->size(), 5u);
  EXPECT_TRUE((*scores)[0].status.ok());
  EXPECT_NEAR((*scores)[0].score.scores.shoplifting, 1.0, 1e-5);
  EXPECT_THAT((*scores)[1].status.message(), HasSubstr("truncated JPEG"));
  EXPECT_THAT((*scores)[2].status.message(), HasSubstr("track 1 has another crop"));
  EXPECT_THAT((*scores)[3].status.message(), HasSubstr("track_id is 0"));
  EXPECT_TRUE((*scores)[4].status.ok());
}

TEST_F(ClassifierSessionTest, NoCropsAreAnsweredAtOnce) {
  const Scores scores = Classify(0, {});
  ASSERT_TRUE(scores.ok());
  EXPECT_TRUE(scores->empty());
}

TEST_F(ClassifierSessionTest, RefusesMoreCropsThanTheContractAllows) {
  std::vector<PersonCrop> crops;
  for (uint64_t track = 1; track <= kMaxCropsPerItem + 1; ++track) crops.push_back(Crop(track, 0));
  const Scores scores = Classify(0, std::move(crops));
  EXPECT_EQ(scores.status().code(), absl::StatusCode::kInvalidArgument);
  EXPECT_THAT(scores.status().message(), HasSubstr("65 crops"));
}

TEST_F(ClassifierSessionTest, AFrameThatExpiresInTheQueueIsNeverInferred) {
  MakeScorer({.max_batch = 1, .max_delay = absl::ZeroDuration(), .queue_capacity = 8});
  probe_.Hold(true);
  auto first = Begin(At(0), {Crop(1, 1.0)});
  probe_.AwaitHeldCall();
  auto late = Begin(At(0.1), {Crop(1, 1.0)}, At(0.5));
  clock_.Advance(absl::Seconds(1));
  probe_.Hold(false);
  EXPECT_TRUE(first.get().ok());
  EXPECT_EQ(late.get().status().code(), absl::StatusCode::kDeadlineExceeded);
  const Scores next = Classify(0.2, {Crop(1, 0.0)});
  ASSERT_TRUE(next.ok());
  EXPECT_EQ(next->front().score.frames_seen, 2);
}

TEST_F(ClassifierSessionTest, AFullQueueRefusesTheFrameOnce) {
  MakeScorer({.max_batch = 1, .max_delay = absl::ZeroDuration(), .queue_capacity = 1});
  probe_.Hold(true);
  auto running = Begin(At(0), {Crop(1, 1.0)});
  probe_.AwaitHeldCall();
  auto refused = Begin(At(0.1), {Crop(1, 1.0), Crop(2, 1.0), Crop(3, 1.0)});
  probe_.Hold(false);
  EXPECT_TRUE(running.get().ok());
  EXPECT_EQ(refused.get().status().code(), absl::StatusCode::kResourceExhausted);
}

TEST_F(ClassifierSessionTest, AFailingModelAnswersWithItsError) {
  probe_.FailWith(absl::InternalError("out of memory"));
  EXPECT_EQ(Classify(0, {Crop(1, 0)}).status().code(), absl::StatusCode::kInternal);
}

TEST_F(ClassifierSessionTest, CropsOfSeveralStreamsShareABatch) {
  // The fake clock stands still, so a batch starts only once it is full.
  MakeScorer({.max_batch = 4, .max_delay = absl::Seconds(10), .queue_capacity = 8});
  ClassifierSession other(*scorer_, {});
  const size_t warm_batches = probe_.embed_batches().size();
  auto mine = Begin(At(0), {Crop(1, 0.2), Crop(2, 0.2)});
  std::promise<Scores> theirs;
  std::vector<PersonCrop> crops;
  crops.push_back(Crop(1, 0.8));
  crops.push_back(Crop(2, 0.8));
  other.Classify(At(0), absl::InfiniteFuture(), std::move(crops),
                 [&](Scores scores) { theirs.set_value(std::move(scores)); });
  ASSERT_TRUE(mine.get().ok());
  const Scores scores = theirs.get_future().get();
  ASSERT_TRUE(scores.ok());
  EXPECT_NEAR(scores->front().score.scores.shoplifting, 0.8, 0.01);
  EXPECT_EQ(probe_.embed_batches().size(), warm_batches + 1);
  EXPECT_EQ(probe_.embed_batches().back(), 4u);
}

TEST_F(ClassifierSessionTest, MessagesInFlightFillTheWindowInOrder) {
  MakeScorer({.max_batch = 4, .max_delay = absl::Seconds(10), .queue_capacity = 8});
  std::vector<std::future<Scores>> answers;
  for (int i = 0; i < 4; ++i) answers.push_back(Begin(At(0.1 * i), {Crop(1, i == 0 ? 1.0 : 0.0)}));
  std::vector<int> frames;
  for (auto& answer : answers) {
    const Scores scores = answer.get();
    ASSERT_TRUE(scores.ok());
    frames.push_back(scores->front().score.frames_seen);
  }
  EXPECT_THAT(frames, ElementsAre(1, 2, 3, 4));
}

TEST_F(ClassifierSessionTest, EveryBatchSizeIsWarmedBeforeTheFirstItem) {
  EXPECT_THAT(probe_.embed_batches(), ElementsAre(1, 2, 3, 4));
}

TEST_F(ClassifierSessionTest, AModelThatFailsItsWarmUpIsRefused) {
  probe_.FailWith(absl::InternalError("bad weights"));
  const auto scorer = ClipScorer::Create(std::make_unique<FakeClipClassifier>(probe_),
                                         {.max_batch = 2}, clock_, metrics_);
  EXPECT_THAT(scorer.status().message(), HasSubstr("warming up batch size 1: bad weights"));
}

}  // namespace
}  // namespace aislewatch::classifier
