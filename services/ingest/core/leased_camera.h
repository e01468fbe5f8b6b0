// A camera that this replica has leased: its source and its pipeline.
#pragma once

#include <atomic>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "services/ingest/core/camera_settings.h"
#include "services/ingest/core/managed_pipeline.h"
#include "services/ingest/core/source_supervisor.h"

namespace aislewatch::ingest {

/// A pipeline and how it is, for status answers.
struct PipelineReport {
  std::string camera_id;
  std::string store_id;
  SourceStatus source;
  PipelineCounts counts;
  std::vector<std::string> degraded;
  uint64_t outbox_pending = 0;
};

/// Owns one thread, which takes frames from the source and puts them into the pipeline.
/// Thread-safe.
class LeasedCamera {
 public:
  /// Starts at once and does not block. `make_source` may be called on any thread.
  LeasedCamera(const PipelineHome& home, CameraSettings settings,
               SourceSupervisor::MakeSource make_source, SupervisorOptions options);
  /// Stops without waiting for frames under way to be analysed.
  ~LeasedCamera();
  LeasedCamera(const LeasedCamera&) = delete;
  LeasedCamera& operator=(const LeasedCamera&) = delete;

  /// Takes no more frames. Does not wait.
  void StopTaking();
  /// Takes no more frames, and has the camera's incidents closed once those under way have their
  /// verdicts. Does not wait.
  void StartEnding();
  /// After StartEnding, once: waits for it, for kEndPatience where a stage is away.
  void AwaitEnd();
  /// After StopTaking: waits until the frames under way have their verdicts, or `deadline`.
  void Drain(absl::Time deadline) ABSL_LOCKS_EXCLUDED(mutex_);

  const CameraSettings& settings() const { return settings_; }
  PipelineReport Report() const ABSL_LOCKS_EXCLUDED(mutex_);
  /// Null while the camera is being started.
  std::shared_ptr<LiveBroadcast> live() const ABSL_LOCKS_EXCLUDED(mutex_);

 private:
  void Run();
  // Null while the camera is being started.
  std::shared_ptr<ManagedPipeline> Pipeline() const ABSL_LOCKS_EXCLUDED(mutex_);

  const PipelineHome home_;
  const CameraSettings settings_;
  const bool lossless_;
  uint64_t sequence_ = 0;  // Used by the thread alone.
  std::atomic<bool> ending_ = false;
  SourceSupervisor supervisor_;

  mutable absl::Mutex mutex_;
  std::shared_ptr<ManagedPipeline> pipeline_ ABSL_GUARDED_BY(mutex_);

  std::thread thread_;
};

}  // namespace aislewatch::ingest
