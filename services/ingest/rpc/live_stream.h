// One onlooker of a camera: WatchLive's reactor.
#pragma once

#include <memory>
#include <string>

#include <grpcpp/support/server_callback.h>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/synchronization/mutex.h"
#include "aislewatch/v1/ingest.pb.h"
#include "common/concurrency/thread_pool.h"
#include "services/ingest/core/camera_host.h"

namespace aislewatch::ingest {

/// Writes the newest verdict each time the onlooker has taken the one before. Pictures are made on
/// the workers.
///
///   verdict arrives --> MaybeWrite --(a write is under way: nothing; the mailbox keeps it)
///   write done -------> MaybeWrite --(mailbox empty: nothing)
///   MaybeWrite --(with a picture)--> on a worker: blur, encode --> write
///   pipeline ended, cancelled, write failed --> Finish once --> OnDone
///
/// Owns itself until OnDone; the camera's callback holds a weak reference only.
class LiveStream final : public grpc::ServerWriteReactor<v1::WatchLiveResponse>,
                         public std::enable_shared_from_this<LiveStream> {
 public:
  /// Begins to watch `camera_id`, or finishes with NOT_FOUND. `workers` outlive the stream.
  static LiveStream* Start(CameraHost& cameras, const v1::WatchLiveRequest& request,
                           ThreadPool& workers);

  void OnWriteDone(bool ok) override ABSL_LOCKS_EXCLUDED(mutex_);
  void OnCancel() override ABSL_LOCKS_EXCLUDED(mutex_);
  void OnDone() override ABSL_LOCKS_EXCLUDED(mutex_);

 private:
  LiveStream(bool include_image, ThreadPool& workers)
      : include_image_(include_image), workers_(workers) {}
  void MaybeWrite() ABSL_LOCKS_EXCLUDED(mutex_);
  void Write(const LiveFrame& frame) ABSL_LOCKS_EXCLUDED(mutex_);
  void End(const absl::Status& status) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);

  const bool include_image_;
  ThreadPool& workers_;

  absl::Mutex mutex_;
  std::shared_ptr<LiveStream> self_ ABSL_GUARDED_BY(mutex_);
  std::shared_ptr<LiveSubscription> subscription_ ABSL_GUARDED_BY(mutex_);
  // From a frame's being taken to its having been written. Meanwhile gRPC reads the response.
  bool writing_ ABSL_GUARDED_BY(mutex_) = false;
  v1::WatchLiveResponse response_ ABSL_GUARDED_BY(mutex_);
  bool finished_ ABSL_GUARDED_BY(mutex_) = false;
};

}  // namespace aislewatch::ingest
