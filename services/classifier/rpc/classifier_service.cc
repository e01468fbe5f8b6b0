#include "services/classifier/rpc/classifier_service.h"

#include <optional>
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
  StreamSession(const ModelSlot<ClipScorer>& scorers, const ClassifierSession::Options& options)
      : scorers_(scorers), options_(options) {}

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
    TakeUp(scorers_.Current());
    // The answer holds its scorer, which may serve no longer by then.
    core_->Classify(FromProto(item.capture_time()), expire_time, std::move(crops),
                    [done = std::move(done), scorer = scorer_](
                        absl::StatusOr<std::vector<TrackScore>> tracks) mutable {
                      if (tracks.ok()) {
                        done(ToProto(*tracks, scorer->model()));
                      } else {
                        done(tracks.status());
                      }
                    });
  }

 private:
  void TakeUp(std::shared_ptr<ClipScorer> scorer) {
    if (scorer == scorer_) return;
    core_.emplace(*scorer, options_);
    scorer_ = std::move(scorer);
  }

  const ModelSlot<ClipScorer>& scorers_;
  const ClassifierSession::Options options_;
  std::shared_ptr<ClipScorer> scorer_;
  std::optional<ClassifierSession> core_;
};

absl::StatusOr<OpenedStage<Traits>> OpenStream(const v1::ClassificationStreamConfig& config,
                                               const ModelSlot<ClipScorer>& scorers,
                                               const ClassifierSession::Options& options) {
  const ModelInfo model = scorers.Current()->model();
  if (!config.model().empty() && config.model() != model.name) {
    return absl::NotFoundError(absl::StrCat("no model \"", config.model(),
                                            "\" here; this service runs \"", model.name,
                                            "\", or leave the name empty for the default"));
  }
  OpenedStage<Traits> opened;
  opened.session = std::make_unique<StreamSession>(scorers, options);
  opened.model = ToProto(model);
  return opened;
}

}  // namespace

ClassifierService::ClassifierService(std::shared_ptr<ClipScorer> scorer, const Options& options,
                                     ThreadPool& workers, Metrics& metrics, Clock& clock)
    : served_(metrics, "classifier", "classifier"),
      scorers_(std::move(scorer)),
      endpoint_(
          [this, session = options.session](const v1::ClassificationStreamConfig& config) {
            return OpenStream(config, scorers_, session);
          },
          options.endpoint, workers, metrics, clock) {
  served_.Set(scorers_.Current()->model());
}

void ClassifierService::Serve(std::shared_ptr<ClipScorer> scorer) {
  served_.Set(scorer->model());
  scorers_.Serve(std::move(scorer));
}

void ClassifierService::Stop() {
  for (const auto& scorer : scorers_.All()) scorer->Shutdown();
}

}  // namespace aislewatch::classifier
