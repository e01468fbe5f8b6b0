// Runs exactly the cameras that the registry leases to this replica.
#pragma once

#include <array>
#include <map>
#include <string>
#include <thread>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "common/base/clock.h"
#include "common/base/metrics.h"
#include "services/ingest/core/lease_client.h"

namespace aislewatch::ingest {

/// What starts and stops cameras. Called by one thread at a time.
class CameraRunner {
 public:
  virtual ~CameraRunner() = default;
  /// Starts a camera that is not running; does not block. An error says why it cannot be run now.
  virtual absl::Status Start(const CameraSettings& settings) = 0;
  /// Stops a camera; ignores those that do not run. `drain`: for how long frames under way may
  /// still be analysed.
  virtual void Stop(const std::string& camera_id, absl::Duration drain) = 0;
  /// Stops a camera that nobody goes on with, and closes what is open there; ignores those that do
  /// not run. Does not wait.
  virtual void End(const std::string& camera_id) = 0;
  virtual std::vector<PipelineReport> Reports() = 0;
};

struct LeaseOptions {
  std::string holder;
  absl::Duration duration = absl::Seconds(8);
  absl::Duration interval = absl::Seconds(2);
  uint32_t max_cameras = 16;
};

/// Owns one thread, which blocks in the client and in the runner. Leases are counted from before
/// the request was sent, on this replica's clock, so neither a slow answer nor a skewed clock makes
/// two replicas run one camera: when a lease cannot be renewed its camera stops a quarter of the
/// lease before its end. While the registry itself says that its database is away, leases are held:
/// nobody can take them then. Thread-safe.
class LeaseRunner {
 public:
  /// References must outlive it.
  LeaseRunner(LeaseClient& client, CameraRunner& runner, LeaseOptions options, Metrics& metrics,
              Clock& clock = RealClock());
  /// As Stop.
  ~LeaseRunner();

  /// Stops every leased camera, with `drain` for the frames under way, and gives the leases back so
  /// that another replica can go on at once. Idempotent.
  void Stop(absl::Duration drain = absl::ZeroDuration()) ABSL_LOCKS_EXCLUDED(mutex_);

 private:
  void Run();
  void SyncOnce(bool final_release);
  void Follow(const LeaseAnswer& answer);
  bool StartOne(const CameraSettings& settings);
  void StopAll(absl::Duration drain);
  void ShowStates(const std::vector<PipelineReport>& reports);
  absl::Duration Margin() const { return options_.duration / 4; }

  LeaseClient& client_;
  CameraRunner& runner_;
  const LeaseOptions options_;
  Clock& clock_;
  Gauge& leased_;
  Gauge& unleased_;
  Counter& failures_;
  Counter& gained_;
  Counter& lost_;
  // Cameras by SourceState, also those whose frames are pushed.
  std::array<Gauge*, 4> states_;

  // Used by the thread alone: revision of each camera that runs, and until when it may.
  std::map<std::string, uint64_t> running_;
  absl::Time valid_until_ = absl::InfinitePast();
  // Whether the last answer told to hold.
  bool holding_ = false;
  std::vector<std::string> release_;

  absl::Mutex mutex_;
  absl::CondVar changed_;
  bool stopping_ ABSL_GUARDED_BY(mutex_) = false;
  absl::Duration drain_ ABSL_GUARDED_BY(mutex_);

  std::thread thread_;
};

}  // namespace aislewatch::ingest
