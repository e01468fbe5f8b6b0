#include "services/ingest/core/incident_recorder.h"

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "services/ingest/testing/fake_clips.h"

namespace aislewatch::ingest {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

const absl::Time kBegin = absl::FromUnixSeconds(1000);
constexpr absl::Duration kStep = absl::Milliseconds(100);

// A camera of ten frames a second, whose time starts at kBegin.
class RecorderTest : public testing::Test {
 protected:
  explicit RecorderTest(ClipOptions options = {})
      : options_(options), recorder_("cam", true, options, &sink_) {}

  // One more frame, with the transition that fusion answers it with.
  std::vector<OutboxItem> Frame(std::optional<Transition> transition = std::nullopt) {
    const absl::Time at = now();
    ++sequence_;
    ring_.Add({at, std::make_shared<const std::string>(1000, 'x'), {}, true, sequence_});
    const SharedFrame frame = ring_.Judge(sequence_, {TrackRisk{1, 0.5f}});
    std::vector<OutboxItem> announced;
    if (transition.has_value()) announced = recorder_.Take(*transition, at, sequence_, ring_);
    recorder_.Add(at, frame);
    return announced;
  }
  void Run(absl::Duration time) {
    for (const absl::Time end = now() + time; now() < end;) Frame();
  }
  absl::Time now() const { return kBegin + static_cast<int>(sequence_) * kStep; }
  Transition At(TransitionKind kind, uint32_t number, absl::Time peak,
                const std::string& id = "inc") const {
    return {id, number, kind, peak, "concealment", ""};
  }
  std::vector<OutboxItem> Open(const std::string& id = "inc") {
    return Frame(At(TransitionKind::kOpened, 1, now(), id));
  }
  std::vector<OutboxItem> Close(absl::Time peak, const std::string& id = "inc") {
    return Frame(At(TransitionKind::kClosed, 9, peak, id));
  }

  const ClipOptions options_;
  FakeClipSink sink_;
  FrameRing ring_{absl::Seconds(10), 1 << 24};
  IncidentRecorder recorder_;
  uint64_t sequence_ = 0;
};

TEST_F(RecorderTest, AClipRunsFromPreRollBeforeTheOpeningToPostRollAfterTheClose) {
  Run(absl::Seconds(30));
  const absl::Time opened = now();
  const auto announced = Open();
  ASSERT_THAT(announced, SizeIs(1));
  EXPECT_EQ(announced[0].evidence_kind, EvidenceKind::kClip);
  EXPECT_EQ(announced[0].evidence_state, EvidenceState::kPending);
  EXPECT_EQ(announced[0].capture_time, opened - absl::Seconds(5));
  Run(absl::Seconds(8));
  const absl::Time closed = now();
  EXPECT_THAT(Close(opened), IsEmpty());
  Run(absl::Seconds(5) - 2 * kStep);
  EXPECT_THAT(sink_.made(), IsEmpty());
  Run(2 * kStep);
  ASSERT_THAT(sink_.made(), SizeIs(1));
  const ClipRecording clip = sink_.made()[0];
  EXPECT_EQ(clip.clip_id, announced[0].evidence_id);
  const auto shown = ShownFrames(clip);
  EXPECT_EQ(shown.front()->capture_time, opened - absl::Seconds(5));
  EXPECT_EQ(shown.back()->capture_time, closed + absl::Seconds(5));
  for (size_t i = 1; i < shown.size(); ++i) {
    EXPECT_EQ(shown[i]->capture_time - shown[i - 1]->capture_time, kStep);
  }
  EXPECT_THAT(clip.cut, IsEmpty());
  EXPECT_THAT(clip.transitions, SizeIs(2));
  EXPECT_EQ(shown[7]->risks.at(0).track_id, 1u);
  // Frames before the clip tell of heads.
  EXPECT_LT(clip.frames.front()->capture_time, shown.front()->capture_time);
}

class UnevenRecorderTest : public RecorderTest {
 protected:
  static ClipOptions FiveAndAHalfFrames() {
    ClipOptions options;
    options.pre_roll = 5.5 * kStep;
    return options;
  }
  UnevenRecorderTest() : RecorderTest(FiveAndAHalfFrames()) {}
};

TEST_F(UnevenRecorderTest, PreRollIsNeverShortByAPartOfAFrame) {
  Run(absl::Seconds(3));
  const absl::Time opened = now();
  EXPECT_EQ(Open().at(0).capture_time, opened - 6 * kStep);
}

TEST_F(UnevenRecorderTest, AFrameFromBeforeAPauseOfTheCameraIsNoPreRoll) {
  Run(absl::Seconds(1));
  sequence_ += 30;
  const absl::Time opened = now();
  EXPECT_EQ(Open().at(0).capture_time, opened);
}

TEST_F(RecorderTest, ACameraThatHasJustStartedGivesWhatItHas) {
  Run(absl::Seconds(1));
  EXPECT_EQ(Open().at(0).capture_time, kBegin);
  Close(kBegin);
  Run(absl::Seconds(6));
  EXPECT_EQ(ShownFrames(sink_.made().at(0)).front()->capture_time, kBegin);
}

TEST_F(RecorderTest, AnIncidentThatOutlastsTheLongestClipIsCutAndSaysSo) {
  Run(absl::Seconds(10));
  const absl::Time opened = now();
  Open();
  Run(absl::Seconds(55));
  ASSERT_THAT(sink_.made(), SizeIs(1));
  const ClipRecording clip = sink_.made()[0];
  EXPECT_THAT(clip.cut, HasSubstr("goes on"));
  EXPECT_EQ(ShownFrames(clip).back()->capture_time - ShownFrames(clip).front()->capture_time,
            options_.max_length);
  Run(absl::Seconds(100));
  Close(opened);
  Run(absl::Seconds(10));
  EXPECT_THAT(sink_.made(), SizeIs(1)) << "the peak is in the first clip";
}

TEST_F(RecorderTest, TheHighestPeakAfterACutClipGetsAClipOfItsOwn) {
  Run(absl::Seconds(10));
  Open();
  Run(absl::Seconds(80));
  Frame(At(TransitionKind::kUpdated, 2, now()));
  Run(absl::Seconds(20));
  const absl::Time peak = now() - absl::Milliseconds(300);
  Frame(At(TransitionKind::kUpdated, 3, peak));
  Run(absl::Seconds(20));
  EXPECT_THAT(sink_.made(), SizeIs(1)) << "a higher peak may come";
  Close(peak);
  ASSERT_THAT(sink_.made(), SizeIs(2));
  const auto shown = ShownFrames(sink_.made()[1]);
  EXPECT_LE(shown.front()->capture_time, peak - absl::Seconds(4.9));
  EXPECT_LE(shown.back()->capture_time, peak + absl::Seconds(5));
  EXPECT_GE(shown.back()->capture_time, peak + absl::Seconds(4.9));
  EXPECT_NE(sink_.made()[0].clip_id, sink_.made()[1].clip_id);
}

TEST_F(RecorderTest, OverlappingIncidentsShareTheirFrames) {
  Run(absl::Seconds(10));
  Open("a");
  Run(absl::Seconds(2));
  Open("b");
  Run(absl::Seconds(2));
  Close(now(), "a");
  Run(absl::Seconds(3));
  Close(now(), "b");
  Run(absl::Seconds(6));
  ASSERT_THAT(sink_.made(), SizeIs(2));
  const auto a = ShownFrames(sink_.made()[0]);
  const auto b = ShownFrames(sink_.made()[1]);
  EXPECT_EQ(sink_.made()[0].incident_id, "a");
  EXPECT_EQ(b.front()->capture_time - a.front()->capture_time, absl::Milliseconds(2100));
  const auto shared = std::find(a.begin(), a.end(), b.front());
  EXPECT_NE(shared, a.end());
}

TEST_F(RecorderTest, WithTooManyIncidentsAtOnceTheLastOnesClipFails) {
  Run(absl::Seconds(10));
  for (size_t i = 0; i < options_.max_recordings; ++i) Open(std::to_string(i));
  const auto announced = Open("one too many");
  ASSERT_THAT(announced, SizeIs(1));
  EXPECT_EQ(announced[0].evidence_state, EvidenceState::kFailed);
  EXPECT_THAT(announced[0].body, HasSubstr("8 other incidents"));
  EXPECT_THAT(Close(now(), "one too many"), IsEmpty());
}

TEST_F(RecorderTest, AnIncidentThatAnotherReplicaOpenedIsRecordedFromHereOn) {
  Run(absl::Seconds(2));
  EXPECT_THAT(Frame(At(TransitionKind::kUpdated, 5, kBegin - absl::Hours(1))), SizeIs(1));
  Close(kBegin - absl::Hours(1));
  Run(absl::Seconds(6));
  EXPECT_THAT(sink_.made(), SizeIs(1));
}

TEST_F(RecorderTest, ACameraThatStopsLeavesWhatItHas) {
  Run(absl::Seconds(10));
  Open("open");
  Open("closed");
  Close(now(), "closed");
  Run(absl::Seconds(2));
  recorder_.Finish("the camera was stopped");
  recorder_.Finish("again");
  ASSERT_THAT(sink_.made(), SizeIs(2));
  for (const ClipRecording& clip : sink_.made()) {
    EXPECT_EQ(clip.cut, clip.incident_id == "open" ? "the camera was stopped" : "");
    EXPECT_GT(ShownFrames(clip).size(), 60u);
  }
}

TEST_F(RecorderTest, WithoutASinkNothingIsPromised) {
  IncidentRecorder none("cam", true, {}, nullptr);
  EXPECT_THAT(none.Take(At(TransitionKind::kOpened, 1, kBegin), kBegin, 1, ring_), IsEmpty());
  none.Add(kBegin, nullptr);
  none.Finish("");
}

class SmallRecorderTest : public RecorderTest {
 protected:
  SmallRecorderTest() : RecorderTest({.max_bytes = 100 * 1000}) {}
};

TEST_F(SmallRecorderTest, AClipEndsWhereItsBytesDo) {
  Run(absl::Seconds(10));
  Open();
  Run(absl::Seconds(20));
  ASSERT_THAT(sink_.made(), SizeIs(1));
  EXPECT_THAT(sink_.made()[0].cut, HasSubstr("largest clip"));
  EXPECT_LE(sink_.made()[0].frames.size(), 102u);
}

}  // namespace
}  // namespace aislewatch::ingest
