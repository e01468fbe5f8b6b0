// FrameIngestService over gRPC: converts, calls the core, converts back.
#pragma once

#include <memory>

#include <grpcpp/server_context.h>

#include "aislewatch/v1/ingest.grpc.pb.h"
#include "common/base/clock.h"
#include "common/base/metrics.h"
#include "common/concurrency/thread_pool.h"
#include "common/rpc/stage_server.h"
#include "common/rpc/stages.h"
#include "services/ingest/core/camera_host.h"
#include "services/ingest/core/lease_client.h"
#include "services/ingest/rpc/preview_calls.h"
#include "services/ingest/rpc/probe_calls.h"

namespace aislewatch::ingest {

struct IngestServiceOptions {
  /// Unanswered frames of a lossless stream; the store system waits when there are more.
  int lossless_in_flight = 8;
  /// Of a live one: above what the pipeline holds, so that the newest can win.
  int live_in_flight = 16;
  ProbeOptions probes;
  /// Unset tries real sources.
  ProbeCalls::Probe probe;
  PreviewOptions previews;
  /// Unset where no journal is kept.
  PreviewCalls::Preview preview;
};

/// Thread-safe. References must outlive the service, which must outlive the gRPC server.
class IngestService final : public v1::FrameIngestService::CallbackService {
 public:
  IngestService(CameraHost& cameras, LeaseClient& registry, IngestServiceOptions options,
                ThreadPool& workers, Metrics& metrics, Clock& clock = RealClock());
  ~IngestService() override;

  grpc::ServerBidiReactor<v1::PushFramesRequest, v1::PushFramesResponse>* PushFrames(
      grpc::CallbackServerContext* context) override {
    return pushes_.Open(context);
  }
  grpc::ServerWriteReactor<v1::WatchLiveResponse>* WatchLive(
      grpc::CallbackServerContext* context, const v1::WatchLiveRequest* request) override;
  grpc::ServerUnaryReactor* ProbeSource(grpc::CallbackServerContext* context,
                                        const v1::ProbeSourceRequest* request,
                                        v1::ProbeSourceResponse* response) override;
  grpc::ServerUnaryReactor* PreviewRules(grpc::CallbackServerContext* context,
                                         const v1::PreviewRulesRequest* request,
                                         v1::PreviewRulesResponse* response) override;
  grpc::ServerUnaryReactor* ListPipelines(grpc::CallbackServerContext* context,
                                          const v1::ListPipelinesRequest* request,
                                          v1::ListPipelinesResponse* response) override;

  /// Answers what store systems have sent, then ends their streams. Does not wait.
  void Drain() { pushes_.Drain(); }
  /// After the gRPC server has ended: ends the pipelines of pushed frames and waits for them.
  void Stop();

 private:
  absl::StatusOr<OpenedStage<PushStageTraits>> OpenPush(const v1::PushStreamConfig& config);
  CameraSettings SettingsFor(const v1::PushStreamConfig& config);

  CameraHost& cameras_;
  LeaseClient& registry_;
  const IngestServiceOptions options_;
  ThreadPool& workers_;
  // Ends pipelines of streams that are over: it takes time, and the thread that notices is often
  // the pipeline's own.
  std::unique_ptr<ThreadPool> reaper_;
  std::unique_ptr<ProbeCalls> probes_;
  std::unique_ptr<PreviewCalls> previews_;
  StageEndpoint<PushStageTraits> pushes_;
};

}  // namespace aislewatch::ingest
