// PoseExtractionService over gRPC: converts, calls the core, converts back.
#pragma once

#include <grpcpp/server_context.h>

#include "aislewatch/v1/pose.grpc.pb.h"
#include "common/base/clock.h"
#include "common/base/metrics.h"
#include "common/concurrency/thread_pool.h"
#include "common/roles/model_info.h"
#include "common/rpc/stage_server.h"
#include "common/rpc/stages.h"
#include "services/pose/core/object_spotter.h"
#include "services/pose/core/object_watch.h"
#include "services/pose/core/pose_batcher.h"
#include "services/pose/core/pose_session.h"
#include "services/pose/core/tracker.h"

namespace aislewatch::pose {

/// How streams are served.
struct PoseServiceOptions {
  /// The tracker of streams whose configuration leaves the score open.
  TrackerOptions tracker;
  /// Frames of one stream that may be unanswered, >= 1.
  int max_in_flight = 8;
  /// Looks at what people hold; null: nobody does. Must outlive every stream.
  ObjectSpotter* spotter = nullptr;
  /// At whom, and how often.
  ObjectWatchOptions watch;
};

/// Serves ExtractPoses. Pictures are decoded on `workers`; nothing blocks in a reaction.
///
/// Thread-safe. `batcher`, `workers`, `metrics` and `clock` must outlive every stream, that is, the
/// gRPC server must be shut down before they go.
class PoseService final : public v1::PoseExtractionService::CallbackService {
 public:
  /// `model`: what the batcher runs.
  PoseService(PoseBatcher& batcher, ModelInfo model, PoseServiceOptions options,
              ThreadPool& workers, Metrics& metrics, Clock& clock);

  grpc::ServerBidiReactor<v1::ExtractPosesRequest, v1::ExtractPosesResponse>* ExtractPoses(
      grpc::CallbackServerContext* context) override {
    return endpoint_.Open(context);
  }

  /// Answers what streams have sent, then ends them; new ones end at once. Does not wait.
  void Drain() { endpoint_.Drain(); }

 private:
  absl::StatusOr<OpenedStage<PoseStageTraits>> Open(const v1::PoseStreamConfig& config);

  PoseBatcher& batcher_;
  const ModelInfo model_;
  const PoseServiceOptions options_;
  Clock& clock_;
  TrackingMetrics tracking_;
  Histogram& decode_seconds_;
  StageEndpoint<PoseStageTraits> endpoint_;
};

}  // namespace aislewatch::pose
