#include "services/pose/rpc/pose_service.h"

#include <algorithm>
#include <functional>
#include <memory>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/base/ids.h"
#include "common/base/status.h"
#include "common/rpc/convert.h"
#include "common/rpc/image_convert.h"

namespace aislewatch::pose {
namespace {

v1::ModelVersion ToProto(const ModelInfo& model) {
  v1::ModelVersion proto;
  proto.set_name(model.name);
  proto.set_version(model.version);
  return proto;
}

v1::PoseFrame ToProto(const PoseResult& result) {
  v1::PoseFrame frame;
  for (const TrackedPerson& person : result.people) {
    *frame.add_people() = ::aislewatch::ToProto(person);
  }
  *frame.mutable_model() = ToProto(result.model);
  frame.set_frame_width(result.frame.width);
  frame.set_frame_height(result.frame.height);
  for (const SeenObject& object : result.looks.objects) {
    *frame.add_objects() = ::aislewatch::ToProto(object);
  }
  for (const uint64_t id : result.looks.track_ids) frame.add_looked_at_track_ids(id);
  if (!result.looks.track_ids.empty()) {
    *frame.mutable_object_model() = ToProto(result.object_model);
  }
  return frame;
}

// A stream's session: frames are decoded here, on the endpoint's workers.
class Session : public StageSession<PoseStageTraits> {
 public:
  Session(std::function<PoseModels()> models, Tracker tracker, const PoseServiceOptions& options,
          TrackingMetrics& tracking, Histogram& decode_seconds, Clock& clock)
      : models_(std::move(models)),
        session_(std::move(tracker), tracking, options.watch),
        decode_seconds_(decode_seconds),
        clock_(clock) {}

  void Process(v1::Frame frame, Done done) override {
    if (!frame.has_capture_time()) {
      done(absl::InvalidArgumentError("the frame has no capture_time; people are followed by it"));
      return;
    }
    const absl::Time start = clock_.Now();
    absl::StatusOr<cv::Mat> picture = FromProto(frame.image());
    decode_seconds_.Observe(absl::ToDoubleSeconds(clock_.Now() - start));
    if (!picture.ok()) {
      done(Annotate(picture.status(), "image"));
      return;
    }
    const absl::Time expire_time =
        frame.has_expire_time() ? FromProto(frame.expire_time()) : absl::InfiniteFuture();
    session_.Process(models_(), *std::move(picture), FromProto(frame.capture_time()), expire_time,
                     [done = std::move(done)](absl::StatusOr<PoseResult> result) mutable {
                       if (result.ok()) {
                         done(ToProto(*result));
                       } else {
                         done(result.status());
                       }
                     });
  }

 private:
  const std::function<PoseModels()> models_;
  PoseSession session_;
  Histogram& decode_seconds_;
  Clock& clock_;
};

absl::Status CheckConfig(const v1::PoseStreamConfig& config, const ModelInfo& model) {
  AW_RETURN_IF_ERROR(CheckId(config.identity().camera_id(), "identity.camera_id"));
  if (!config.identity().store_id().empty()) {
    AW_RETURN_IF_ERROR(CheckId(config.identity().store_id(), "identity.store_id"));
  }
  if (!(config.min_person_score() >= 0 && config.min_person_score() <= 1)) {
    return absl::InvalidArgumentError(
        absl::StrCat("min_person_score ", config.min_person_score(), " must be 0..1"));
  }
  if (!config.model().empty() && config.model() != model.name &&
      config.model() != absl::StrCat(model.name, "/", model.version)) {
    return absl::NotFoundError(absl::StrCat("model \"", config.model().substr(0, 80),
                                            "\" is not served here; this replica serves \"",
                                            model.name, "\", version ", model.version,
                                            "; leave model empty to use it"));
  }
  return absl::OkStatus();
}

}  // namespace

PoseService::PoseService(std::shared_ptr<PoseEngine> engine, PoseServiceOptions options,
                         ThreadPool& workers, Metrics& metrics, Clock& clock)
    : engines_(std::move(engine)),
      spotters_(std::move(options.spotter)),
      served_poses_(metrics, "pose", "pose"),
      served_objects_(metrics, "pose", "object"),
      options_(std::move(options)),
      clock_(clock),
      tracking_(metrics),
      decode_seconds_(metrics.GetHistogram("aislewatch_pose_decode_seconds",
                                           "Time to decode a frame's picture.", LatencyBuckets())),
      endpoint_([this](const v1::PoseStreamConfig& config) { return Open(config); },
                {.max_in_flight = options_.max_in_flight}, workers, metrics, clock) {
  served_poses_.Set(engines_.Current()->model);
  if (const auto spotter = spotters_.Current()) served_objects_.Set(spotter->model());
}

void PoseService::Serve(std::shared_ptr<PoseEngine> engine) {
  served_poses_.Set(engine->model);
  engines_.Serve(std::move(engine));
}

void PoseService::Serve(std::shared_ptr<ObjectSpotter> spotter) {
  served_objects_.Set(spotter->model());
  spotters_.Serve(std::move(spotter));
}

void PoseService::ReleaseUnused() {
  engines_.ReleaseUnused();
  spotters_.ReleaseUnused();
}

void PoseService::Stop() {
  for (const auto& engine : engines_.All()) engine->batcher->Shutdown();
}

absl::StatusOr<OpenedStage<PoseStageTraits>> PoseService::Open(
    const v1::PoseStreamConfig& config) {
  const ModelInfo model = engines_.Current()->model;
  AW_RETURN_IF_ERROR(CheckConfig(config, model));
  TrackerOptions tracker_options = options_.tracker;
  if (config.min_person_score() > 0) {
    tracker_options.low_score = config.min_person_score();
    tracker_options.high_score = std::max(tracker_options.high_score, config.min_person_score());
  }
  AW_ASSIGN_OR_RETURN(Tracker tracker, Tracker::Create(tracker_options));
  OpenedStage<PoseStageTraits> opened;
  opened.session =
      std::make_unique<Session>([this] { return Models(); }, std::move(tracker), options_,
                                tracking_, decode_seconds_, clock_);
  opened.model = ToProto(model);
  return opened;
}

}  // namespace aislewatch::pose
