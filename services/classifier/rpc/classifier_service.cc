#include "services/classifier/rpc/classifier_service.h"

#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/base/status.h"
#include "common/rpc/convert.h"
#include "common/rpc/image_convert.h"

namespace aislewatch::classifier {
namespace {

using Traits = ClassifierStageTraits;

v1::ModelVersion ToProto(const ModelInfo& info) {
  v1::ModelVersion version;
  version.set_name(info.name);
  version.set_version(info.version);
  return version;
}

v1::TrackClipScore ToProto(const TrackScore& track) {
  v1::TrackClipScore out;
  out.set_track_id(track.track_id);
  if (!track.status.ok()) {
    out.mutable_status()->set_outcome(v1::OUTCOME_REJECTED);
    out.mutable_status()->set_reason(std::string(track.status.message()));
    return out;
  }
  out.mutable_status()->set_outcome(v1::OUTCOME_OK);
  for (int i = 0; i < kActionCount; ++i) {
    v1::ActionProbability& action = *out.add_actions();
    action.set_action(static_cast<v1::Action>(i + 1));  // UNSPECIFIED is 0.
    action.set_probability(track.score.scores.probability[i]);
  }
  out.set_shoplifting(track.score.scores.shoplifting);
  out.set_frames_seen(static_cast<uint32_t>(track.score.frames_seen));
  return out;
}

v1::ClipScores ToProto(const std::vector<TrackScore>& tracks, const ModelInfo& model) {
  v1::ClipScores out;
  for (const TrackScore& track : tracks) *out.add_scores() = ToProto(track);
  *out.mutable_model() = ToProto(model);
  return out;
}

absl::StatusOr<PersonView> ViewOf(const v1::PersonCrop& crop) {
  PersonView view;
  AW_ASSIGN_OR_RETURN(view.crop, FromProto(crop.image()));
  if (crop.keypoints().empty()) return view;
  AW_ASSIGN_OR_RETURN(view.keypoints, FromProto(crop.keypoints()));
  return view;
}

class StreamSession : public StageSession<Traits> {
 public:
  StreamSession(ClipScorer& scorer, const ClassifierSession::Options& options)
      : scorer_(scorer), core_(scorer, options) {}

  void Process(v1::PersonCrops item, Done done) override {
    std::vector<PersonCrop> crops;
    // Nothing of a message that will be refused is worth decoding.
    if (static_cast<size_t>(item.crops_size()) <= kMaxCropsPerItem) {
      for (const v1::PersonCrop& crop : item.crops()) {
        crops.push_back({crop.track_id(), ViewOf(crop)});
      }
    } else {
      crops.assign(static_cast<size_t>(item.crops_size()),
                   PersonCrop{0, absl::InvalidArgumentError("not decoded")});
    }
    const absl::Time expire_time =
        item.has_expire_time() ? FromProto(item.expire_time()) : absl::InfiniteFuture();
    core_.Classify(FromProto(item.capture_time()), expire_time, std::move(crops),
                   [done = std::move(done), &model = scorer_.model()](
                       absl::StatusOr<std::vector<TrackScore>> tracks) mutable {
                     if (tracks.ok()) {
                       done(ToProto(*tracks, model));
                     } else {
                       done(tracks.status());
                     }
                   });
  }

 private:
  ClipScorer& scorer_;
  ClassifierSession core_;
};

absl::StatusOr<OpenedStage<Traits>> OpenStream(const v1::ClassificationStreamConfig& config,
                                               ClipScorer& scorer,
                                               const ClassifierSession::Options& options) {
  const ModelInfo& model = scorer.model();
  if (!config.model().empty() && config.model() != model.name) {
    return absl::NotFoundError(absl::StrCat("no model \"", config.model(),
                                            "\" here; this service runs \"", model.name,
                                            "\", or leave the name empty for the default"));
  }
  OpenedStage<Traits> opened;
  opened.session = std::make_unique<StreamSession>(scorer, options);
  opened.model = ToProto(model);
  return opened;
}

}  // namespace

ClassifierService::ClassifierService(ClipScorer& scorer, const Options& options,
                                     ThreadPool& workers, Metrics& metrics, Clock& clock)
    : endpoint_(
          [&scorer, session = options.session](const v1::ClassificationStreamConfig& config) {
            return OpenStream(config, scorer, session);
          },
          options.endpoint, workers, metrics, clock) {
  const ModelInfo& model = scorer.model();
  metrics
      .GetGauge("aislewatch_classifier_model_info", "1 for each model that is served",
                {{"role", "classifier"}, {"name", model.name}, {"version", model.version}})
      .Set(1);
}

}  // namespace aislewatch::classifier
