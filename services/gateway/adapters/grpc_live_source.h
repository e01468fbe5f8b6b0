// Live frames from the replica of ingest that runs the camera.
#pragma once

#include <memory>
#include <string>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "common/concurrency/thread_pool.h"
#include "services/gateway/adapters/ingest_replicas.h"
#include "services/gateway/core/live_hub.h"

namespace aislewatch::gateway {

/// Thread-safe. Asks one replica after the other, first the one that had the camera last; the watch
/// ends with NOT_FOUND where none runs it.
class GrpcLiveSource final : public LiveSource {
 public:
  /// Outlives this.
  explicit GrpcLiveSource(IngestReplicas& replicas);
  /// Waits until gRPC has let go of every watch; all must have been destroyed.
  ~GrpcLiveSource() override;

  std::shared_ptr<void> Watch(const std::string& camera_id, bool images,
                              std::weak_ptr<LiveSink> sink) override;

 private:
  struct Calls;
  struct Attempt;
  class Reader;

  IngestReplicas& replicas_;
  const std::shared_ptr<Calls> calls_;
  ThreadPool threads_;  // Names are resolved here.
};

}  // namespace aislewatch::gateway
