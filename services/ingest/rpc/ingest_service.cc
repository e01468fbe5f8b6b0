#include "services/ingest/rpc/ingest_service.h"

#include <string>
#include <utility>

#include "common/base/ids.h"
#include "common/base/log.h"
#include "common/base/status.h"
#include "common/rpc/convert.h"
#include "common/scene/proto_scene.h"
#include "services/ingest/adapters/proto_convert.h"
#include "services/ingest/rpc/live_stream.h"
#include "services/ingest/rpc/push_session.h"

namespace aislewatch::ingest {
namespace {
constexpr absl::Duration kFindTimeout = absl::Seconds(2);
}

IngestService::IngestService(CameraHost& cameras, LeaseClient& registry,
                             IngestServiceOptions options, ThreadPool& workers, Metrics& metrics,
                             Clock& clock)
    : cameras_(cameras),
      registry_(registry),
      options_(std::move(options)),
      workers_(workers),
      reaper_(std::make_unique<ThreadPool>(1)),
      probes_(options_.probe ? std::make_unique<ProbeCalls>(options_.probes, options_.probe)
                             : std::make_unique<ProbeCalls>(options_.probes)),
      previews_(std::make_unique<PreviewCalls>(cameras, options_.previews, options_.preview)),
      pushes_([this](const v1::PushStreamConfig& config) { return OpenPush(config); }, {}, workers,
              metrics, clock) {}

IngestService::~IngestService() { Stop(); }

void IngestService::Stop() {
  // Gives every frame its verdict; with the last one goes its session, which asks the reaper to
  // end the pipeline.
  cameras_.ClosePushes();
  reaper_.reset();
  probes_.reset();
  previews_.reset();
}

absl::StatusOr<OpenedStage<PushStageTraits>> IngestService::OpenPush(
    const v1::PushStreamConfig& config) {
  AW_RETURN_IF_ERROR(CheckId(config.identity().camera_id(), "identity.camera_id"));
  AW_RETURN_IF_ERROR(CheckId(config.identity().store_id(), "identity.store_id"));
  // Here, where the store system hears of it; the fusion stage would only be found to be away.
  AW_RETURN_IF_ERROR(SceneFromProto(config.zones(), config.rules()).status());
  const CameraSettings settings = SettingsFor(config);
  const auto answers = std::make_shared<PushAnswers>();
  AW_ASSIGN_OR_RETURN(std::unique_ptr<PushedCamera> camera,
                      cameras_.OpenPush(settings, config.lossless(),
                                        [answers](std::shared_ptr<const Verdict> verdict) {
                                          answers->Give(*verdict);
                                        }));
  OpenedStage<PushStageTraits> opened;
  opened.max_in_flight = config.lossless() ? options_.lossless_in_flight : options_.live_in_flight;
  opened.session = std::make_unique<PushSession>(std::move(camera), answers,
                                                 settings.analysis_size, *reaper_);
  return opened;
}

// What the registry knows of the camera, with the stream's own zones and rules where it has any.
CameraSettings IngestService::SettingsFor(const v1::PushStreamConfig& config) {
  CameraSettings settings;
  const std::string& camera_id = config.identity().camera_id();
  auto known = registry_.Find(camera_id, kFindTimeout);
  if (known.ok()) {
    settings = *std::move(known);
  } else if (!absl::IsNotFound(known.status())) {
    LogWarning("the camera registry is away; pushed frames are judged without its settings",
               {{"camera", camera_id}, {"error", std::string(known.status().message())}});
  }
  settings.camera_id = camera_id;
  settings.store_id = config.identity().store_id();
  settings.source_url.clear();
  v1::FusionStreamConfig judging;
  judging.ParseFromString(settings.judging);
  if (config.zones_size() > 0) *judging.mutable_zones() = config.zones();
  if (config.rules_size() > 0) *judging.mutable_rules() = config.rules();
  settings.judging = judging.SerializeAsString();
  return settings;
}

grpc::ServerWriteReactor<v1::WatchLiveResponse>* IngestService::WatchLive(
    grpc::CallbackServerContext*, const v1::WatchLiveRequest* request) {
  return LiveStream::Start(cameras_, *request, workers_);
}

grpc::ServerUnaryReactor* IngestService::ProbeSource(grpc::CallbackServerContext* context,
                                                     const v1::ProbeSourceRequest* request,
                                                     v1::ProbeSourceResponse* response) {
  grpc::ServerUnaryReactor* reactor = context->DefaultReactor();
  probes_->Start(reactor, *request, response);
  return reactor;
}

grpc::ServerUnaryReactor* IngestService::PreviewRules(grpc::CallbackServerContext* context,
                                                      const v1::PreviewRulesRequest* request,
                                                      v1::PreviewRulesResponse* response) {
  return previews_->Start(context, *request, response);
}

grpc::ServerUnaryReactor* IngestService::ListPipelines(grpc::CallbackServerContext* context,
                                                       const v1::ListPipelinesRequest*,
                                                       v1::ListPipelinesResponse* response) {
  for (const PipelineReport& report : cameras_.Reports()) {
    *response->add_pipelines() = ToProto(report);
  }
  grpc::ServerUnaryReactor* reactor = context->DefaultReactor();
  reactor->Finish(grpc::Status::OK);
  return reactor;
}

}  // namespace aislewatch::ingest
