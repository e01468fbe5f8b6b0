// Clips without an encoder, for tests.
#pragma once

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/strings/str_cat.h"
#include "absl/synchronization/mutex.h"
#include "services/ingest/core/clip.h"
#include "services/ingest/core/clip_writer.h"

namespace aislewatch::ingest {

/// Keeps what it is given. Thread-safe.
class FakeClipSink : public ClipSink {
 public:
  void Make(ClipRecording recording) override {
    absl::MutexLock lock(&mutex_);
    made_.push_back(std::move(recording));
  }
  std::vector<ClipRecording> made() {
    absl::MutexLock lock(&mutex_);
    return made_;
  }

 private:
  absl::Mutex mutex_;
  std::vector<ClipRecording> made_ ABSL_GUARDED_BY(mutex_);
};

/// Writes "WxH@POSITION,POSITION..." (milliseconds) instead of a video.
class FakeClipWriter : public ClipWriter {
 public:
  explicit FakeClipWriter(const ClipFormat& format)
      : text_(absl::StrCat(format.size.width, "x", format.size.height, "@")) {}
  absl::Status Add(const cv::Mat&, absl::Duration position) override {
    absl::StrAppend(&text_, absl::ToInt64Milliseconds(position), ",");
    return absl::OkStatus();
  }
  absl::StatusOr<std::string> Finish() override { return text_; }

 private:
  std::string text_;
};

inline NewClipWriter FakeClipWriters() {
  return [](const ClipFormat& format) -> absl::StatusOr<std::unique_ptr<ClipWriter>> {
    return std::make_unique<FakeClipWriter>(format);
  };
}

}  // namespace aislewatch::ingest
