// A source that does as it is told, for tests of what reads sources.
#pragma once

#include <deque>
#include <memory>
#include <optional>
#include <utility>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "common/capture/frame_source.h"

namespace aislewatch {

/// The hand that moves a FakeSource; shared with it and outlives it. Thread-safe.
class FakeSourceScript {
 public:
  /// What Open will return; until it is set, Open blocks.
  void SetOpen(absl::Status status) {
    absl::MutexLock lock(&mutex_);
    open_ = std::move(status);
  }
  /// The next Grab returns `time`, and Retrieve a picture of `size` filled with `value`.
  void AddFrame(absl::Time time, uint8_t value = 0, cv::Size size = {64, 48}) {
    absl::MutexLock lock(&mutex_);
    frames_.push_back({cv::Mat(size, CV_8UC3, cv::Scalar::all(value)), time});
  }
  /// After the frames, Grab returns this; without it, Grab blocks after the frames, as a hanging
  /// driver does: Cancel changes nothing.
  void SetEnd(absl::Status status) {
    absl::MutexLock lock(&mutex_);
    end_ = std::move(status);
  }
  int opened() const {
    absl::MutexLock lock(&mutex_);
    return opened_;
  }

 private:
  friend class FakeSource;
  mutable absl::Mutex mutex_;
  std::optional<absl::Status> open_ ABSL_GUARDED_BY(mutex_);
  std::deque<CapturedFrame> frames_ ABSL_GUARDED_BY(mutex_);
  std::optional<absl::Status> end_ ABSL_GUARDED_BY(mutex_);
  int opened_ ABSL_GUARDED_BY(mutex_) = 0;
};

class FakeSource : public FrameSource {
 public:
  explicit FakeSource(std::shared_ptr<FakeSourceScript> script) : script_(std::move(script)) {}

  absl::Status Open() override {
    FakeSourceScript& s = *script_;
    const auto told = [&s]() ABSL_SHARED_LOCKS_REQUIRED(s.mutex_) { return s.open_.has_value(); };
    absl::MutexLock lock(&s.mutex_);
    s.mutex_.Await(absl::Condition(&told));
    ++s.opened_;
    return *s.open_;
  }

  absl::StatusOr<absl::Time> Grab() override {
    FakeSourceScript& s = *script_;
    const auto told = [&s]() ABSL_SHARED_LOCKS_REQUIRED(s.mutex_) {
      return !s.frames_.empty() || s.end_.has_value();
    };
    absl::MutexLock lock(&s.mutex_);
    s.mutex_.Await(absl::Condition(&told));
    if (s.frames_.empty()) return *s.end_;
    current_ = std::move(s.frames_.front());
    s.frames_.pop_front();
    return current_.capture_time;
  }

  absl::StatusOr<cv::Mat> Retrieve() override { return current_.image; }
  SourceInfo info() const override { return {"fake", {64, 48}, 25, 0}; }

 private:
  const std::shared_ptr<FakeSourceScript> script_;
  CapturedFrame current_;
};

}  // namespace aislewatch
