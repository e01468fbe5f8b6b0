#include "services/fusion/rpc/fusion_service.h"

#include <functional>
#include <memory>
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

/// What serves, as a stream sees it.
struct ServedScorers {
  const ModelSlot<const PoseAnomalyScorer>& anomaly;
  const ModelSlot<const FightingScorer>& fighting;
  /// The scorer as it is for a camera.
  std::function<std::shared_ptr<const PoseAnomalyScorer>(
      const std::string& camera_id, std::shared_ptr<const PoseAnomalyScorer>)>
      for_camera;
};

class Session : public StageSession<FusionStageTraits> {
 public:
  Session(ServedScorers served, FusionStream::Options options,
          const v1::FusionStreamConfig& config, FusionMetrics& metrics)
      : served_(std::move(served)),
        identity_(config.identity()),
        stream_(std::move(options), metrics),
        tell_judged_(config.tell_judged()) {}

  void Process(v1::Observation item, Done done) override {
    const absl::StatusOr<Observation> observation = ObservationFromProto(item);
    if (!observation.ok()) {
      done(observation.status());
      return;
    }
    TakeUpScorers();
    const Judgement judgement = stream_.Judge(*observation);
    v1::FusionResult result = JudgementToProto(judgement, identity_, stream_.model());
    if (tell_judged_) *result.mutable_judged() = JudgedToProto(judgement.judged);
    done(std::move(result));
  }

 private:
  // Those that serve now, where they are others than before; all of them the first time.
  void TakeUpScorers() {
    if (auto anomaly = served_.anomaly.Current(); anomaly != anomaly_) {
      stream_.Use(served_.for_camera(identity_.camera_id(), anomaly));
      anomaly_ = std::move(anomaly);
    }
    if (auto fighting = served_.fighting.Current(); fighting != fighting_) {
      stream_.Use(fighting);
      fighting_ = std::move(fighting);
    }
  }

  const ServedScorers served_;
  const v1::StreamIdentity identity_;
  FusionStream stream_;
  std::shared_ptr<const PoseAnomalyScorer> anomaly_;
  std::shared_ptr<const FightingScorer> fighting_;
  const bool tell_judged_;
};

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
    : scorers_(std::move(scorer)),
      fighting_(std::move(options.fighting)),
      served_anomaly_(metrics, "fusion", "pose_anomaly"),
      served_fighting_(metrics, "fusion", "fighting"),
      options_(std::move(options)),
      fusion_metrics_(metrics),
      endpoint_([this](const v1::FusionStreamConfig& config) { return Open(config); },
                {.max_in_flight = options_.max_in_flight}, workers, metrics, clock),
      rehearsals_([this](const v1::RehearsalConfig& config) { return OpenRehearsal(config); },
                  options_.rehearsals, workers) {
  if (const auto anomaly = scorers_.Current()) served_anomaly_.Set(anomaly->info());
  if (const auto fighting = fighting_.Current()) served_fighting_.Set(fighting->info());
  ServedModelGauge(metrics, "fusion", "risk").Set(options_.risk_model);
}

void FusionService::Serve(std::shared_ptr<const PoseAnomalyScorer> scorer) {
  served_anomaly_.Set(scorer->info());
  scorers_.Serve(std::move(scorer));
}

void FusionService::Serve(std::shared_ptr<const FightingScorer> fighting) {
  served_fighting_.Set(fighting->info());
  fighting_.Serve(std::move(fighting));
}

std::shared_ptr<const PoseAnomalyScorer> FusionService::ScorerFor(
    const std::string& camera_id, std::shared_ptr<const PoseAnomalyScorer> scorer) const {
  if (scorer == nullptr || !options_.scorer_for) return scorer;
  return options_.scorer_for(camera_id, std::move(scorer));
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
  const auto anomaly = scorers_.Current();
  const ModelInfo model = anomaly == nullptr ? ModelInfo{} : anomaly->info();
  AW_RETURN_IF_ERROR(CheckModel(config.model(), model));

  options.settings = options_.settings;
  options.scene = *std::move(scene);
  if (options.scene.rules.empty()) options.scene.rules = options_.rules;
  options.risk_model = options_.risk_model;
  options.new_id = NewUuid;
  OpenedStage<FusionStageTraits> opened;
  ServedScorers served{scorers_, fighting_, [this](const std::string& camera_id, auto scorer) {
                         return ScorerFor(camera_id, std::move(scorer));
                       }};
  opened.session =
      std::make_unique<Session>(std::move(served), std::move(options), config, fusion_metrics_);
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
