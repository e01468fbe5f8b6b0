// aislewatch.v1.ShopliftingClassificationService over the core.
//
// An adapter: converts, calls ClassifierSession, converts. The stream rules are StageEndpoint's.
// Thread-safe.
#pragma once

#include <memory>

#include "aislewatch/v1/classification.grpc.pb.h"
#include "common/base/clock.h"
#include "common/base/metrics.h"
#include "common/concurrency/thread_pool.h"
#include "common/inference/model_slot.h"
#include "common/inference/served_model.h"
#include "common/rpc/stage_server.h"
#include "common/rpc/stages.h"
#include "services/classifier/core/classifier_session.h"
#include "services/classifier/core/clip_scorer.h"

namespace aislewatch::classifier {

class ClassifierService : public v1::ShopliftingClassificationService::CallbackService {
 public:
  struct Options {
    StageEndpointOptions endpoint;
    ClassifierSession::Options session;
  };

  /// All references must outlive the gRPC server. Crops are decoded on `workers`.
  ClassifierService(std::shared_ptr<ClipScorer> scorer, const Options& options, ThreadPool& workers,
                    Metrics& metrics, Clock& clock = RealClock());

  grpc::ServerBidiReactor<v1::ClassifyClipsRequest, v1::ClassifyClipsResponse>* ClassifyClips(
      grpc::CallbackServerContext* context) override {
    return endpoint_.Open(context);
  }

  /// Has `scorer` answer from now on, also in streams that are open: what their windows hold is
  /// the features of another network, so they begin anew. One thread at a time.
  void Serve(std::shared_ptr<ClipScorer> scorer);
  /// Ends scorers that served before and that nobody waits for.
  void ReleaseUnused() { scorers_.ReleaseUnused(); }

  /// Answers what was taken and ends the streams; see StageEndpoint.
  void Drain() { endpoint_.Drain(); }
  /// Ends the inference threads; what comes still is answered CANCELLED. Once the gRPC server has
  /// been shut down.
  void Stop();

 private:
  ServedModelGauge served_;
  ModelSlot<ClipScorer> scorers_;
  StageEndpoint<ClassifierStageTraits> endpoint_;
};

}  // namespace aislewatch::classifier
