#include "services/fusion/core/fusion_stream.h"

#include <algorithm>
#include <unordered_map>
#include <utility>

namespace aislewatch::fusion {

FusionStream::FusionStream(Options options, FusionMetrics& metrics)
    : options_(std::move(options)),
      scorer_(options_.scorer),
      fighting_(options_.fighting),
      metrics_(metrics),
      tracks_(options_.settings.weights, options_.scene.zones, scorer_.get(), fighting_.get()),
      incidents_(options_.settings.incidents, options_.scene.rules, options_.scene.zones, metrics,
                 options_.new_id, options_.open_incidents) {
  for (const Rule& rule : options_.scene.rules) {
    evaluators_.push_back(MakeEvaluator(rule, options_.scene.zones, options_.settings));
  }
}

void FusionStream::Use(std::shared_ptr<const PoseAnomalyScorer> scorer) {
  tracks_.Use(scorer.get());
  scorer_ = std::move(scorer);
}

void FusionStream::Use(std::shared_ptr<const FightingScorer> fighting) {
  tracks_.Use(fighting.get());
  fighting_ = std::move(fighting);
}

Judgement FusionStream::Judge(const Observation& observation) {
  const Tick tick = Advance(observation.capture_time);
  JudgedFrame frame{.capture_time = capture_time_,
                    .frame = observation.frame,
                    .people = tracks_.Look(observation, tick),
                    .degraded = observation.degraded,
                    .first = !began_,
                    .last = observation.last};
  began_ = true;
  const std::vector<TrackView> tracks = tracks_.Follow(frame.people, frame.frame, tick);
  Judgement judgement;
  judgement.transitions = Decide(tick, tracks, Models(observation, tracks), frame);
  judgement.people = Risks(observation, tracks);
  judgement.visits = EndedVisits(observation.last);
  judgement.judged = std::move(frame);
  metrics_.Judged(observation.people.size());
  return judgement;
}

std::vector<Transition> FusionStream::Rejudge(const JudgedFrame& frame) {
  const Tick tick = Advance(frame.capture_time);
  const std::vector<TrackView> tracks = tracks_.Follow(frame.people, frame.frame, tick);
  tracks_.TakeVisits();  // They were told when they were seen.
  return Decide(tick, tracks, {}, frame);
}

Tick FusionStream::Advance(absl::Time given) {
  if (given != absl::InfiniteFuture() && given != absl::InfinitePast()) capture_time_ = given;
  return clock_.Advance(capture_time_);
}

std::vector<Transition> FusionStream::Decide(const Tick& tick, absl::Span<const TrackView> tracks,
                                             absl::Span<const ModelInfo> models,
                                             const JudgedFrame& frame) {
  const SceneView scene{tick, tracks, tracks_.forgotten()};
  const bool blind =
      std::find(frame.degraded.begin(), frame.degraded.end(), kPoseStage) != frame.degraded.end();
  const FrameFacts facts{capture_time_, models, frame.degraded, blind};
  std::vector<Transition> transitions = incidents_.Step(scene, facts, Evaluate(scene));
  if (frame.last) incidents_.CloseAll(tick, facts, transitions);
  return transitions;
}

ModelInfo FusionStream::model() const {
  return scorer_ == nullptr ? ModelInfo{} : scorer_->info();
}

std::vector<Signal> FusionStream::Evaluate(const SceneView& scene) {
  std::vector<Signal> signals;
  for (const auto& evaluator : evaluators_) {
    for (Signal& signal : evaluator->Evaluate(scene)) signals.push_back(std::move(signal));
  }
  return signals;
}

std::vector<Visit> FusionStream::EndedVisits(bool last) {
  if (last) tracks_.EndVisits();
  std::vector<Visit> visits = tracks_.TakeVisits();
  for (Visit& visit : visits) {
    visit.id = options_.new_id();
    metrics_.Visited(visit.zone_kind);
  }
  return visits;
}

std::vector<PersonRisk> FusionStream::Risks(const Observation& observation,
                                            const std::vector<TrackView>& tracks) const {
  std::unordered_map<uint64_t, const TrackView*> by_id;
  for (const TrackView& track : tracks) by_id[track.id] = &track;
  std::vector<PersonRisk> risks;
  risks.reserve(observation.people.size());
  for (const ObservedPerson& person : observation.people) {
    // Two people with one id get the same answer: that of the first.
    const TrackView& track = *by_id.at(person.tracked.track_id);
    PersonRisk risk;
    risk.track_id = track.id;
    risk.pose_anomaly = track.pose_anomaly;
    if (track.clip) risk.shoplifting = track.clip->shoplifting;
    risk.concealment = track.concealment;
    risk.fight = track.fight;
    for (const Stay& stay : track.stays) {
      risk.zone_ids.push_back(options_.scene.zones[stay.zone].id);
    }
    for (const size_t zone : track.looks_at) {
      risk.looking_at_zone_ids.push_back(options_.scene.zones[zone].id);
    }
    risk.dwell = track.dwell;
    risks.push_back(std::move(risk));
  }
  return risks;
}

std::vector<ModelInfo> FusionStream::Models(const Observation& observation,
                                            const std::vector<TrackView>& tracks) const {
  std::vector<ModelInfo> models = observation.models;
  const bool scored = std::any_of(tracks.begin(), tracks.end(), [](const TrackView& track) {
    return track.pose_anomaly.has_value();
  });
  if (scored) models.push_back(model());
  const bool paired = std::any_of(tracks.begin(), tracks.end(),
                                  [](const TrackView& track) { return track.pair.has_value(); });
  if (paired) models.push_back(fighting_->info());
  if (!tracks.empty() && !options_.risk_model.name.empty()) models.push_back(options_.risk_model);
  return models;
}

}  // namespace aislewatch::fusion
