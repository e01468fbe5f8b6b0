#include "services/ingest/core/clip_maker.h"

#include <limits>
#include <nlohmann/json.hpp>
#include <thread>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/synchronization/notification.h"
#include "absl/time/clock.h"
#include "common/vision/image_codec.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "services/ingest/core/score_curve.h"
#include "services/ingest/testing/fake_clips.h"
#include "services/ingest/testing/fake_events.h"

namespace aislewatch::ingest {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

const absl::Time kClipStart = absl::FromUnixSeconds(1700000000);
const absl::Time kSoon = absl::InfiniteFuture();

ClipRecording Recording(const std::string& id = "clip") {
  ClipRecording recording;
  recording.camera_id = "cam";
  recording.incident_id = "inc";
  recording.clip_id = id;
  recording.curve_id = id + "-curve";
  recording.from = kClipStart;
  recording.peak_time = kClipStart + absl::Milliseconds(100);
  const auto jpeg = std::make_shared<const std::string>(
      EncodeJpeg(cv::Mat(90, 160, CV_8UC3, cv::Scalar::all(100))).value());
  for (int i = 0; i < 3; ++i) {
    auto frame = std::make_shared<RingFrame>();
    frame->capture_time = kClipStart + i * absl::Milliseconds(100);
    frame->jpeg = jpeg;
    frame->sequence = static_cast<uint64_t>(i) + 1;
    TrackRisk risk{7, 0.25f};
    risk.pose_anomaly = 0.123456f;
    risk.parts = {{"pose_anomaly", 0.5f, 1.25f}};
    risk.zone_ids = {"shelf"};
    if (i > 0) frame->risks = {risk};
    if (i > 1) frame->risks.push_back({8, std::numeric_limits<float>::quiet_NaN()});
    recording.frames.push_back(std::move(frame));
  }
  recording.transitions = {{kClipStart, 1, TransitionKind::kOpened}};
  return recording;
}

class ClipMakerTest : public testing::Test {
 protected:
  // Announces the clip as a pipeline does, then has it made.
  void Make(ClipMaker& maker, const ClipRecording& recording) {
    const OutboxItem pending = DescribeClip(recording, EvidenceState::kPending);
    ASSERT_TRUE(outbox_.Append(absl::MakeConstSpan(&pending, 1)).ok());
    maker.Make(recording);
  }
  // What became of the clip.
  OutboxItem Outcome(const std::string& id = "clip") {
    for (const OutboxItem& item : outbox_.items()) {
      if (item.evidence_id == id && item.evidence_state != EvidenceState::kPending) return item;
    }
    return {};
  }
  double failed() { return metrics_.Value("aislewatch_ingest_evidence_failed_total"); }

  FakeOutbox outbox_;
  FakeMetrics metrics_;
  std::atomic<int> notified_ = 0;
};

TEST_F(ClipMakerTest, ARecordingBecomesAClipAndAScoreCurve) {
  ClipMaker maker(
      FakeClipWriters(), outbox_, [this] { ++notified_; }, {}, metrics_);
  Make(maker, Recording());
  ASSERT_TRUE(maker.Drain(kSoon));
  EXPECT_EQ(Outcome().body, "160x90@0,100,200,");
  EXPECT_EQ(Outcome().evidence_state, EvidenceState::kReady);
  EXPECT_EQ(Outcome().capture_time, kClipStart);
  EXPECT_EQ(Outcome("clip-curve").evidence_kind, EvidenceKind::kScoreCurve);
  EXPECT_THAT(outbox_.Promises().value(), IsEmpty());
  EXPECT_EQ(notified_, 2);
  EXPECT_EQ(failed(), 0);
}

TEST_F(ClipMakerTest, AnEncoderThatFailsMakesTheClipFailWithTheReason) {
  ClipMaker maker([](const ClipFormat&) { return absl::UnavailableError("no encoder here"); },
                  outbox_, [] {}, {}, metrics_);
  Make(maker, Recording());
  ASSERT_TRUE(maker.Drain(kSoon));
  EXPECT_EQ(Outcome().evidence_state, EvidenceState::kFailed);
  EXPECT_THAT(Outcome().body, HasSubstr("no encoder here"));
  EXPECT_THAT(outbox_.Promises().value(), IsEmpty());
  EXPECT_EQ(failed(), 1);
  EXPECT_NE(Outcome("clip-curve").body, "") << "the curve needs no encoder";
}

TEST_F(ClipMakerTest, ABrokenPictureAndNoPictureFailToo) {
  ClipMaker maker(
      FakeClipWriters(), outbox_, [] {}, {}, metrics_);
  ClipRecording broken = Recording("broken");
  auto frame = std::make_shared<RingFrame>(*broken.frames[1]);
  frame->jpeg = std::make_shared<const std::string>("no picture");
  broken.frames[1] = frame;
  Make(maker, broken);
  ClipRecording empty = Recording("empty");
  empty.frames.clear();
  Make(maker, empty);
  ASSERT_TRUE(maker.Drain(kSoon));
  EXPECT_EQ(Outcome("broken").evidence_state, EvidenceState::kFailed);
  EXPECT_THAT(Outcome("empty").body, HasSubstr("no picture of the time"));
  EXPECT_EQ(failed(), 2);
}

TEST_F(ClipMakerTest, WhatTheQueueCannotHoldFailsAtOnceAndTheCameraDoesNotWait) {
  absl::Notification begun;
  absl::Notification go_on;
  ClipMaker maker(
      [&](const ClipFormat& format) {
        if (!begun.HasBeenNotified()) begun.Notify();
        go_on.WaitForNotification();
        return FakeClipWriters()(format);
      },
      outbox_, [] {}, {.max_waiting = 1}, metrics_);
  Make(maker, Recording("a"));
  begun.WaitForNotification();
  Make(maker, Recording("b"));
  Make(maker, Recording("c"));
  EXPECT_EQ(Outcome("c").evidence_state, EvidenceState::kFailed);
  EXPECT_THAT(Outcome("c").body, HasSubstr("waited to be made"));
  go_on.Notify();
  ASSERT_TRUE(maker.Drain(kSoon));
  EXPECT_EQ(Outcome("a").evidence_state, EvidenceState::kReady);
  EXPECT_EQ(Outcome("b").evidence_state, EvidenceState::kReady);
}

TEST_F(ClipMakerTest, AStopFailsWhatIsNotMadeInsteadOfLosingIt) {
  absl::Notification begun;
  absl::Notification go_on;
  auto maker = std::make_unique<ClipMaker>(
      [&](const ClipFormat& format) {
        begun.Notify();
        go_on.WaitForNotification();
        return FakeClipWriters()(format);
      },
      outbox_, [] {}, ClipMakerOptions{}, metrics_);
  Make(*maker, Recording("under way"));
  begun.WaitForNotification();
  Make(*maker, Recording("waiting"));
  std::thread stopper([&] { maker->Stop(absl::InfinitePast()); });
  // A clip that comes once the stop has begun is refused, which tells that it has.
  int late = 0;
  do {
    Make(*maker, Recording(absl::StrCat("late ", ++late)));
    std::this_thread::yield();
  } while (!absl::StrContains(Outcome(absl::StrCat("late ", late)).body, "stopped"));
  go_on.Notify();
  stopper.join();
  for (const char* id : {"waiting", "under way"}) {
    EXPECT_EQ(Outcome(id).evidence_state, EvidenceState::kFailed) << id;
    EXPECT_THAT(Outcome(id).body, HasSubstr("stopped")) << id;
  }
  EXPECT_THAT(outbox_.Promises().value(), IsEmpty());
}

TEST_F(ClipMakerTest, PromisesOfAProcessThatDiedAreBroken) {
  const OutboxItem pending = DescribeClip(Recording("lost"), EvidenceState::kPending);
  ASSERT_TRUE(outbox_.Append(absl::MakeConstSpan(&pending, 1)).ok());
  EXPECT_EQ(BreakOldPromises(outbox_, metrics_).value(), 1);
  EXPECT_EQ(Outcome("lost").evidence_state, EvidenceState::kFailed);
  EXPECT_EQ(Outcome("lost").incident_id, "inc");
  EXPECT_THAT(Outcome("lost").body, HasSubstr("ended before"));
  EXPECT_EQ(BreakOldPromises(outbox_, metrics_).value(), 0);
  EXPECT_EQ(failed(), 1);
}

TEST(ScoreCurve, HasEverybodysRiskOverTheTimeOfTheClip) {
  ClipRecording recording = Recording();
  recording.cut = "the camera was stopped";
  const auto curve = nlohmann::json::parse(ScoreCurveJson(recording));
  EXPECT_EQ(curve["schema"], 1);
  EXPECT_EQ(curve["incidentId"], "inc");
  EXPECT_EQ(curve["clipEvidenceId"], "clip");
  EXPECT_EQ(curve["clipStart"], "2023-11-14T22:13:20.000Z");
  EXPECT_EQ(curve["clipEnd"], "2023-11-14T22:13:20.200Z");
  EXPECT_EQ(curve["peakTime"], "2023-11-14T22:13:20.100Z");
  EXPECT_EQ(curve["cut"], "the camera was stopped");
  ASSERT_THAT(curve["tracks"], SizeIs(2));
  EXPECT_EQ(curve["tracks"][0]["trackId"], "7");
  ASSERT_THAT(curve["tracks"][0]["points"], SizeIs(2));
  const auto point = curve["tracks"][0]["points"][0];
  EXPECT_EQ(point["time"], "2023-11-14T22:13:20.100Z");
  EXPECT_EQ(point["risk"], 0.25);
  EXPECT_EQ(point["poseAnomaly"], 0.1235);
  EXPECT_EQ(point["parts"]["pose_anomaly"]["value"], 0.5);
  EXPECT_EQ(point["parts"]["pose_anomaly"]["contribution"], 1.25);
  EXPECT_EQ(point["zoneIds"][0], "shelf");
  EXPECT_TRUE(curve["tracks"][1]["points"][0]["risk"].is_null());
  EXPECT_EQ(curve["transitions"][0]["kind"], "TRANSITION_KIND_OPENED");
}

}  // namespace
}  // namespace aislewatch::ingest
