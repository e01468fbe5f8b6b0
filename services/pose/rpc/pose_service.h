// PoseExtractionService over gRPC: converts, calls the core, converts back.
#pragma once

#include <grpcpp/server_context.h>

#include <memory>

#include "aislewatch/v1/pose.grpc.pb.h"
#include "common/base/clock.h"
#include "common/base/metrics.h"
#include "common/concurrency/thread_pool.h"
#include "common/inference/model_slot.h"
#include "common/inference/served_model.h"
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
  /// Looks at what people hold; null: nobody does.
  std::shared_ptr<ObjectSpotter> spotter;
  /// At whom, and how often.
  ObjectWatchOptions watch;
};

/// Serves ExtractPoses. Pictures are decoded on `workers`; nothing blocks in a reaction.
///
/// Thread-safe. `workers`, `metrics` and `clock` must outlive every stream, that is, the gRPC
/// server must be shut down before they go.
class PoseService final : public v1::PoseExtractionService::CallbackService {
 public:
  PoseService(std::shared_ptr<PoseEngine> engine, PoseServiceOptions options, ThreadPool& workers,
              Metrics& metrics, Clock& clock);

  grpc::ServerBidiReactor<v1::ExtractPosesRequest, v1::ExtractPosesResponse>* ExtractPoses(
      grpc::CallbackServerContext* context) override {
    return endpoint_.Open(context);
  }

  /// Has another model find people, or look at what they hold, from the next picture on, also in
  /// streams that are open. One thread at a time.
  void Serve(std::shared_ptr<PoseEngine> engine);
  void Serve(std::shared_ptr<ObjectSpotter> spotter);
  /// Ends models that served before and that nobody waits for.
  void ReleaseUnused();

  /// Answers what streams have sent, then ends them; new ones end at once. Does not wait.
  void Drain() { endpoint_.Drain(); }
  /// Ends the inference threads; what comes still is answered CANCELLED. Once the gRPC server has
  /// been shut down.
  void Stop();

 private:
  absl::StatusOr<OpenedStage<PoseStageTraits>> Open(const v1::PoseStreamConfig& config);

  PoseModels Models() const { return {engines_.Current(), spotters_.Current()}; }

  ModelSlot<PoseEngine> engines_;
  ModelSlot<ObjectSpotter> spotters_;
  ServedModelGauge served_poses_;
  ServedModelGauge served_objects_;
  const PoseServiceOptions options_;
  Clock& clock_;
  TrackingMetrics tracking_;
  Histogram& decode_seconds_;
  StageEndpoint<PoseStageTraits> endpoint_;
};

}  // namespace aislewatch::pose
