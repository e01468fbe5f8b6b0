#include "services/pose/core/pose_session.h"

#include <string>
#include <thread>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "services/pose/testing/fake_object_detector.h"
#include "services/pose/testing/fake_pose_model.h"

namespace aislewatch::pose {
namespace {

using ::testing::ElementsAre;
using testing::EmptyPicture;
using testing::FakePoseModel;
using ::testing::HasSubstr;
using testing::kTestFrame;
using testing::PictureOfPersonAt;
using ::testing::SizeIs;

// What a session answered: for each answer the picture's number and the result.
class Answers {
 public:
  PoseSession::Done Expect(int number) {
    absl::MutexLock lock(&mutex_);
    ++expected_;
    return [this, number](absl::StatusOr<PoseResult> result) {
      absl::MutexLock lock(&mutex_);
      order_.push_back(number);
      results_.push_back(std::move(result));
    };
  }
  void WaitForAll() {
    absl::MutexLock lock(&mutex_);
    const auto complete = [this] { return results_.size() == expected_; };
    mutex_.Await(absl::Condition(&complete));
  }
  std::vector<int> order() {
    absl::MutexLock lock(&mutex_);
    return order_;
  }
  std::vector<absl::StatusOr<PoseResult>> results() {
    absl::MutexLock lock(&mutex_);
    return results_;
  }

 private:
  absl::Mutex mutex_;
  size_t expected_ ABSL_GUARDED_BY(mutex_) = 0;
  std::vector<int> order_ ABSL_GUARDED_BY(mutex_);
  std::vector<absl::StatusOr<PoseResult>> results_ ABSL_GUARDED_BY(mutex_);
};

class PoseSessionTest : public ::testing::Test {
 protected:
  // An answer that is still on its way out of the engine's thread shares the engine.
  ~PoseSessionTest() override {
    if (engine_ != nullptr) engine_->batcher->Shutdown();
  }

  void Start(BatchingOptions options, int threads = 1) {
    options.metrics_prefix = "aislewatch_pose";
    std::vector<std::unique_ptr<PoseModel>> models;
    for (int i = 0; i < threads; ++i) models.push_back(std::make_unique<FakePoseModel>(probe_));
    auto batcher = StartPoseBatcher(options, std::move(models), kTestFrame, clock_, metrics_);
    ASSERT_TRUE(batcher.ok()) << batcher.status();
    engine_ = std::make_shared<PoseEngine>(
        PoseEngine{ModelInfo{"fake-pose", "1"}, *std::move(batcher)});
    probe_.ForgetBatches();
    session_ = NewSession();
  }
  std::unique_ptr<PoseSession> NewSession() {
    return std::make_unique<PoseSession>(Tracker::Create({.confirm_frames = 1}).value(), tracking_);
  }
  void Process(int number, cv::Mat picture, absl::Time expire = absl::InfiniteFuture()) {
    session_->Process({engine_, spotter_}, std::move(picture),
                      start_ + number * absl::Milliseconds(100), expire, answers_.Expect(number));
  }

  const absl::Time start_ = absl::FromUnixSeconds(1700000000);
  FakeClock clock_{start_};
  FakeMetrics metrics_;
  TrackingMetrics tracking_{metrics_};
  FakePoseModel::Probe probe_;
  Answers answers_;
  std::shared_ptr<PoseEngine> engine_;
  std::shared_ptr<ObjectSpotter> spotter_;
  std::unique_ptr<PoseSession> session_;
};

constexpr absl::Duration kNoDelay = absl::ZeroDuration();

TEST_F(PoseSessionTest, FollowsAPersonThroughPictures) {
  Start({.max_batch = 1, .max_delay = kNoDelay});
  for (int i = 0; i < 3; ++i) Process(i, PictureOfPersonAt(0.4f + 0.02f * static_cast<float>(i)));
  answers_.WaitForAll();
  for (const auto& result : answers_.results()) {
    ASSERT_TRUE(result.ok()) << result.status();
    EXPECT_EQ(result->frame.width, kTestFrame.width);
    EXPECT_EQ(result->frame.height, kTestFrame.height);
    ASSERT_THAT(result->people, SizeIs(1));
    EXPECT_EQ(result->people[0].track_id, 1u);
  }
  EXPECT_EQ(metrics_.Value("aislewatch_pose_frame_people"), 3);
  EXPECT_EQ(metrics_.Value("aislewatch_pose_tracks_total"), 1);
}

TEST_F(PoseSessionTest, AnswersInTheOrderOfThePicturesWhateverThreadFinishesFirst) {
  Start({.max_batch = 1, .max_delay = kNoDelay, .queue_capacity = 1000}, /*threads=*/4);
  std::vector<int> numbers;
  for (int i = 0; i < 200; ++i) {
    numbers.push_back(i);
    Process(i, PictureOfPersonAt(0.1f + 0.004f * static_cast<float>(i), {8, 6}));
  }
  answers_.WaitForAll();
  EXPECT_EQ(answers_.order(), numbers);
  for (const auto& result : answers_.results()) {
    ASSERT_TRUE(result.ok());
    ASSERT_THAT(result->people, SizeIs(1));
    EXPECT_EQ(result->people[0].track_id, 1u) << "seen out of order, the person would jump about";
  }
}

TEST_F(PoseSessionTest, StreamsShareBatchesButNotTracks) {
  Start({.max_batch = 2, .max_delay = absl::Seconds(10)});
  const auto other = NewSession();
  Process(0, PictureOfPersonAt(0.2f));
  other->Process({engine_, nullptr}, PictureOfPersonAt(0.8f), start_, absl::InfiniteFuture(),
                 answers_.Expect(1));
  answers_.WaitForAll();
  EXPECT_THAT(probe_.batches(), ElementsAre(2));
  for (const auto& result : answers_.results()) {
    ASSERT_TRUE(result.ok());
    ASSERT_THAT(result->people, SizeIs(1));
    EXPECT_EQ(result->people[0].track_id, 1u);
  }
}

TEST_F(PoseSessionTest, AnExpiredPictureIsNotInferredAndLosesNoTrack) {
  Start({.max_batch = 1, .max_delay = kNoDelay});
  Process(0, PictureOfPersonAt(0.4f));
  Process(1, PictureOfPersonAt(0.9f), start_);
  Process(2, PictureOfPersonAt(0.44f));
  answers_.WaitForAll();
  EXPECT_THAT(answers_.order(), ElementsAre(0, 1, 2));
  EXPECT_TRUE(absl::IsDeadlineExceeded(answers_.results()[1].status()));
  ASSERT_TRUE(answers_.results()[2].ok());
  EXPECT_EQ(answers_.results()[2]->people.at(0).track_id, 1u);
  EXPECT_THAT(probe_.batches(), ElementsAre(1, 1));
}

TEST_F(PoseSessionTest, AFailingModelIsToldToThePictureAndTheStreamGoesOn) {
  Start({.max_batch = 1, .max_delay = kNoDelay});
  Process(0, PictureOfPersonAt(0.4f));
  answers_.WaitForAll();
  probe_.FailWith(absl::InternalError("out of memory"));
  Process(1, PictureOfPersonAt(0.4f));
  answers_.WaitForAll();
  probe_.FailWith(absl::OkStatus());
  Process(2, PictureOfPersonAt(0.4f));
  answers_.WaitForAll();
  EXPECT_EQ(answers_.results()[1].status().code(), absl::StatusCode::kInternal);
  ASSERT_TRUE(answers_.results()[2].ok());
  EXPECT_EQ(answers_.results()[2]->people.at(0).age_frames, 2u);
}

TEST_F(PoseSessionTest, AnswersAfterItsOwnEnd) {
  Start({.max_batch = 1, .max_delay = kNoDelay});
  probe_.Hold(true);
  Process(0, PictureOfPersonAt(0.4f));
  probe_.AwaitHeld();
  Process(1, EmptyPicture());
  session_.reset();
  probe_.Hold(false);
  answers_.WaitForAll();
  EXPECT_THAT(answers_.order(), ElementsAre(0, 1));
}

TEST_F(PoseSessionTest, AnAnswerMayEndTheSession) {
  Start({.max_batch = 2, .max_delay = absl::Seconds(10)});
  absl::Mutex mutex;
  int ended = 0;
  const auto count = [&](absl::StatusOr<PoseResult>) {
    absl::MutexLock lock(&mutex);
    ++ended;
  };
  const auto both = [&] { return ended == 2; };
  session_->Process({engine_, nullptr}, EmptyPicture(), start_, absl::InfiniteFuture(),
                    [&](absl::StatusOr<PoseResult> result) {
                      session_.reset();
                      count(std::move(result));
                    });
  session_->Process({engine_, nullptr}, EmptyPicture(), start_, absl::InfiniteFuture(), count);
  absl::MutexLock lock(&mutex);
  mutex.Await(absl::Condition(&both));
}

TEST_F(PoseSessionTest, ShutdownOfTheBatcherAnswersWhatWaits) {
  Start({.max_batch = 8, .max_delay = absl::Seconds(10)});
  Process(0, PictureOfPersonAt(0.4f));
  Process(1, PictureOfPersonAt(0.4f));
  engine_->batcher->Shutdown();
  Process(2, PictureOfPersonAt(0.4f));
  answers_.WaitForAll();
  for (const auto& result : answers_.results()) EXPECT_TRUE(absl::IsCancelled(result.status()));
}

class LookingPoseSessionTest : public PoseSessionTest {
 protected:
  void StartLooking() {
    objects_.Show({{testing::FakeObjectDetector::kKnife, 0.8f, {0.4f, 0.4f, 0.2f, 0.2f}}});
    spotter_ = std::make_shared<ObjectSpotter>(
        std::make_unique<testing::FakeObjectDetector>(objects_), clock_, metrics_);
    Start({.max_batch = 1, .max_delay = kNoDelay});
    session_ = std::make_unique<PoseSession>(
        Tracker::Create({.confirm_frames = 1}).value(), tracking_,
        ObjectWatchOptions{.every = absl::Milliseconds(300), .max_people = 2});
  }

  testing::FakeObjectDetector::Probe objects_;
};

TEST_F(LookingPoseSessionTest, TellsWhatPeopleHoldInTheFramesInWhichTheyAreLookedAt) {
  StartLooking();
  for (int i = 0; i < 5; ++i) Process(i, PictureOfPersonAt(0.4f));
  answers_.WaitForAll();
  const auto results = answers_.results();
  for (const int looked : {0, 3}) {
    const ObjectLooks& looks = results[static_cast<size_t>(looked)]->looks;
    EXPECT_THAT(looks.track_ids, ElementsAre(1u));
    ASSERT_THAT(looks.objects, SizeIs(2)) << "one in each hand";
    EXPECT_EQ(looks.objects[0].track_id, 1u);
  }
  for (const int passed : {1, 2, 4}) {
    EXPECT_THAT(results[static_cast<size_t>(passed)]->looks.track_ids, SizeIs(0));
  }
}

TEST_F(LookingPoseSessionTest, AnObjectModelThatFailsTakesNoPoses) {
  StartLooking();
  objects_.FailWith(absl::InternalError("out of memory"));
  for (int i = 0; i < 4; ++i) Process(i, PictureOfPersonAt(0.4f));
  answers_.WaitForAll();
  for (const auto& result : answers_.results()) {
    ASSERT_TRUE(result.ok()) << result.status();
    EXPECT_THAT(result->people, SizeIs(1));
    EXPECT_THAT(result->looks.track_ids, SizeIs(0));
  }
  EXPECT_THAT(objects_.calls(), SizeIs(2)) << "no more often than if it worked";
}

TEST_F(PoseSessionTest, EveryBatchSizeIsWarmBeforeTheFirstPicture) {
  std::vector<std::unique_ptr<PoseModel>> models;
  models.push_back(std::make_unique<FakePoseModel>(probe_));
  const auto batcher =
      StartPoseBatcher({.max_batch = 3}, std::move(models), kTestFrame, clock_, metrics_);
  ASSERT_TRUE(batcher.ok());
  EXPECT_THAT(probe_.batches(), ElementsAre(1, 2, 3));
}

TEST_F(PoseSessionTest, AModelThatFailsItsWarmUpStartsNothing) {
  probe_.FailWith(absl::InternalError("wrong shape"));
  std::vector<std::unique_ptr<PoseModel>> models;
  models.push_back(std::make_unique<FakePoseModel>(probe_));
  const auto batcher = StartPoseBatcher({}, std::move(models), kTestFrame, clock_, metrics_);
  EXPECT_EQ(batcher.status().code(), absl::StatusCode::kInternal);
  EXPECT_THAT(std::string(batcher.status().message()),
              HasSubstr("warming up fake-pose/1 with 1 pictures: wrong shape"));
}

}  // namespace
}  // namespace aislewatch::pose
