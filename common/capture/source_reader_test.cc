#include "common/capture/source_reader.h"

#include <thread>

#include "absl/synchronization/notification.h"
#include "common/capture/probe.h"
#include "common/capture/testing/fake_source.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace aislewatch {
namespace {

using ::testing::HasSubstr;

class SourceReaderTest : public testing::Test {
 protected:
  std::unique_ptr<FrameSource> Source() { return std::make_unique<FakeSource>(script_); }
  // Whatever a test left hanging is let go, so that no thread outlives the program's tests.
  ~SourceReaderTest() override {
    script_->SetOpen(absl::CancelledError());
    script_->SetEnd(absl::CancelledError());
  }

  const absl::Time t0_ = absl::FromUnixSeconds(1000);
  FakeClock clock_{t0_};
  const std::shared_ptr<FakeSourceScript> script_ = std::make_shared<FakeSourceScript>();
};

TEST_F(SourceReaderTest, GivesFramesThenTheEnd) {
  script_->SetOpen(absl::OkStatus());
  for (int i = 0; i < 3; ++i) script_->AddFrame(t0_ + absl::Seconds(i));
  script_->SetEnd(absl::OutOfRangeError("end"));
  ReaderOptions options;
  options.overflow = Overflow::kBlock;
  SourceReader reader(Source(), options, clock_);
  for (int i = 0; i < 3; ++i) EXPECT_EQ(reader.Next()->capture_time, t0_ + absl::Seconds(i));
  EXPECT_TRUE(absl::IsOutOfRange(reader.Next().status()));
  EXPECT_TRUE(absl::IsOutOfRange(reader.Next().status()));
  EXPECT_EQ(reader.counts().taken, 3u);
}

TEST_F(SourceReaderTest, NewestFrameWinsAndTheOthersAreCounted) {
  script_->SetOpen(absl::OkStatus());
  for (int i = 0; i < 5; ++i) script_->AddFrame(t0_ + absl::Seconds(i));
  script_->SetEnd(absl::OutOfRangeError("end"));
  auto reader = std::make_unique<SourceReader>(Source(), ReaderOptions{}, clock_);
  while (reader->counts().grabbed < 5) std::this_thread::yield();
  // The fifth may still be on its way into the slot; then the fourth or the fifth comes out.
  absl::Time last;
  uint64_t taken = 0;
  for (auto frame = reader->Next(); frame.ok(); frame = reader->Next()) {
    last = frame->capture_time;
    ++taken;
  }
  EXPECT_EQ(last, t0_ + absl::Seconds(4));
  EXPECT_EQ(taken + reader->counts().overtaken, 5u);
  EXPECT_GE(reader->counts().overtaken, 3u);
}

TEST_F(SourceReaderTest, DecodesOnlyWhatIsWanted) {
  script_->SetOpen(absl::OkStatus());
  for (int i = 0; i < 6; ++i) script_->AddFrame(t0_ + absl::Seconds(i));
  script_->SetEnd(absl::OutOfRangeError("end"));
  ReaderOptions options;
  options.overflow = Overflow::kBlock;
  options.want = [t0 = t0_](absl::Time time) { return (time - t0) / absl::Seconds(1) == 4; };
  SourceReader reader(Source(), options, clock_);
  EXPECT_EQ(reader.Next()->capture_time, t0_ + absl::Seconds(4));
  EXPECT_FALSE(reader.Next().ok());
  EXPECT_EQ(reader.counts().grabbed, 6u);
}

TEST_F(SourceReaderTest, AReadThatBlocksForEverIsAbandoned) {
  script_->SetOpen(absl::OkStatus());
  script_->AddFrame(t0_);
  auto reader = std::make_unique<SourceReader>(Source(), ReaderOptions{}, clock_);
  ASSERT_TRUE(reader->Next().ok());
  absl::Notification done;
  std::thread mover([&] {
    while (!done.HasBeenNotified()) clock_.Advance(absl::Seconds(1));
  });
  EXPECT_TRUE(absl::IsDeadlineExceeded(reader->Next().status()));
  done.Notify();
  mover.join();
  const std::weak_ptr<const void> lifetime = reader->lifetime();
  reader.reset();  // Returns although the thread still hangs in Grab.
  EXPECT_FALSE(lifetime.expired());
  script_->SetEnd(absl::UnavailableError("gone"));
  while (!lifetime.expired()) std::this_thread::yield();
}

TEST_F(SourceReaderTest, AnOpenThatBlocksForEverIsAbandoned) {
  SourceReader reader(Source(), ReaderOptions{}, clock_);
  absl::Notification done;
  std::thread mover([&] {
    while (!done.HasBeenNotified()) clock_.Advance(absl::Seconds(1));
  });
  EXPECT_TRUE(absl::IsDeadlineExceeded(reader.Next().status()));
  done.Notify();
  mover.join();
  EXPECT_FALSE(reader.opened());
}

TEST_F(SourceReaderTest, ProbeOfACameraThatNeverAnswersSaysWhatToCheck) {
  absl::Notification done;
  std::thread mover([&] {
    while (!done.HasBeenNotified()) clock_.Advance(absl::Seconds(1));
  });
  const ProbeReport report = ProbeSource(Source(), "rtsp://cam/1", absl::Seconds(5), clock_);
  done.Notify();
  mover.join();
  EXPECT_THAT(std::string(report.status.message()),
              HasSubstr("rtsp://cam/1 did not answer within 5s; check that the camera is on"));
  EXPECT_EQ(report.frames_read, 0);
}

TEST_F(SourceReaderTest, CancelWakesNext) {
  SourceReader reader(Source(), ReaderOptions{}, clock_);
  std::thread canceller([&] { reader.Cancel(); });
  EXPECT_TRUE(absl::IsCancelled(reader.Next().status()));
  canceller.join();
}

}  // namespace
}  // namespace aislewatch
