#include "services/fusion/rpc/fusion_service.h"

#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/base/ids.h"
#include "common/base/status.h"
#include "common/scene/proto_scene.h"
#include "services/fusion/core/fusion_stream.h"
#include "services/fusion/rpc/fusion_convert.h"
#include "services/fusion/rpc/judged_convert.h"

namespace aislewatch::fusion {
namespace {

// Of each rule in the answer to a rehearsal.
constexpr uint32_t kMaxExamples = 100;

class Session : public StageSession<FusionStageTraits> {
 public:
  Session(FusionStream::Options options, const v1::FusionStreamConfig& config,
          FusionMetrics& metrics)
      : stream_(std::move(options), metrics),
        identity_(config.identity()),
        tell_judged_(config.tell_judged()) {}

  void Process(v1::Observation item, Done done) override {
    const absl::StatusOr<Observation> observation = ObservationFromProto(item);
    if (!observation.ok()) {
      done(observation.status());
      return;
    }
    const Judgement judgement = stream_.Judge(*observation);
    v1::FusionResult result = JudgementToProto(judgement, identity_, stream_.model());
    if (tell_judged_) *result.mutable_judged() = JudgedToProto(judgement.judged);
    done(std::move(result));
  }

 private:
  FusionStream stream_;
  const v1::StreamIdentity identity_;
  const bool tell_judged_;
};

void ExportModel(const char* role, const ModelInfo& model, Metrics& metrics) {
  metrics
      .GetGauge("aislewatch_fusion_model_info", "1 for each model that is served",
                {{"role", role}, {"name", model.name}, {"version", model.version}})
      .Set(1);
}

void CheckIdentity(const v1::StreamIdentity& identity, std::vector<std::string>& faults) {
  absl::Status status = CheckId(identity.camera_id(), "identity.camera_id");
  if (!status.ok()) faults.emplace_back(status.message());
  if (identity.store_id().empty()) return;
  status = CheckId(identity.store_id(), "identity.store_id");
  if (!status.ok()) faults.emplace_back(status.message());
}

absl::Status CheckModel(const std::string& asked, const ModelInfo& served) {
  if (asked.empty() || asked == served.name ||
      asked == absl::StrCat(served.name, "/", served.version)) {
    return absl::OkStatus();
  }
  return absl::NotFoundError(absl::StrCat(
      "model \"", asked.substr(0, 80), "\" is not served here; this replica serves ",
      served.name.empty() ? "none" : absl::StrCat("\"", served.name, "/", served.version, "\""),
      "; leave model empty to use that"));
}

}  // namespace

FusionService::FusionService(std::shared_ptr<const PoseAnomalyScorer> scorer,
                             FusionServiceOptions options, ThreadPool& workers, Metrics& metrics,
                             Clock& clock)
    : scorer_(std::move(scorer)),
      options_(std::move(options)),
      fusion_metrics_(metrics),
      endpoint_([this](const v1::FusionStreamConfig& config) { return Open(config); },
                {.max_in_flight = options_.max_in_flight}, workers, metrics, clock),
      rehearsals_([this](const v1::RehearsalConfig& config) { return OpenRehearsal(config); },
                  options_.rehearsals, workers) {
  if (scorer_ != nullptr) ExportModel("pose_anomaly", scorer_->info(), metrics);
  if (options_.fighting != nullptr) ExportModel("fighting", options_.fighting->info(), metrics);
  if (!options_.risk_model.name.empty()) ExportModel("risk", options_.risk_model, metrics);
}

absl::StatusOr<OpenedStage<FusionStageTraits>> FusionService::Open(
    const v1::FusionStreamConfig& config) {
  std::vector<std::string> faults;
  CheckIdentity(config.identity(), faults);
  FusionStream::Options options;
  options.open_incidents = OpenIncidentsFromProto(config, faults);
  absl::StatusOr<Scene> scene = SceneFromProto(config.zones(), config.rules());
  if (!scene.ok()) faults.emplace_back(scene.status().message());
  if (!faults.empty()) return absl::InvalidArgumentError(JoinFaults(faults));
  const ModelInfo model = scorer_ == nullptr ? ModelInfo{} : scorer_->info();
  AW_RETURN_IF_ERROR(CheckModel(config.model(), model));

  options.settings = options_.settings;
  options.scene = *std::move(scene);
  if (options.scene.rules.empty()) options.scene.rules = options_.rules;
  options.scorer = scorer_;
  if (scorer_ != nullptr && options_.scorer_for) {
    options.scorer = options_.scorer_for(config.identity().camera_id(), scorer_);
  }
  options.fighting = options_.fighting;
  options.risk_model = options_.risk_model;
  options.new_id = NewUuid;
  OpenedStage<FusionStageTraits> opened;
  opened.session = std::make_unique<Session>(std::move(options), config, fusion_metrics_);
  if (!model.name.empty()) opened.model = ModelToProto(model);
  return opened;
}

absl::StatusOr<Rehearsal::Options> FusionService::OpenRehearsal(
    const v1::RehearsalConfig& config) const {
  std::vector<std::string> faults;
  CheckIdentity(config.identity(), faults);
  absl::StatusOr<Scene> scene = SceneFromProto(config.zones(), config.rules());
  if (!scene.ok()) faults.emplace_back(scene.status().message());
  if (config.max_examples() > kMaxExamples) {
    faults.push_back(absl::StrCat("max_examples must be 0..", kMaxExamples));
  }
  if (!faults.empty()) return absl::InvalidArgumentError(JoinFaults(faults));
  Rehearsal::Options options;
  options.settings = options_.settings;
  options.scene = *std::move(scene);
  if (options.scene.rules.empty()) options.scene.rules = options_.rules;
  if (config.max_examples() > 0) options.max_examples = config.max_examples();
  return options;
}

}  // namespace aislewatch::fusion
