#include "services/fusion/app.h"

#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "common/base/clock.h"
#include "common/base/log.h"
#include "common/base/status.h"
#include "common/inference/model_repository.h"
#include "models/pose_anomaly/calibration/calibration_file.h"
#include "models/pose_anomaly/load.h"
#include "models/pose_fighting/pair_scorer.h"
#include "models/risk/risk_file.h"

namespace aislewatch::fusion {
namespace {

// What a flag NAME or NAME/VERSION names; the version is empty where it gives none.
std::pair<std::string, std::string> NameAndVersion(const std::string& model) {
  return absl::StrSplit(model, absl::MaxSplits('/', 1));
}

absl::StatusOr<std::shared_ptr<const PoseAnomalyScorer>> LoadScorer(const Config& config) {
  if (config.model == kNoModel) return nullptr;
  const auto [name, version] = NameAndVersion(config.model);
  return LoadPoseAnomalyScorer(ModelRepository(config.model_repository), name, version);
}

/// `scorer` as it is calibrated to the camera, or itself where there is no calibration that fits: a file
/// that is wrong must not stop a camera.
std::shared_ptr<const PoseAnomalyScorer> Calibrated(
    const std::string& folder, const std::string& camera_id,
    std::shared_ptr<const PoseAnomalyScorer> scorer) {
  auto calibration = pose_anomaly::LoadCalibration(folder, camera_id);
  if (absl::IsNotFound(calibration.status())) return scorer;
  if (!calibration.ok()) {
    LogWarning("a camera is scored without its calibration",
               {{"camera", camera_id}, {"why", std::string(calibration.status().message())}});
    return scorer;
  }
  const ModelInfo& model = scorer->info();
  if (calibration->model.name != model.name || calibration->model.version != model.version) {
    LogWarning("a camera is scored without its calibration",
               {{"camera", camera_id},
                {"why", absl::StrCat("it belongs to ", calibration->model.name, "/",
                                     calibration->model.version, ", but ", model.name, "/",
                                     model.version,
                                     " is served; run `aislewatch models calibrate` again")}});
    return scorer;
  }
  LogInfo("a camera is scored by ranks of its own",
          {{"camera", camera_id}, {"poses", absl::StrCat(calibration->poses)}});
  return pose_anomaly::NewCalibratedScorer(std::move(scorer), std::move(calibration->normal));
}

absl::StatusOr<std::shared_ptr<const FightingScorer>> LoadFighting(const Config& config) {
  if (config.fighting_model == kNoModel) return nullptr;
  const auto [name, version] = NameAndVersion(config.fighting_model);
  return LoadFightingScorer(ModelRepository(config.model_repository), name, version);
}

/// What weighs the parts, before the rules file changes it.
absl::StatusOr<RiskFile> LoadRisk(const Config& config) {
  if (config.risk_model == kNoModel) return RiskFile{};
  const auto [name, version] = NameAndVersion(config.risk_model);
  return LoadRiskFile(ModelRepository(config.model_repository), name, version);
}

std::string NameOf(const ModelInfo& info) { return absl::StrCat(info.name, "/", info.version); }

}  // namespace

void FusionApp::AddFlags(CLI::App& app, ServerOptions& server) {
  server.listen = "0.0.0.0:50054";
  server.metrics_listen = "0.0.0.0:9094";
  fusion::AddFlags(app, config_);
}

absl::Status FusionApp::Init(ServerHost& host) {
  AW_ASSIGN_OR_RETURN(RulesFile rules, EffectiveRules(config_));
  AW_ASSIGN_OR_RETURN(std::shared_ptr<const PoseAnomalyScorer> scorer, LoadScorer(config_));
  FusionServiceOptions options;
  AW_ASSIGN_OR_RETURN(options.fighting, LoadFighting(config_));
  AW_ASSIGN_OR_RETURN(const RiskFile risk, LoadRisk(config_));
  LogInfo("rules are read",
          {{"rules", absl::StrCat(rules.rules.size())},
           {"model", scorer == nullptr ? kNoModel : NameOf(scorer->info())},
           {"fighting_model",
            options.fighting == nullptr ? kNoModel : NameOf(options.fighting->info())},
           {"risk_model", risk.info.name.empty() ? kNoModel : NameOf(risk.info)}});
  options.settings = rules.settings;
  options.settings.weights = rules.weight_changes.ApplyTo(risk.weights);
  options.risk_model = risk.info;
  options.rules = std::move(rules.rules);
  if (!config_.calibrations.empty()) {
    options.scorer_for = [folder = config_.calibrations](const std::string& camera_id, auto scorer) {
      return Calibrated(folder, camera_id, std::move(scorer));
    };
  }
  const std::shared_ptr<const FightingScorer> fighting = options.fighting;
  service_ = std::make_unique<FusionService>(scorer, std::move(options), host.workers(),
                                             host.metrics());
  host.AddService(service_.get());
  if (config_.model_refresh == absl::ZeroDuration()) return absl::OkStatus();
  const ModelRepository repository(config_.model_repository);
  std::vector<WatchedModel> watched;
  if (scorer != nullptr && NameAndVersion(config_.model).second.empty()) {
    watched.push_back(WatchedOf(*service_, "pose_anomaly", scorer->info(),
                                [repository](const std::string& name, const std::string& version) {
                                  return LoadPoseAnomalyScorer(repository, name, version);
                                }));
  }
  if (fighting != nullptr && NameAndVersion(config_.fighting_model).second.empty()) {
    watched.push_back(WatchedOf(*service_, "fighting", fighting->info(),
                                [repository](const std::string& name, const std::string& version) {
                                  return LoadFightingScorer(repository, name, version);
                                }));
  }
  watch_ = std::make_unique<ModelWatch>(repository, "fusion", std::move(watched),
                                        config_.model_refresh, host.metrics(), RealClock());
  return absl::OkStatus();
}

void FusionApp::Drain(absl::Time) {
  if (watch_ != nullptr) watch_->Stop();
  if (service_ != nullptr) service_->Drain();
}

void FusionApp::Stop() { watch_.reset(); }

}  // namespace aislewatch::fusion
