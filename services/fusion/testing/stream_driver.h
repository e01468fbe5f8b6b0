// Plays frames to a FusionStream, ten a second unless told otherwise.
#pragma once

#include <algorithm>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/base/metrics.h"
#include "services/fusion/core/fusion_stream.h"
#include "services/fusion/testing/fake_fighting_scorer.h"
#include "services/fusion/testing/fake_pose_anomaly_scorer.h"

namespace aislewatch::fusion {

/// A rectangle as a zone.
inline Zone Rectangle(std::string id, ZoneKind kind, float left, float top, float right,
                      float bottom) {
  return {std::move(id), "", kind, {{left, top}, {right, top}, {right, bottom}, {left, bottom}}};
}

inline Rule MakeRule(std::string id, IncidentKind kind) {
  Rule rule = DefaultRule(kind);
  rule.id = std::move(id);
  return rule;
}

/// A person who stands at `foot`; `anomaly` is what the fake scorer says of the pose.
inline ObservedPerson Person(uint64_t id, NormalizedPoint foot = {0.5f, 0.5f},
                             float anomaly = 0.5f) {
  ObservedPerson person;
  person.tracked.track_id = id;
  person.tracked.person.box = {foot.x - 0.05f, foot.y - 0.4f, 0.1f, 0.4f};
  for (Keypoint& joint : person.tracked.person.keypoints) joint = {anomaly, 0.5f, 0.9f};
  return person;
}

/// The same person, of whom the fake scorer of fights says `probability`; 0: that they are alone.
inline ObservedPerson Beside(ObservedPerson person, float probability) {
  for (Keypoint& joint : person.tracked.person.keypoints) joint.y = probability;
  return person;
}

/// The same person with the classifier's word on them.
inline ObservedPerson Doing(ObservedPerson person, Action action, float probability) {
  ActionScores scores;
  scores.probability.fill((1 - probability) / (kActionCount - 1));
  scores.probability[static_cast<size_t>(action)] = probability;
  const bool concealing =
      action == Action::kConcealingInClothes || action == Action::kConcealingInBag;
  scores.shoplifting = concealing ? probability : (1 - probability) / 2;
  person.clip = scores;
  return person;
}

/// A thing as the object model tells it.
inline SeenObject Seeing(std::string name, float score, bool weapon) {
  return {std::move(name), score, {0.5f, 0.3f, 0.02f, 0.04f}, weapon, 1};
}

/// The same person as the object model saw them.
inline ObservedPerson LookedAt(ObservedPerson person, std::vector<SeenObject> seen) {
  for (SeenObject& object : seen) object.track_id = person.tracked.track_id;
  person.objects = std::move(seen);
  return person;
}

inline ObservedPerson Concealing(uint64_t id, float probability = 0.92f,
                                 NormalizedPoint foot = {0.5f, 0.5f}) {
  return Doing(Person(id, foot), Action::kConcealingInBag, probability);
}

class StreamDriver {
 public:
  explicit StreamDriver(Scene scene, FusionSettings settings = {},
                        std::vector<Incident> open_incidents = {})
      : fusion_metrics_(metrics_) {
    FusionStream::Options options;
    options.settings = settings;
    options.scene = std::move(scene);
    options.open_incidents = std::move(open_incidents);
    options.scorer = std::make_shared<FakePoseAnomalyScorer>();
    options.fighting = std::make_shared<FakeFightingScorer>();
    options.new_id = [this] { return absl::StrCat("incident-", ++ids_); };
    stream_ = std::make_unique<FusionStream>(std::move(options), fusion_metrics_);
  }

  /// One frame, a step after the one before.
  Judgement Frame(std::vector<ObservedPerson> people, std::vector<std::string> degraded = {}) {
    Observation observation;
    observation.capture_time = now_ += step_;
    observation.frame = {640, 360};
    observation.people = std::move(people);
    observation.degraded = std::move(degraded);
    observation.models = {{"movenet", "1"}};
    return Judge(observation);
  }

  /// The observation after which nothing follows; at the time of the last frame.
  Judgement Last() {
    Observation observation;
    observation.capture_time = now_;
    observation.frame = {640, 360};
    observation.last = true;
    return Judge(observation);
  }

  Judgement Judge(const Observation& observation) {
    Judgement judgement = stream_->Judge(observation);
    for (const Transition& transition : judgement.transitions) all_.push_back(transition);
    return judgement;
  }

  /// The same frame again and again for `duration`. Returns what happened in the meantime.
  std::vector<Transition> Play(absl::Duration duration, const std::vector<ObservedPerson>& people,
                               std::vector<std::string> degraded = {}) {
    const size_t before = all_.size();
    const int64_t frames = duration / step_;
    for (int64_t i = 0; i < frames; ++i) Frame(people, degraded);
    return {all_.begin() + static_cast<std::ptrdiff_t>(before), all_.end()};
  }

  /// Nobody films for so long.
  void Skip(absl::Duration duration) { now_ += duration; }
  void set_step(absl::Duration step) { step_ = step; }

  double Metric(const std::string& name, const Labels& labels = {}) const {
    return metrics_.Value("aislewatch_fusion_" + name, labels);
  }
  double Suppressed(const std::string& reason) const {
    return Metric("suppressed_total", {{"reason", reason}});
  }

  FusionStream& stream() { return *stream_; }
  void EndStream() { stream_.reset(); }
  absl::Time now() const { return now_; }
  /// Everything that has happened.
  const std::vector<Transition>& all() const { return all_; }
  /// How many incidents were opened.
  size_t opened() const {
    return static_cast<size_t>(std::count_if(all_.begin(), all_.end(), [](const Transition& t) {
      return t.kind == TransitionKind::kOpened;
    }));
  }

 private:
  FakeMetrics metrics_;
  FusionMetrics fusion_metrics_;
  int ids_ = 0;
  std::unique_ptr<FusionStream> stream_;
  absl::Time now_ = absl::FromUnixSeconds(1700000000);
  absl::Duration step_ = absl::Milliseconds(100);
  std::vector<Transition> all_;
};

}  // namespace aislewatch::fusion
