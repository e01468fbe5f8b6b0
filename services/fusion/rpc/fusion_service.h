// AnomalyFusionService over gRPC: converts, calls the core, converts back.
#pragma once

#include <grpcpp/server_context.h>

#include <functional>
#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "aislewatch/v1/fusion.grpc.pb.h"
#include "common/base/clock.h"
#include "common/base/metrics.h"
#include "common/concurrency/thread_pool.h"
#include "common/inference/model_slot.h"
#include "common/inference/served_model.h"
#include "common/roles/fighting_scorer.h"
#include "common/roles/pose_anomaly_scorer.h"
#include "common/rpc/stage_server.h"
#include "common/rpc/stages.h"
#include "services/fusion/core/fusion_metrics.h"
#include "services/fusion/core/settings.h"
#include "services/fusion/rpc/rehearsal_calls.h"

namespace aislewatch::fusion {

/// How streams are served.
struct FusionServiceOptions {
  FusionSettings settings;
  /// What settings.weights are from; empty where they are set by hand.
  ModelInfo risk_model;
  /// For cameras that bring none.
  std::vector<Rule> rules;
  /// The scorer for a camera in place of the service's, which it gets: for example one calibrated
  /// to the camera. Called from any thread for a stream's first observation and when another scorer
  /// is served; may block for the disk. Empty: the service's own for every camera.
  std::function<std::shared_ptr<const PoseAnomalyScorer>(
      const std::string& camera_id, std::shared_ptr<const PoseAnomalyScorer> scorer)>
      scorer_for;
  /// May be null: nobody looks then at who is beside whom.
  std::shared_ptr<const FightingScorer> fighting;
  /// Observations of one stream that may be unanswered, >= 1.
  int max_in_flight = 8;
  RehearsalLimits rehearsals;
};

/// Serves Fuse and RehearseRules. Observations are judged on `workers`, those of one stream in
/// order.
///
/// Thread-safe. `workers`, `metrics` and `clock` must outlive every stream, that is, the gRPC
/// server must be shut down before they go.
class FusionService final : public v1::AnomalyFusionService::CallbackService {
 public:
  /// `scorer` may be null: risks then rest on the classifier, zones and dwell.
  FusionService(std::shared_ptr<const PoseAnomalyScorer> scorer, FusionServiceOptions options,
                ThreadPool& workers, Metrics& metrics, Clock& clock = RealClock());

  grpc::ServerBidiReactor<v1::FuseRequest, v1::FuseResponse>* Fuse(
      grpc::CallbackServerContext* context) override {
    return endpoint_.Open(context);
  }
  grpc::ServerReadReactor<v1::RehearseRulesRequest>* RehearseRules(
      grpc::CallbackServerContext* context, v1::RehearseRulesResponse* response) override {
    return rehearsals_.Open(context, response);
  }

  /// Has another model judge from the next observation on, also in streams that are open. Not null;
  /// one thread at a time.
  void Serve(std::shared_ptr<const PoseAnomalyScorer> scorer);
  void Serve(std::shared_ptr<const FightingScorer> fighting);
  /// Ends models that served before and that no stream uses any more.
  void ReleaseUnused() {
    scorers_.ReleaseUnused();
    fighting_.ReleaseUnused();
  }

  /// Answers what streams have sent, then ends them; new ones end at once. Their incidents stay
  /// open for the streams that follow. Does not wait.
  void Drain() {
    endpoint_.Drain();
    rehearsals_.Drain();
  }

 private:
  std::shared_ptr<const PoseAnomalyScorer> ScorerFor(
      const std::string& camera_id, std::shared_ptr<const PoseAnomalyScorer> scorer) const;
  absl::StatusOr<OpenedStage<FusionStageTraits>> Open(const v1::FusionStreamConfig& config);
  absl::StatusOr<Rehearsal::Options> OpenRehearsal(const v1::RehearsalConfig& config) const;

  ModelSlot<const PoseAnomalyScorer> scorers_;
  ModelSlot<const FightingScorer> fighting_;
  ServedModelGauge served_anomaly_;
  ServedModelGauge served_fighting_;
  const FusionServiceOptions options_;
  FusionMetrics fusion_metrics_;
  StageEndpoint<FusionStageTraits> endpoint_;
  RehearsalCalls rehearsals_;
};

}  // namespace aislewatch::fusion
