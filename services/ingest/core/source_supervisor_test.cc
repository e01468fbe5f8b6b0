#include "services/ingest/core/source_supervisor.h"

#include <atomic>
#include <deque>
#include <thread>

#include "common/capture/testing/fake_source.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "services/ingest/testing/clock_mover.h"

namespace aislewatch::ingest {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

class SourceSupervisorTest : public testing::Test {
 protected:
  using Script = std::shared_ptr<FakeSourceScript>;

  ~SourceSupervisorTest() override {
    if (supervisor_ != nullptr) supervisor_->Stop();
    if (thread_.joinable()) thread_.join();
    for (const Script& script : scripts_) {
      script->SetOpen(absl::CancelledError());
      script->SetEnd(absl::CancelledError());
    }
  }

  // A source that shows `frames` frames, one a second, and then ends with `end`; with OK it hangs.
  Script AddSource(absl::Status open, int frames, absl::Status end) {
    auto script = std::make_shared<FakeSourceScript>();
    script->SetOpen(std::move(open));
    for (int i = 0; i < frames; ++i) {
      next_time_ += absl::Seconds(1);
      script->AddFrame(next_time_, 0, {1280, 720});
    }
    if (!end.ok()) script->SetEnd(std::move(end));
    scripts_.push_back(script);
    return script;
  }

  void Start(SupervisorOptions options = {.overflow = Overflow::kBlock}) {
    supervisor_ = std::make_unique<SourceSupervisor>(
        [this] {
          absl::MutexLock lock(&mutex_);
          // The last source is opened again and again.
          const size_t index = std::min<size_t>(made_++, scripts_.size() - 1);
          return std::make_unique<FakeSource>(scripts_[index]);
        },
        options,
        [this](CapturedFrame frame) {
          absl::MutexLock lock(&mutex_);
          frames_.push_back(std::move(frame));
        },
        [](uint64_t) {}, clock_);
    thread_ = std::thread([this] { supervisor_->Run(); });
  }
  void AwaitFrames(size_t n) {
    const auto enough = [this, n]() ABSL_SHARED_LOCKS_REQUIRED(mutex_) {
      return frames_.size() >= n;
    };
    absl::MutexLock lock(&mutex_);
    mutex_.Await(absl::Condition(&enough));
  }
  void AwaitState(SourceState state) {
    while (supervisor_->status().state != state) std::this_thread::yield();
  }
  size_t made() {
    absl::MutexLock lock(&mutex_);
    return made_;
  }

  FakeClock clock_{absl::FromUnixSeconds(500)};
  absl::Time next_time_ = absl::FromUnixSeconds(500);
  absl::Mutex mutex_;
  std::vector<Script> scripts_;  // Changed before Start only.
  size_t made_ ABSL_GUARDED_BY(mutex_) = 0;
  std::vector<CapturedFrame> frames_ ABSL_GUARDED_BY(mutex_);
  std::unique_ptr<SourceSupervisor> supervisor_;
  std::thread thread_;
};

TEST_F(SourceSupervisorTest, ComesBackAfterFailuresOfEveryKind) {
  AddSource(absl::OkStatus(), 2, absl::UnavailableError("connection lost"));
  AddSource(absl::UnavailableError("refused"), 0, absl::OkStatus());
  AddSource(absl::NotFoundError("no route"), 0, absl::OkStatus());
  AddSource(absl::OkStatus(), 50, absl::OkStatus());
  Start();
  ClockMover mover(clock_, absl::Milliseconds(20));
  AwaitFrames(5);
  EXPECT_GE(made(), 4u);
}

TEST_F(SourceSupervisorTest, ALostSourceIsOfflineAndItsPasswordIsNotTold) {
  AddSource(absl::OkStatus(), 1, absl::UnavailableError("rtsp://admin:s3cret@cam/1 is gone"));
  Start();
  EXPECT_EQ(supervisor_->status().state == SourceState::kEnded, false);
  AwaitFrames(1);
  AwaitState(SourceState::kOffline);
  const SourceStatus status = supervisor_->status();
  EXPECT_THAT(status.error, HasSubstr("rtsp://admin:***@cam/1 is gone"));
  EXPECT_THAT(status.error, Not(HasSubstr("s3cret")));
  EXPECT_EQ(status.decoded, 1u);
}

TEST_F(SourceSupervisorTest, AHangingReadIsAbandonedAndTheSourceOpenedAnew) {
  AddSource(absl::OkStatus(), 1, absl::OkStatus());
  AddSource(absl::OkStatus(), 50, absl::OkStatus());
  Start();
  ClockMover mover(clock_, absl::Milliseconds(20));
  AwaitFrames(2);
  EXPECT_GE(made(), 2u);
}

TEST_F(SourceSupervisorTest, NoMoreThanSoManyReadersHangAtOnce) {
  scripts_.push_back(std::make_shared<FakeSourceScript>());  // Hangs while it is being opened.
  Start({.max_abandoned = 3});
  {
    ClockMover mover(clock_, absl::Seconds(1));
    while (supervisor_->status().error.find("hang in the video library; it is opened") ==
           std::string::npos) {
      std::this_thread::yield();
    }
  }
  EXPECT_EQ(made(), 3u);
}

TEST_F(SourceSupervisorTest, AFileEndsAndStaysEnded) {
  AddSource(absl::OkStatus(), 2, absl::OutOfRangeError("aisle.mp4 has been read to its end"));
  Start();
  thread_.join();  // Run returns by itself.
  EXPECT_EQ(supervisor_->status().state, SourceState::kEnded);
  EXPECT_EQ(made(), 1u);
}

TEST_F(SourceSupervisorTest, FramesAreSampledAndScaled) {
  AddSource(absl::OkStatus(), 30, absl::OutOfRangeError("end"));
  Start({.overflow = Overflow::kBlock, .analysis_fps = 0.2, .analysis_size = 640});
  thread_.join();
  absl::MutexLock lock(&mutex_);
  EXPECT_EQ(frames_.size(), 6u);
  EXPECT_EQ(frames_[0].image.size(), cv::Size(640, 360));
  EXPECT_EQ(supervisor_->status().decoded, 30u);
}

TEST_F(SourceSupervisorTest, StopDoesNotWaitForAHangingSource) {
  AddSource(absl::OkStatus(), 1, absl::OkStatus());
  Start();
  AwaitFrames(1);
  supervisor_->Stop();
  thread_.join();
}

}  // namespace
}  // namespace aislewatch::ingest
