#include "services/pose/app.h"

#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "common/base/clock.h"
#include "common/base/log.h"
#include "common/base/status.h"
#include "common/inference/compute_check.h"
#include "common/inference/model_repository.h"
#include "models/retinanet/load.h"
#include "services/pose/adapters/torch_pose_models.h"

namespace aislewatch::pose {

void PoseApp::AddFlags(CLI::App& app, ServerOptions& server) {
  server.listen = "0.0.0.0:50052";
  server.metrics_listen = "0.0.0.0:9092";
  pose::AddFlags(app, config_);
}

absl::StatusOr<std::shared_ptr<PoseEngine>> PoseApp::LoadEngine(const std::string& name,
                                                                const std::string& version,
                                                                Metrics& metrics) const {
  AW_ASSIGN_OR_RETURN(std::vector<std::unique_ptr<PoseModel>> models,
                      LoadTorchPoseModels(ModelRepository(config_.model_repositories),
                                          {.name = name,
                                           .version = version,
                                           .device = config_.device,
                                           .copies = config_.inference_threads,
                                           .torch_threads = config_.torch_threads}));
  AW_ASSIGN_OR_RETURN(const FrameSize warm_up, WarmUpSize(config_));
  auto engine = std::make_shared<PoseEngine>();
  engine->model = models.front()->info();
  AW_ASSIGN_OR_RETURN(engine->batcher, StartPoseBatcher(BatchingOf(config_), std::move(models),
                                                        warm_up, RealClock(), metrics));
  return engine;
}

absl::StatusOr<std::shared_ptr<ObjectSpotter>> PoseApp::LoadSpotter(const std::string& name,
                                                                    const std::string& version,
                                                                    Metrics& metrics) const {
  AW_ASSIGN_OR_RETURN(std::unique_ptr<ObjectDetector> detector,
                      LoadObjectDetector(ModelRepository(config_.model_repositories), name, version,
                                         config_.torch_threads));
  LogInfo("people are looked at by an object model",
          {{"model", absl::StrCat(detector->info().name, "/", detector->info().version)},
           {"threshold", absl::StrCat(detector->threshold())},
           {"every", absl::FormatDuration(config_.object_every)}});
  auto spotter = std::make_shared<ObjectSpotter>(std::move(detector), RealClock(), metrics);
  AW_RETURN_IF_ERROR(spotter->Prepare(config_.object_people));
  return spotter;
}

absl::Status PoseApp::Init(ServerHost& host) {
  AW_RETURN_IF_ERROR(Validate(config_));
  if (const ComputeCheck check = CheckCompute(); !check.warning.empty()) LogWarning(check.warning);
  Metrics& metrics = host.metrics();
  PoseServiceOptions options{.tracker = TrackerOf(config_),
                             .max_in_flight = config_.max_in_flight,
                             .spotter = nullptr,
                             .watch = ObjectWatchOf(config_)};
  const auto [object_name, object_version] = ObjectModelAndVersion(config_);
  if (!object_name.empty()) {
    AW_ASSIGN_OR_RETURN(options.spotter, LoadSpotter(object_name, object_version, metrics));
  }
  const std::shared_ptr<ObjectSpotter> spotter = options.spotter;
  const absl::Time begin = absl::Now();
  const auto [name, version] = ModelAndVersion(config_);
  AW_ASSIGN_OR_RETURN(std::shared_ptr<PoseEngine> engine, LoadEngine(name, version, metrics));
  const ModelInfo model = engine->model;
  LogInfo("model is warm", {{"model", absl::StrCat(model.name, "/", model.version)},
                            {"warm_up", absl::FormatDuration(absl::Now() - begin)}});
  service_ = std::make_unique<PoseService>(std::move(engine), std::move(options), host.workers(),
                                           metrics, RealClock());
  host.AddService(service_.get());
  if (config_.model_refresh == absl::ZeroDuration()) return absl::OkStatus();
  std::vector<WatchedModel> watched;
  if (spotter != nullptr && object_version.empty()) {
    watched.push_back(WatchedOf(*service_, "object", spotter->model(),
                                [this, &metrics](const std::string& n, const std::string& v) {
                                  return LoadSpotter(n, v, metrics);
                                }));
  }
  if (version.empty()) {
    watched.push_back(WatchedOf(*service_, "pose", model,
                                [this, &metrics](const std::string& n, const std::string& v) {
                                  return LoadEngine(n, v, metrics);
                                }));
  }
  watch_ = std::make_unique<ModelWatch>(ModelRepository(config_.model_repositories), "pose",
                                        std::move(watched), config_.model_refresh, metrics,
                                        RealClock());
  return absl::OkStatus();
}

void PoseApp::Drain(absl::Time) {
  if (watch_ != nullptr) watch_->Stop();
  if (service_ != nullptr) service_->Drain();
}

void PoseApp::Stop() {
  watch_.reset();
  if (service_ != nullptr) service_->Stop();
}

}  // namespace aislewatch::pose
