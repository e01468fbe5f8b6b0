// One camera's stream: observations in, risks and incident transitions out.
//
// The same observations give the same answers, however fast they come: the only time is their
// capture time. Not thread-safe: one observation after the other, which takes microseconds per
// person plus the pose scorer's time. Nothing an observation holds is trusted.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "absl/time/time.h"
#include "common/roles/fighting_scorer.h"
#include "common/roles/pose_anomaly_scorer.h"
#include "common/scene/scene.h"
#include "services/fusion/core/fusion_metrics.h"
#include "services/fusion/core/incident.h"
#include "services/fusion/core/incident_book.h"
#include "services/fusion/core/judged_frame.h"
#include "services/fusion/core/observation.h"
#include "services/fusion/core/rules/rule_evaluator.h"
#include "services/fusion/core/scene_clock.h"
#include "services/fusion/core/settings.h"
#include "services/fusion/core/track_book.h"

namespace aislewatch::fusion {

class FusionStream {
 public:
  struct Options {
    FusionSettings settings;
    /// Valid: SceneFaults(scene) is empty.
    Scene scene;
    /// Left open by a former stream of the camera.
    std::vector<Incident> open_incidents;
    /// May be null: poses count for nothing then.
    std::shared_ptr<const PoseAnomalyScorer> scorer;
    /// May be null: who is beside whom counts for nothing then.
    std::shared_ptr<const FightingScorer> fighting;
    /// What settings.weights are from; empty where they are set by hand.
    ModelInfo risk_model;
    /// Gives incidents and visits their UUIDs.
    std::function<std::string()> new_id;
  };

  /// `metrics` must outlive the stream.
  FusionStream(Options options, FusionMetrics& metrics);
  /// Leaves open incidents open.
  ~FusionStream() = default;
  FusionStream(const FusionStream&) = delete;
  FusionStream& operator=(const FusionStream&) = delete;

  /// Has another scorer, which may be null, judge from the next frame on. Tracks go on; what the
  /// scorer before remembered of them is forgotten.
  void Use(std::shared_ptr<const PoseAnomalyScorer> scorer);
  void Use(std::shared_ptr<const FightingScorer> fighting);

  /// Judges the next frame.
  Judgement Judge(const Observation& observation);

  /// What happens to incidents in a frame that was judged before, by whatever zones and rules. Not
  /// to be mixed with Judge on one stream.
  std::vector<Transition> Rejudge(const JudgedFrame& frame);

  /// The pose anomaly model, or empty.
  ModelInfo model() const;

 private:
  Tick Advance(absl::Time given);
  std::vector<Transition> Decide(const Tick& tick, absl::Span<const TrackView> tracks,
                                 absl::Span<const ModelInfo> models, const JudgedFrame& frame);
  std::vector<Signal> Evaluate(const SceneView& scene);
  std::vector<Visit> EndedVisits(bool last);
  std::vector<PersonRisk> Risks(const Observation& observation,
                                const std::vector<TrackView>& tracks) const;
  std::vector<ModelInfo> Models(const Observation& observation,
                                const std::vector<TrackView>& tracks) const;

  const Options options_;
  std::shared_ptr<const PoseAnomalyScorer> scorer_;
  std::shared_ptr<const FightingScorer> fighting_;
  FusionMetrics& metrics_;
  SceneClock clock_;
  // The last capture time that was finite; what is written down where there is none.
  absl::Time capture_time_ = absl::UnixEpoch();
  bool began_ = false;
  TrackBook tracks_;
  std::vector<std::unique_ptr<RuleEvaluator>> evaluators_;
  IncidentBook incidents_;
};

}  // namespace aislewatch::fusion
