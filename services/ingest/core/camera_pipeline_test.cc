#include "services/ingest/core/camera_pipeline.h"

#include <thread>

#include "absl/synchronization/notification.h"
#include "common/vision/image_codec.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "services/ingest/testing/fake_clips.h"
#include "services/ingest/testing/fake_events.h"
#include "services/ingest/testing/fake_stages.h"

namespace aislewatch::ingest {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

Transition MakeTransition(const std::string& id, uint32_t number, TransitionKind kind,
                          absl::Time peak) {
  return {id, number, kind, peak, "concealment", id + "/" + std::to_string(number)};
}

class RememberedFrames : public FrameJournal {
 public:
  void Add(const std::string& camera_id, std::string judged) override {
    absl::MutexLock lock(&mutex_);
    frames_.push_back(camera_id + ":" + judged);
  }
  std::vector<std::string> frames() {
    absl::MutexLock lock(&mutex_);
    return frames_;
  }

 private:
  absl::Mutex mutex_;
  std::vector<std::string> frames_ ABSL_GUARDED_BY(mutex_);
};

class CameraPipelineTest : public testing::Test {
 protected:
  void Start(PipelineOptions options = {}) {
    options.camera_id = "cam";
    pipeline_ = std::make_unique<CameraPipeline>(
        options, PipelineStages{pose_, classifier_, fusion_}, incidents_, outbox_,
        [this] { ++outbox_notified_; },
        [this](std::shared_ptr<const Verdict> verdict) {
          absl::MutexLock lock(&mutex_);
          verdicts_.push_back(std::move(verdict));
        },
        pool_, metrics_, clock_, &clips_, &journal_);
  }
  ~CameraPipelineTest() override {
    if (pipeline_ != nullptr) pipeline_->Close();
  }

  void Submit(uint64_t sequence) { Submit(sequence, clock_.Now()); }
  void Submit(uint64_t sequence, absl::Time capture) {
    Frame frame;
    frame.sequence = sequence;
    frame.capture_time = capture;
    frame.picture = std::make_shared<const Picture>(
        cv::Mat(90, 160, CV_8UC3, cv::Scalar::all(static_cast<double>(sequence % 200))));
    pipeline_->Submit(std::move(frame));
  }

  std::vector<std::shared_ptr<const Verdict>> AwaitVerdicts(size_t n) {
    const auto enough = [this, n]() ABSL_SHARED_LOCKS_REQUIRED(mutex_) {
      return verdicts_.size() >= n;
    };
    absl::MutexLock lock(&mutex_);
    mutex_.Await(absl::Condition(&enough));
    return verdicts_;
  }

  FakeClock clock_{absl::FromUnixSeconds(10000)};
  ThreadPool pool_{2};
  FakeMetrics metrics_;
  FakePoseStage pose_;
  FakeClassifierStage classifier_;
  FakeFusionStage fusion_;
  OpenIncidents incidents_{{}};
  FakeOutbox outbox_;
  FakeClipSink clips_;
  RememberedFrames journal_;
  std::atomic<int> outbox_notified_ = 0;

  absl::Mutex mutex_;
  std::vector<std::shared_ptr<const Verdict>> verdicts_ ABSL_GUARDED_BY(mutex_);
  std::unique_ptr<CameraPipeline> pipeline_;
};

TEST_F(CameraPipelineTest, AFrameGoesThroughEveryStageAndComesBackJudged) {
  AnswerWithPeople(pose_, {7});
  AnswerWithScores(classifier_, 0.8f);
  AnswerWithoutIncidents(fusion_);
  Start();
  Submit(1);
  const auto verdict = AwaitVerdicts(1)[0];
  EXPECT_TRUE(verdict->status.ok());
  ASSERT_EQ(verdict->people.size(), 1u);
  EXPECT_EQ(verdict->people[0].person.track_id, 7u);
  EXPECT_FLOAT_EQ(verdict->people[0].clip->scores.shoplifting, 0.8f);
  ASSERT_EQ(verdict->risks.size(), 1u);
  EXPECT_THAT(verdict->degraded, IsEmpty());
  EXPECT_EQ(pipeline_->counts().analysed, 1u);
}

TEST_F(CameraPipelineTest, TheJournalGetsWhatFusionToldInTheOrderOfTheFrames) {
  AnswerWithPeople(pose_, {7});
  AnswerWithScores(classifier_, 0.1f);
  fusion_.AnswerAlways([](const Observation& observation) -> absl::StatusOr<FusionAnswer> {
    if (observation.sequence == 2) return absl::UnavailableError("away");
    FusionAnswer answer;
    // An older fusion tells nothing for the journal.
    if (observation.sequence != 4) answer.judged = absl::StrCat("frame ", observation.sequence);
    return answer;
  });
  Start();
  for (uint64_t sequence = 1; sequence <= 5; ++sequence) {
    Submit(sequence);
    AwaitVerdicts(sequence);
  }
  EXPECT_THAT(journal_.frames(), ElementsAre("cam:frame 1", "cam:frame 3", "cam:frame 5"));
}

TEST_F(CameraPipelineTest, WhatPeopleHoldReachesFusionAndTheVerdict) {
  pose_.AnswerAlways([](const Frame&) {
    PoseAnswer answer;
    answer.people = {StandingPerson(7)};
    answer.model = {"fake-pose", "1"};
    answer.looks = {{"a knife"}, {7}};
    answer.object_model = ModelInfo{"fake-objects", "1"};
    return answer;
  });
  AnswerWithScores(classifier_, 0.1f);
  Start();
  Submit(1);
  fusion_.AwaitPending(1);
  const Observation observation = fusion_.Peek(0);
  EXPECT_THAT(observation.looks.objects, ElementsAre("a knife"));
  EXPECT_THAT(observation.looks.track_ids, ElementsAre(7u));
  std::vector<std::string> models;
  for (const ModelInfo& model : observation.models) models.push_back(model.name);
  EXPECT_THAT(models, ElementsAre("fake-pose", "fake-objects", "fake-classifier"));
  fusion_.AnswerOne(0, FusionAnswer{});
  EXPECT_THAT(AwaitVerdicts(1)[0]->looks.objects, ElementsAre("a knife"));
}

TEST_F(CameraPipelineTest, AnEndHasFusionCloseWhatIsOpen) {
  AnswerWithPeople(pose_, {7});
  AnswerWithScores(classifier_, 0.9f);
  fusion_.AnswerAlways([this](const Observation& o) {
    const auto kind = o.last ? TransitionKind::kClosed : TransitionKind::kOpened;
    FusionAnswer answer;
    answer.transitions = {MakeTransition("i", o.last ? 2 : 1, kind, clock_.Now())};
    return answer;
  });
  Start({.lossless = true});
  Submit(5);
  pipeline_->End(absl::InfiniteFuture());
  EXPECT_THAT(fusion_.sequences(), ElementsAre(5, 6));
  EXPECT_THAT(incidents_.All(), IsEmpty());
  const auto items = outbox_.TransitionsOf("cam");
  ASSERT_TRUE(items.ok());
  std::vector<std::string> stored;
  for (const OutboxItem& item : *items) stored.push_back(item.body);
  EXPECT_THAT(stored, ElementsAre("i/1", "i/2"));
}

TEST_F(CameraPipelineTest, VisitsReachTheOutboxAlsoThoseThatTheEndEnds) {
  AnswerWithPeople(pose_, {7});
  AnswerWithScores(classifier_, 0.1f);
  fusion_.AnswerAlways([this](const Observation& o) {
    FusionAnswer answer;
    if (o.sequence == 2) answer.visits = {{"v1", clock_.Now(), "first"}};
    if (o.last) answer.visits = {{"v2", clock_.Now(), "second"}, {"v3", clock_.Now(), "third"}};
    return answer;
  });
  Start({.lossless = true});
  for (const uint64_t sequence : {1, 2, 3}) Submit(sequence);
  const auto verdicts = AwaitVerdicts(3);
  EXPECT_THAT(verdicts[0]->visits, IsEmpty());
  ASSERT_EQ(verdicts[1]->visits.size(), 1u);
  EXPECT_EQ(verdicts[1]->visits[0].message, "first");
  // No incident is open; the end is told all the same.
  pipeline_->End(absl::InfiniteFuture());
  std::vector<std::string> bodies;
  for (const OutboxItem& item : outbox_.items()) {
    EXPECT_EQ(item.kind, OutboxKind::kVisit);
    EXPECT_EQ(item.camera_id, "cam");
    EXPECT_EQ(item.capture_time, clock_.Now());
    bodies.push_back(item.body);
  }
  EXPECT_THAT(bodies, ElementsAre("first", "second", "third"));
}

TEST_F(CameraPipelineTest, AnIncidentGetsAClipWithTheRisksOfItsFrames) {
  AnswerWithPeople(pose_, {7});
  AnswerWithScores(classifier_, 0.9f);
  fusion_.AnswerAlways([](const Observation& o) {
    FusionAnswer answer;
    answer.risks = {{7, static_cast<float>(o.sequence) / 1000}};
    if (o.sequence == 100) {
      answer.transitions = {MakeTransition("i", 1, TransitionKind::kOpened, o.capture_time)};
    }
    if (o.sequence == 130) {
      answer.transitions = {MakeTransition("i", 2, TransitionKind::kClosed, o.capture_time)};
    }
    return answer;
  });
  Start({.lossless = true});
  const absl::Time start = clock_.Now();
  for (uint64_t s = 1; s <= 190; ++s) {
    Submit(s, start + static_cast<int>(s) * absl::Milliseconds(100));
  }
  ASSERT_TRUE(pipeline_->Drain(absl::InfiniteFuture()));
  ASSERT_EQ(clips_.made().size(), 1u);
  const ClipRecording clip = clips_.made()[0];
  const auto shown = ShownFrames(clip);
  EXPECT_EQ(shown.front()->sequence, 50u);
  EXPECT_EQ(shown.back()->sequence, 180u);
  ASSERT_EQ(shown.size(), 131u);
  for (const SharedFrame& frame : shown) {
    ASSERT_EQ(frame->risks.size(), 1u);
    EXPECT_FLOAT_EQ(frame->risks[0].risk, static_cast<float>(frame->sequence) / 1000);
    EXPECT_EQ(frame->people.at(0).track_id, 7u);
  }
  // Promised before it was made, and after the incident.
  const auto items = outbox_.items();
  const auto promise = std::find_if(items.begin(), items.end(), [](const OutboxItem& i) {
    return i.evidence_state == EvidenceState::kPending;
  });
  ASSERT_NE(promise, items.end());
  EXPECT_EQ(promise->evidence_id, clip.clip_id);
  EXPECT_EQ(items[0].body, "i/1");
}

TEST_F(CameraPipelineTest, AStreamThatEndsLeavesTheClipsThatItBegan) {
  AnswerWithPeople(pose_, {7});
  AnswerWithScores(classifier_, 0.9f);
  fusion_.AnswerAlways([](const Observation& o) {
    FusionAnswer answer;
    if (o.sequence == 1) {
      answer.transitions = {MakeTransition("i", 1, TransitionKind::kOpened, o.capture_time),
                            MakeTransition("i", 2, TransitionKind::kClosed, o.capture_time)};
    }
    return answer;
  });
  Start({.lossless = true});
  Submit(1);
  Submit(2);
  pipeline_->End(absl::InfiniteFuture());
  ASSERT_EQ(clips_.made().size(), 1u);
  EXPECT_EQ(clips_.made()[0].cut, "");
  EXPECT_THAT(fusion_.sequences(), ElementsAre(1, 2, 3));
}

TEST_F(CameraPipelineTest, AnEndIsToldAlsoWhereNoIncidentIsOpenForVisitsMayBe) {
  AnswerWithPeople(pose_, {7});
  AnswerWithScores(classifier_, 0.1f);
  AnswerWithoutIncidents(fusion_);
  Start({.lossless = true});
  Submit(1);
  pipeline_->End(absl::InfiniteFuture());
  EXPECT_THAT(fusion_.sequences(), ElementsAre(1, 2));
}

TEST_F(CameraPipelineTest, AnEndDoesNotWaitForAStageForEver) {
  AnswerWithPeople(pose_, {7});
  AnswerWithScores(classifier_, 0.9f);
  Start({.lossless = true});
  Submit(1);
  fusion_.AwaitPending(1);
  pipeline_->End(absl::Now() - absl::Seconds(1));
  EXPECT_THAT(fusion_.sequences(), ElementsAre(1));
}

TEST_F(CameraPipelineTest, AnswersOutOfOrderLeaveInOrder) {
  AnswerWithScores(classifier_, 0.1f);
  AnswerWithoutIncidents(fusion_);
  Start({.lossless = true});
  for (uint64_t s = 1; s <= 4; ++s) Submit(s);
  pose_.AwaitPending(4);
  const auto answer = [](uint64_t track) { return PoseAnswer{.people = {StandingPerson(track)}}; };
  pose_.AnswerOne(3, answer(4));
  pose_.AnswerOne(1, answer(2));
  pose_.AnswerOne(0, answer(1));
  pose_.AnswerOne(0, answer(3));
  const auto verdicts = AwaitVerdicts(4);
  for (uint64_t s = 1; s <= 4; ++s) {
    EXPECT_EQ(verdicts[s - 1]->frame.sequence, s);
    EXPECT_EQ(verdicts[s - 1]->people.at(0).person.track_id, s);
  }
  EXPECT_THAT(fusion_.sequences(), ElementsAre(1, 2, 3, 4));
}

TEST_F(CameraPipelineTest, SeveralFramesAreUnderWayAtOnceButNoMoreThanAllowed) {
  Start({.max_in_flight = 3, .max_waiting = 2});
  for (uint64_t s = 1; s <= 5; ++s) Submit(s);
  pose_.AwaitPending(3);
  EXPECT_THAT(pose_.sequences(), ElementsAre(1, 2, 3));
}

TEST_F(CameraPipelineTest, NewestFrameWinsAndEveryFrameGetsItsVerdict) {
  AnswerWithoutIncidents(fusion_);
  Start({.max_in_flight = 1, .max_waiting = 1});
  for (uint64_t s = 1; s <= 5; ++s) Submit(s);
  EXPECT_EQ(AwaitVerdicts(3).size(), 3u);  // 2, 3 and 4 were overtaken.
  pose_.AwaitPending(1);
  pose_.AnswerOne(0, PoseAnswer{});
  pose_.AwaitPending(1);
  EXPECT_EQ(pose_.Peek(0).sequence, 5u);
  pose_.AnswerOne(0, PoseAnswer{});
  const auto verdicts = AwaitVerdicts(5);
  const PipelineCounts counts = pipeline_->counts();
  EXPECT_EQ(counts.submitted, 5u);
  EXPECT_EQ(counts.analysed, 2u);
  EXPECT_EQ(counts.dropped.at("newest_wins"), 3u);
  EXPECT_EQ(metrics_.Value("aislewatch_ingest_frames_dropped_total",
                           {{"reason", "newest_wins"}}), 3);
  for (int i = 0; i < 3; ++i) {
    EXPECT_EQ(verdicts[i]->frame.sequence, static_cast<uint64_t>(i + 2));
    EXPECT_TRUE(absl::IsDeadlineExceeded(verdicts[i]->status));
  }
}

TEST_F(CameraPipelineTest, LosslessSubmitWaitsForRoomInsteadOfDropping) {
  AnswerWithoutIncidents(fusion_);
  Start({.lossless = true, .max_in_flight = 1, .max_waiting = 1});
  std::thread source([&] {
    for (uint64_t s = 1; s <= 6; ++s) Submit(s);
  });
  for (int i = 0; i < 6; ++i) {
    pose_.AwaitPending(1);
    pose_.AnswerOne(0, PoseAnswer{});
  }
  source.join();
  AwaitVerdicts(6);
  EXPECT_EQ(pipeline_->counts().analysed, 6u);
  EXPECT_THAT(pipeline_->counts().dropped, IsEmpty());
}

TEST_F(CameraPipelineTest, OldFramesExpireInLiveModeOnly) {
  Start();
  Submit(1, clock_.Now() - absl::Seconds(2));
  EXPECT_TRUE(absl::IsDeadlineExceeded(AwaitVerdicts(1)[0]->status));
  EXPECT_EQ(pipeline_->counts().dropped.at("expired"), 1u);
  EXPECT_THAT(pose_.sequences(), IsEmpty());  // Dropped before inference, never after.
}

TEST_F(CameraPipelineTest, AFrameThatExpiresUnderWayIsNotSentOn) {
  Start();
  Submit(1);
  pose_.AwaitPending(1);
  clock_.Advance(absl::Seconds(2));
  pose_.AnswerOne(0, PoseAnswer{{StandingPerson(1)}, {}});
  const auto verdict = AwaitVerdicts(1)[0];
  EXPECT_THAT(std::string(verdict->status.message()), HasSubstr("classifier"));
  EXPECT_THAT(classifier_.sequences(), IsEmpty());
  EXPECT_THAT(fusion_.sequences(), IsEmpty());
}

TEST_F(CameraPipelineTest, GoesOnWithoutTheClassifierAndSaysSo) {
  AnswerWithPeople(pose_, {1});
  classifier_.AnswerAlways([](const CropBatch&) { return absl::UnavailableError("away"); });
  Start();
  Submit(1);
  fusion_.AwaitPending(1);
  EXPECT_THAT(fusion_.Peek(0).degraded, ElementsAre("classifier"));
  EXPECT_FALSE(fusion_.Peek(0).people.at(0).clip.has_value());
  fusion_.AnswerOne(0, FusionAnswer{});
  EXPECT_THAT(AwaitVerdicts(1)[0]->degraded, ElementsAre("classifier"));
  EXPECT_TRUE(AwaitVerdicts(1)[0]->status.ok());
  EXPECT_EQ(metrics_.Value("aislewatch_ingest_degraded_frames_total", {{"stage", "classifier"}}),
            1);
}

TEST_F(CameraPipelineTest, AClassifierThatHangsCostsItsShareOfTheLifetimeOnly) {
  AnswerWithPeople(pose_, {1});
  AnswerWithoutIncidents(fusion_);
  Start();
  const absl::Time capture = clock_.Now();
  Submit(1);
  classifier_.AwaitPending(1);
  EXPECT_EQ(classifier_.Peek(0).expire_time, capture + absl::Milliseconds(1050));
  clock_.Advance(absl::Milliseconds(1100));
  classifier_.AnswerOne(0, absl::DeadlineExceededError("expired"));
  const auto verdict = AwaitVerdicts(1)[0];
  EXPECT_TRUE(verdict->status.ok());
  EXPECT_THAT(verdict->degraded, ElementsAre("classifier"));
}

TEST_F(CameraPipelineTest, GoesOnWithoutPoseAndFusionToo) {
  pose_.AnswerAlways([](const Frame&) { return absl::UnavailableError("away"); });
  fusion_.AnswerAlways([](const Observation&) { return absl::UnavailableError("away"); });
  Start();
  Submit(1);
  EXPECT_THAT(AwaitVerdicts(1)[0]->degraded, ElementsAre("pose", "fusion"));
  EXPECT_THAT(pipeline_->degraded(), ElementsAre("pose", "fusion"));
}

TEST_F(CameraPipelineTest, AFrameThatPoseRefusesIsRejectedAloneAndTheNextGoesOn) {
  AnswerWithoutIncidents(fusion_);
  Start();
  Submit(1);
  Submit(2);
  pose_.AwaitPending(2);
  pose_.AnswerOne(0, absl::InvalidArgumentError("truncated JPEG"));
  pose_.AnswerOne(0, PoseAnswer{});
  const auto verdicts = AwaitVerdicts(2);
  EXPECT_THAT(std::string(verdicts[0]->status.message()), HasSubstr("truncated JPEG"));
  EXPECT_TRUE(verdicts[1]->status.ok());
  EXPECT_EQ(pipeline_->counts().dropped.at("rejected"), 1u);
}

TEST_F(CameraPipelineTest, SendsAtMost64CropsTheLargestFirst) {
  pose_.AnswerAlways([](const Frame&) {
    PoseAnswer answer;
    for (uint64_t id = 1; id <= 70; ++id) {
      answer.people.push_back(StandingPerson(id));
      answer.people.back().person.box.width = 0.002f * static_cast<float>(id);
    }
    return answer;
  });
  Start();
  Submit(1);
  classifier_.AwaitPending(1);
  const CropBatch batch = classifier_.Peek(0);
  ASSERT_EQ(batch.crops.size(), 64u);
  EXPECT_EQ(batch.crops[0].track_id, 70u);
  EXPECT_EQ(batch.crops[63].track_id, 7u);
  EXPECT_EQ(batch.crops[0].image.size(), cv::Size(112, 112));
}

TEST_F(CameraPipelineTest, TransitionsAndEvidenceAreInTheOutboxBeforeTheVerdict) {
  AnswerWithPeople(pose_, {1});
  AnswerWithScores(classifier_, 0.9f);
  const absl::Time now = clock_.Now();
  fusion_.AnswerAlways([now](const Observation&) {
    FusionAnswer answer;
    answer.transitions.push_back(MakeTransition("inc", 1, TransitionKind::kOpened, now));
    return answer;
  });
  size_t in_outbox = 0;
  pipeline_ = std::make_unique<CameraPipeline>(
      PipelineOptions{.camera_id = "cam"}, PipelineStages{pose_, classifier_, fusion_}, incidents_,
      outbox_, [] {},
      [&](std::shared_ptr<const Verdict> verdict) {
        in_outbox = outbox_.pending();
        absl::MutexLock lock(&mutex_);
        verdicts_.push_back(std::move(verdict));
      },
      pool_, metrics_, clock_);
  Submit(1);
  EXPECT_EQ(AwaitVerdicts(1)[0]->transitions.size(), 1u);
  EXPECT_EQ(in_outbox, 3u);
  const auto items = outbox_.items();
  EXPECT_EQ(items[0].body, "inc/1");
  EXPECT_TRUE(items[0].leaves_open);
  EXPECT_EQ(items[1].evidence_kind, EvidenceKind::kSnapshot);
  EXPECT_EQ(items[2].evidence_kind, EvidenceKind::kSnapshotOverlay);
  EXPECT_TRUE(DecodeJpeg(items[1].body).ok());
  EXPECT_EQ(pipeline_->counts().incidents_opened, 1u);
}

TEST_F(CameraPipelineTest, AFullOutboxDoesNotStopTheCamera) {
  outbox_.SetFull(true);
  AnswerWithPeople(pose_, {1});
  AnswerWithScores(classifier_, 0.9f);
  fusion_.AnswerAlways([](const Observation& o) {
    return FusionAnswer{{},
                        {MakeTransition("inc", static_cast<uint32_t>(o.sequence),
                                        TransitionKind::kUpdated, o.capture_time)},
                        {}};
  });
  Start();
  for (uint64_t s = 1; s <= 3; ++s) {
    Submit(s);
    EXPECT_TRUE(AwaitVerdicts(s)[s - 1]->status.ok());
  }
}

TEST_F(CameraPipelineTest, OpenIncidentsAreCurrentWhenTheFusionStreamIsOpenedAnew) {
  AnswerWithPeople(pose_, {1});
  AnswerWithScores(classifier_, 0.9f);
  Start();
  Submit(1);
  fusion_.AwaitPending(1);
  fusion_.AnswerOne(0, FusionAnswer{{},
                                    {MakeTransition("a", 1, TransitionKind::kOpened, clock_.Now()),
                                     MakeTransition("b", 1, TransitionKind::kOpened, clock_.Now()),
                                     MakeTransition("a", 2, TransitionKind::kUpdated, clock_.Now()),
                                     MakeTransition("b", 2, TransitionKind::kClosed, clock_.Now())},
                                    {}});
  // At once, not when the pipeline gets round to it: the stream may break right after its answer.
  const auto open = incidents_.All();
  ASSERT_EQ(open.size(), 1u);
  EXPECT_EQ(open[0].incident_id, "a");
  EXPECT_EQ(open[0].number, 2u);
  EXPECT_EQ(open[0].message, "a/2");
}

TEST_F(CameraPipelineTest, CloseGivesEveryFrameItsVerdictAndLetsSubmitReturn) {
  Start({.lossless = true, .max_in_flight = 2, .max_waiting = 1});
  std::thread source([&] {
    for (uint64_t s = 1; s <= 6; ++s) Submit(s);
  });
  pose_.AwaitPending(2);
  pipeline_->Close();
  source.join();
  EXPECT_EQ(AwaitVerdicts(6).size(), 6u);
  const PipelineCounts counts = pipeline_->counts();
  EXPECT_EQ(counts.submitted, 6u);
  EXPECT_EQ(counts.dropped.at("closed"), 6u);
}

TEST_F(CameraPipelineTest, SentEqualsAnsweredUnderLoad) {
  AnswerWithPeople(pose_, {1, 2});
  AnswerWithScores(classifier_, 0.5f);
  AnswerWithoutIncidents(fusion_);
  Start({.max_in_flight = 2, .max_waiting = 1});
  constexpr uint64_t kFrames = 300;
  for (uint64_t s = 1; s <= kFrames; ++s) Submit(s);
  const auto verdicts = AwaitVerdicts(kFrames);
  ASSERT_TRUE(pipeline_->Drain(absl::InfiniteFuture()));
  const PipelineCounts counts = pipeline_->counts();
  uint64_t dropped = 0;
  for (const auto& [reason, n] : counts.dropped) dropped += n;
  EXPECT_EQ(counts.analysed + dropped, kFrames);
  std::set<uint64_t> sequences;
  for (const auto& v : verdicts) EXPECT_TRUE(sequences.insert(v->frame.sequence).second);
  EXPECT_EQ(sequences.size(), kFrames);
}

}  // namespace
}  // namespace aislewatch::ingest
