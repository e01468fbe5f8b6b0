// All pipelines of this replica: leased cameras and cameras whose frames are pushed.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"
#include "common/concurrency/thread_pool.h"
#include "services/ingest/core/lease_runner.h"
#include "services/ingest/core/leased_camera.h"
#include "services/ingest/core/managed_pipeline.h"

namespace aislewatch::ingest {

/// A camera whose frames a store system pushes. Thread-safe; its destructor stops it and returns
/// once every frame has had its verdict.
class PushedCamera {
 public:
  ~PushedCamera();
  CameraPipeline& pipeline() { return managed_->pipeline(); }
  /// The stream is over but for its last verdicts: another OpenPush waits for the end of this one.
  void Ending();
  /// The store system has sent everything: closes what is open. Blocks until that is in the outbox,
  /// or for a few seconds where fusion is away.
  void End();

 private:
  friend class CameraHost;
  PushedCamera(class CameraHost& host, CameraSettings settings)
      : host_(host), settings_(std::move(settings)) {}

  class CameraHost& host_;
  const CameraSettings settings_;
  std::shared_ptr<ManagedPipeline> managed_;  // Constant once the camera is open.
};

/// Thread-safe. Every PushedCamera must be gone before the host.
class CameraHost : public CameraRunner {
 public:
  /// Makes the source of a leased camera.
  using MakeSource = std::function<std::unique_ptr<FrameSource>(const CameraSettings&)>;

  /// `options`: sampling, scaling and overflow are the camera's own.
  CameraHost(PipelineHome home, MakeSource make_source, SupervisorOptions options);
  /// Stops what still runs.
  ~CameraHost() override;

  // CameraRunner; ALREADY_EXISTS where the camera runs.
  absl::Status Start(const CameraSettings& settings) override ABSL_LOCKS_EXCLUDED(mutex_);
  void Stop(const std::string& camera_id, absl::Duration drain) override
      ABSL_LOCKS_EXCLUDED(mutex_);
  void End(const std::string& camera_id) override ABSL_LOCKS_EXCLUDED(mutex_);
  std::vector<PipelineReport> Reports() override ABSL_LOCKS_EXCLUDED(mutex_);

  /// A pipeline for pushed frames. ALREADY_EXISTS where the camera runs on this replica. Blocks
  /// while event storage is asked for open incidents, and while a pushed stream before this one is
  /// ending; UNAVAILABLE where that takes more than two seconds (fusion is away).
  absl::StatusOr<std::unique_ptr<PushedCamera>> OpenPush(const CameraSettings& settings,
                                                         bool lossless,
                                                         CameraPipeline::OnVerdict on_verdict)
      ABSL_LOCKS_EXCLUDED(mutex_);

  /// How a camera that runs here is to be run. NOT_FOUND where it does not.
  absl::StatusOr<CameraSettings> SettingsOf(const std::string& camera_id)
      ABSL_LOCKS_EXCLUDED(mutex_);

  /// Gives every pushed frame its verdict; later ones are dropped as "closed". Blocks shortly.
  void ClosePushes() ABSL_LOCKS_EXCLUDED(mutex_);

  /// Looks on at a camera; see LiveBroadcast::Subscribe. NOT_FOUND where it does not run here.
  absl::StatusOr<std::shared_ptr<LiveSubscription>> Watch(const std::string& camera_id,
                                                          std::function<void()> on_change)
      ABSL_LOCKS_EXCLUDED(mutex_);

 private:
  friend class PushedCamera;
  // One of the first two is set; neither while a push is being opened or a leased camera ends.
  struct Entry {
    std::shared_ptr<LeasedCamera> leased;
    std::shared_ptr<ManagedPipeline> pushed;
    // The camera is over and holds its id only until its incidents are closed.
    bool ending = false;
    CameraSettings settings;
  };

  SupervisorOptions OptionsFor(const CameraSettings& settings) const;
  void Remove(const std::string& camera_id) ABSL_LOCKS_EXCLUDED(mutex_);
  absl::Status AwaitEndOfPush(const std::string& camera_id) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);

  const PipelineHome home_;
  const MakeSource make_source_;
  const SupervisorOptions options_;

  absl::Mutex mutex_;
  absl::CondVar removed_;
  std::map<std::string, Entry> cameras_ ABSL_GUARDED_BY(mutex_);

  // Ends cameras: that waits for their stages. Last, so that it is joined first.
  ThreadPool ender_{1};
};

}  // namespace aislewatch::ingest
