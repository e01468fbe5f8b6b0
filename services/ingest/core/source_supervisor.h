// Keeps a source open for ever: opens it, reads it, and when it fails opens it again.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/random/random.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "common/base/clock.h"
#include "common/capture/frame_source.h"
#include "common/capture/source_reader.h"

namespace aislewatch::ingest {

enum class SourceState {
  /// Being opened for the first time.
  kConnecting,
  /// Frames arrive.
  kOnline,
  /// Lost; it is tried again, with back-off.
  kOffline,
  /// A file that has been read to its end.
  kEnded,
};

struct SourceStatus {
  SourceState state = SourceState::kConnecting;
  /// Why it is not online, without passwords; empty where it is.
  std::string error;
  /// Frames that the source delivered, wanted or not.
  uint64_t decoded = 0;
};

struct SupervisorOptions {
  /// Longest waits for opening and for a frame, after which the reader is abandoned. Above the
  /// source's own timeouts, which explain themselves better.
  absl::Duration open_timeout = absl::Seconds(10);
  absl::Duration read_timeout = absl::Seconds(7);
  Overflow overflow = Overflow::kNewestWins;
  double analysis_fps = 10;
  int analysis_size = 640;
  /// Pause before opening again: doubled from min to max with each failure, each time changed at
  /// random by up to a fifth so that cameras behind one switch do not come back in step.
  absl::Duration backoff_min = absl::Milliseconds(500);
  absl::Duration backoff_max = absl::Seconds(30);
  /// Readers that may hang in the video library at once; beyond it no new one is started.
  int max_abandoned = 4;
};

/// One source. Run blocks its caller; the rest is thread-safe.
class SourceSupervisor {
 public:
  using MakeSource = std::function<std::unique_ptr<FrameSource>()>;
  /// Sampled and scaled frames, in order, on Run's thread; may block.
  using OnFrame = std::function<void(CapturedFrame)>;
  /// Frames that were decoded for analysis and overtaken by newer ones.
  using OnOvertaken = std::function<void(uint64_t frames)>;

  SourceSupervisor(MakeSource make_source, SupervisorOptions options, OnFrame on_frame,
                   OnOvertaken on_overtaken, Clock& clock = RealClock());

  /// Returns when Stop has been called, or at the end of a file.
  void Run() ABSL_LOCKS_EXCLUDED(mutex_);
  /// Makes Run return as soon as on_frame does. Does not wait for the source.
  void Stop() ABSL_LOCKS_EXCLUDED(mutex_);
  SourceStatus status() const ABSL_LOCKS_EXCLUDED(mutex_);

 private:
  ReaderOptions OptionsOfReader() const;
  absl::Status ReadUntilFailure();
  void Set(SourceState state, std::string error) ABSL_LOCKS_EXCLUDED(mutex_);
  bool Pause() ABSL_LOCKS_EXCLUDED(mutex_);

  const MakeSource make_source_;
  const SupervisorOptions options_;
  const OnFrame on_frame_;
  const OnOvertaken on_overtaken_;
  Clock& clock_;

  // Used by Run alone.
  absl::BitGen random_;
  absl::Duration backoff_;
  std::vector<std::weak_ptr<const void>> left_behind_;

  mutable absl::Mutex mutex_;
  absl::CondVar changed_;
  bool stopping_ ABSL_GUARDED_BY(mutex_) = false;
  std::shared_ptr<SourceReader> reader_ ABSL_GUARDED_BY(mutex_);
  uint64_t decoded_before_ ABSL_GUARDED_BY(mutex_) = 0;
  SourceStatus status_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace aislewatch::ingest
