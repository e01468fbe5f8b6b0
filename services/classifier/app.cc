#include "services/classifier/app.h"

#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "common/base/clock.h"
#include "common/base/log.h"
#include "common/base/status.h"
#include "common/inference/compute_check.h"
#include "common/inference/model_repository.h"
#include "models/clip_networks/load.h"

namespace aislewatch::classifier {

void ClassifierApp::AddFlags(CLI::App& app, ServerOptions& server) {
  server.listen = "0.0.0.0:50053";
  server.metrics_listen = "0.0.0.0:9093";
  classifier::AddFlags(app, config_);
}

absl::Status ClassifierApp::Init(ServerHost& host) {
  AW_RETURN_IF_ERROR(Validate(config_));
  const std::pair<std::string, std::string> model =
      absl::StrSplit(config_.model, absl::MaxSplits('/', 1));
  const ModelRepository repository(config_.model_repository);
  AW_ASSIGN_OR_RETURN(std::unique_ptr<ClipClassifier> classifier,
                      LoadClipClassifier(repository, model.first, model.second,
                                         config_.torch_threads));
  if (const ComputeCheck check = CheckCompute(); !check.warning.empty()) {
    LogWarning(check.warning);
  }
  const absl::Time begin = absl::Now();
  AW_ASSIGN_OR_RETURN(
      scorer_, ClipScorer::Create(std::move(classifier),
                                  {.max_batch = config_.max_batch,
                                   .max_delay = config_.max_batch_delay,
                                   .queue_capacity = config_.queue,
                                   .metrics_prefix = "aislewatch_classifier"},
                                  RealClock(), host.metrics()));
  LogInfo("model is warm",
          {{"model", absl::StrCat(scorer_->model().name, "/", scorer_->model().version)},
           {"warm_up", absl::FormatDuration(absl::Now() - begin)}});
  service_ = std::make_unique<ClassifierService>(*scorer_, ClassifierService::Options{},
                                                 host.workers(), host.metrics());
  host.AddService(service_.get());
  return absl::OkStatus();
}

void ClassifierApp::Drain(absl::Time) {
  if (service_ != nullptr) service_->Drain();
}

void ClassifierApp::Stop() { scorer_.reset(); }

}  // namespace aislewatch::classifier
