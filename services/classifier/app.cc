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

absl::StatusOr<std::shared_ptr<ClipScorer>> ClassifierApp::LoadScorer(const std::string& name,
                                                                      const std::string& version,
                                                                      Metrics& metrics) const {
  AW_ASSIGN_OR_RETURN(std::unique_ptr<ClipClassifier> classifier,
                      LoadClipClassifier(ModelRepository(config_.model_repository), name, version,
                                         config_.torch_threads));
  return ClipScorer::Create(std::move(classifier),
                            {.max_batch = config_.max_batch,
                             .max_delay = config_.max_batch_delay,
                             .queue_capacity = config_.queue,
                             .metrics_prefix = "aislewatch_classifier"},
                            RealClock(), metrics);
}

absl::Status ClassifierApp::Init(ServerHost& host) {
  AW_RETURN_IF_ERROR(Validate(config_));
  const std::pair<std::string, std::string> model =
      absl::StrSplit(config_.model, absl::MaxSplits('/', 1));
  if (const ComputeCheck check = CheckCompute(); !check.warning.empty()) {
    LogWarning(check.warning);
  }
  const absl::Time begin = absl::Now();
  Metrics& metrics = host.metrics();
  AW_ASSIGN_OR_RETURN(std::shared_ptr<ClipScorer> scorer,
                      LoadScorer(model.first, model.second, metrics));
  const ModelInfo serving = scorer->model();
  LogInfo("model is warm", {{"model", absl::StrCat(serving.name, "/", serving.version)},
                            {"warm_up", absl::FormatDuration(absl::Now() - begin)}});
  service_ = std::make_unique<ClassifierService>(std::move(scorer), ClassifierService::Options{},
                                                 host.workers(), metrics);
  host.AddService(service_.get());
  std::vector<WatchedModel> watched;
  if (model.second.empty()) {
    watched.push_back(WatchedOf(*service_, "classifier", serving,
                                [this, &metrics](const std::string& name, const std::string& version) {
                                  return LoadScorer(name, version, metrics);
                                }));
  }
  if (config_.model_refresh > absl::ZeroDuration()) {
    watch_ = std::make_unique<ModelWatch>(ModelRepository(config_.model_repository), "classifier",
                                          std::move(watched), config_.model_refresh, metrics,
                                          RealClock());
  }
  return absl::OkStatus();
}

void ClassifierApp::Drain(absl::Time) {
  if (watch_ != nullptr) watch_->Stop();
  if (service_ != nullptr) service_->Drain();
}

void ClassifierApp::Stop() {
  watch_.reset();
  if (service_ != nullptr) service_->Stop();
}

}  // namespace aislewatch::classifier
