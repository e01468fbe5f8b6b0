// What passes between a camera's pipeline and the stages of the cluster, and the stages as the
// pipeline sees them. Plain values; testing/fake_stages.h has stages for tests.
//
// What the pipeline only hands on (zones, rules, incidents, parts of a risk, things seen) stays in
// the bytes of the contract's messages: ingest neither understands nor loses a field that it has no
// use for.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/functional/any_invocable.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/roles/clip_classifier.h"
#include "common/roles/model_info.h"
#include "common/vision/geometry.h"
#include "services/ingest/core/picture.h"

namespace aislewatch::ingest {

/// A picture on its way through the pipeline.
struct Frame {
  /// Rises over the life of the pipeline; gaps are allowed.
  uint64_t sequence = 0;
  absl::Time capture_time;
  /// Not worth anything from this time on.
  absl::Time expire_time = absl::InfiniteFuture();
  std::shared_ptr<const Picture> picture;
};

/// What the object model saw in a frame, and at whom it looked.
struct ObjectLooks {
  /// Each an aislewatch.v1.DetectedObject.
  std::vector<std::string> objects;
  std::vector<uint64_t> track_ids;
};

struct PoseAnswer {
  std::vector<TrackedPerson> people;
  ModelInfo model;
  /// Empty where the pose service runs no object model.
  ObjectLooks looks;
  /// The object model where it looked at anybody.
  std::optional<ModelInfo> object_model;
};

/// A person cut out of a frame.
struct PersonCrop {
  uint64_t track_id = 0;
  cv::Mat image;
  /// In fractions of `image`.
  Pose keypoints{};
};

struct CropBatch {
  uint64_t sequence = 0;
  absl::Time capture_time;
  absl::Time expire_time = absl::InfiniteFuture();
  std::vector<PersonCrop> crops;
};

/// What the classifier says of one track.
struct ClipScore {
  uint64_t track_id = 0;
  ActionScores scores;
  /// Crops that the score rests on.
  uint32_t frames_seen = 0;
};

struct ClassifierAnswer {
  /// Of the tracks whose crops could be read.
  std::vector<ClipScore> scores;
  ModelInfo model;
};

struct ObservedPerson {
  TrackedPerson person;
  std::optional<ClipScore> clip;
};

/// Everything known about one frame.
struct Observation {
  uint64_t sequence = 0;
  absl::Time capture_time;
  absl::Time expire_time = absl::InfiniteFuture();
  FrameSize frame;
  std::vector<ObservedPerson> people;
  ObjectLooks looks;
  /// Stages that did not answer for this frame.
  std::vector<std::string> degraded;
  std::vector<ModelInfo> models;
  /// Nothing will follow: fusion closes what is open.
  bool last = false;
};

/// A named share of a risk.
struct RiskPart {
  std::string name;
  /// 0..1.
  float value = 0;
  /// To the risk's log-odds.
  float contribution = 0;
};

struct TrackRisk {
  uint64_t track_id = 0;
  /// 0..1.
  float risk = 0;
  /// An aislewatch.v1.TrackRisk.
  std::string message;
  /// What score curves show of it.
  std::optional<float> pose_anomaly;
  std::optional<float> shoplifting;
  std::vector<RiskPart> parts;
  std::vector<std::string> zone_ids;
};

enum class TransitionKind { kOpened, kUpdated, kClosed };

/// A step in the life of an incident.
struct Transition {
  std::string incident_id;
  uint32_t number = 0;
  TransitionKind kind = TransitionKind::kOpened;
  absl::Time peak_time;
  /// For people, for example "concealment".
  std::string label;
  /// An aislewatch.v1.IncidentTransition.
  std::string message;
};

/// What somebody gave a zone of attention.
struct Visit {
  std::string visit_id;
  absl::Time end_time;
  /// An aislewatch.v1.ZoneVisit.
  std::string message;
};

struct FusionAnswer {
  std::vector<TrackRisk> risks;
  std::vector<Transition> transitions;
  /// That have ended.
  std::vector<Visit> visits;
  ModelInfo model;
  /// For the journal: an aislewatch.v1.JudgedFrame; empty where fusion told none.
  std::string judged;
};

/// A stage of the cluster. Every call is answered by exactly one call of `done`: at once, or from
/// any thread, and at the latest shortly after expire_time. Errors:
///   DEADLINE_EXCEEDED  the item expired before it was its turn; it was not inferred.
///   INVALID_ARGUMENT   the stage refused this item; the message says why.
///   anything else      the stage is away.
/// `done` may be destroyed uncalled only after Close. Thread-safe; calls do not block.
template <class Item, class Answer>
class Stage {
 public:
  using Done = absl::AnyInvocable<void(absl::StatusOr<Answer>)>;
  virtual ~Stage() = default;
  /// Sequences rise from call to call.
  virtual void Send(Item item, Done done) = 0;
  /// Answers what is pending with CANCELLED and returns when no callback runs any more.
  virtual void Close() = 0;
};

using PoseStage = Stage<Frame, PoseAnswer>;
using ClassifierStage = Stage<CropBatch, ClassifierAnswer>;
using FusionStage = Stage<Observation, FusionAnswer>;

}  // namespace aislewatch::ingest
