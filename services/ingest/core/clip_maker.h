// Turns recordings into clips and score curves, aside from the cameras' pipelines.
#pragma once

#include <deque>
#include <functional>
#include <string>
#include <thread>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "common/base/metrics.h"
#include "services/ingest/core/clip.h"
#include "services/ingest/core/clip_writer.h"
#include "services/ingest/core/outbox.h"

namespace aislewatch::ingest {

struct ClipMakerOptions {
  /// >= 1; each of low priority.
  int threads = 1;
  /// Recordings that wait, and the JPEG that they hold; what comes beyond fails.
  size_t max_waiting = 32;
  size_t max_waiting_bytes = size_t{128} << 20;
};

/// Counts clips that could not be made, for whatever reason.
Counter& FailedEvidence(Metrics& metrics);

/// The largest clip that event storage takes.
inline constexpr size_t kMaxClipBytes = size_t{64} << 20;

/// The clip of a recording as a file, with heads blurred where the recording says so. Takes some
/// milliseconds for each frame. `stopped` is asked between frames; CANCELLED where it says true.
absl::StatusOr<std::string> MakeClip(const ClipRecording& recording,
                                     const NewClipWriter& new_writer,
                                     const std::function<bool()>& stopped);

/// Owns its threads and a bounded queue. What it makes it puts into the outbox; a clip that cannot
/// be made becomes evidence in state FAILED with the reason, and is counted. Thread-safe.
class ClipMaker : public ClipSink {
 public:
  /// References must outlive it. `outbox_changed` must not block.
  ClipMaker(NewClipWriter new_writer, Outbox& outbox, std::function<void()> outbox_changed,
            ClipMakerOptions options, Metrics& metrics);
  /// As Stop with a deadline that has passed.
  ~ClipMaker() override;

  /// Queues the recording; blocks for the disk only where it has to fail.
  void Make(ClipRecording recording) override ABSL_LOCKS_EXCLUDED(mutex_);

  /// Waits until everything queued is made, or for the real time `deadline`.
  bool Drain(absl::Time deadline) ABSL_LOCKS_EXCLUDED(mutex_);

  /// As Drain, then ends: what is not made by then fails, also what comes later. Idempotent.
  void Stop(absl::Time deadline) ABSL_LOCKS_EXCLUDED(mutex_);

 private:
  void Run();
  void MakeOne(const ClipRecording& recording);
  void Fail(const ClipRecording& recording, const absl::Status& why);
  void Store(OutboxItem item);
  bool stopping() const ABSL_LOCKS_EXCLUDED(mutex_);

  const NewClipWriter new_writer_;
  Outbox& outbox_;
  const std::function<void()> outbox_changed_;
  const ClipMakerOptions options_;
  Counter& failed_;
  Histogram& seconds_;
  Gauge& waiting_;

  mutable absl::Mutex mutex_;
  std::deque<ClipRecording> queue_ ABSL_GUARDED_BY(mutex_);
  size_t queue_bytes_ ABSL_GUARDED_BY(mutex_) = 0;
  int busy_ ABSL_GUARDED_BY(mutex_) = 0;
  bool stopping_ ABSL_GUARDED_BY(mutex_) = false;

  std::vector<std::thread> threads_;
};

/// Promises of a process that died before it could keep them: their evidence fails, in `outbox`.
/// Call it before any camera runs. Returns how many there were.
absl::StatusOr<int> BreakOldPromises(Outbox& outbox, Metrics& metrics);

}  // namespace aislewatch::ingest
