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

absl::Status PoseApp::Init(ServerHost& host) {
  AW_RETURN_IF_ERROR(Validate(config_));
  if (const ComputeCheck check = CheckCompute(); !check.warning.empty()) LogWarning(check.warning);
  const auto [name, version] = ModelAndVersion(config_);
  AW_ASSIGN_OR_RETURN(std::vector<std::unique_ptr<PoseModel>> models,
                      LoadTorchPoseModels(ModelRepository(config_.model_repositories),
                                          {.name = name,
                                           .version = version,
                                           .device = config_.device,
                                           .copies = config_.inference_threads,
                                           .torch_threads = config_.torch_threads}));
  const ModelInfo model = models.front()->info();
  AW_RETURN_IF_ERROR(InitSpotter(host));
  AW_ASSIGN_OR_RETURN(const FrameSize warm_up, WarmUpSize(config_));
  const absl::Time begin = absl::Now();
  AW_ASSIGN_OR_RETURN(batcher_, StartPoseBatcher(BatchingOf(config_), std::move(models), warm_up,
                                                 RealClock(), host.metrics()));
  LogInfo("model is warm", {{"model", absl::StrCat(model.name, "/", model.version)},
                            {"warm_up", absl::FormatDuration(absl::Now() - begin)}});
  service_ =
      std::make_unique<PoseService>(*batcher_, model,
                                    PoseServiceOptions{.tracker = TrackerOf(config_),
                                                       .max_in_flight = config_.max_in_flight,
                                                       .spotter = spotter_.get(),
                                                       .watch = ObjectWatchOf(config_)},
                                    host.workers(), host.metrics(), RealClock());
  host.AddService(service_.get());
  return absl::OkStatus();
}

absl::Status PoseApp::InitSpotter(ServerHost& host) {
  const auto [name, version] = ObjectModelAndVersion(config_);
  if (name.empty()) return absl::OkStatus();
  AW_ASSIGN_OR_RETURN(std::unique_ptr<ObjectDetector> detector,
                      LoadObjectDetector(ModelRepository(config_.model_repositories), name, version,
                                         config_.torch_threads));
  LogInfo("people are looked at by an object model",
          {{"model", absl::StrCat(detector->info().name, "/", detector->info().version)},
           {"threshold", absl::StrCat(detector->threshold())},
           {"every", absl::FormatDuration(config_.object_every)}});
  spotter_ = std::make_unique<ObjectSpotter>(std::move(detector), RealClock(), host.metrics());
  return spotter_->Prepare(config_.object_people);
}

void PoseApp::Drain(absl::Time) {
  if (service_ != nullptr) service_->Drain();
}

void PoseApp::Stop() { batcher_.reset(); }

}  // namespace aislewatch::pose
