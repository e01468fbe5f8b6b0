// One camera's stream through pose extraction: pictures in, tracked people out, in order.
#pragma once

#include <memory>
#include <opencv2/core/mat.hpp>
#include <vector>

#include "absl/functional/any_invocable.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/base/metrics.h"
#include "common/roles/model_info.h"
#include "common/vision/geometry.h"
#include "common/vision/seen_object.h"
#include "services/pose/core/object_spotter.h"
#include "services/pose/core/object_watch.h"
#include "services/pose/core/pose_batcher.h"
#include "services/pose/core/tracker.h"

namespace aislewatch::pose {

/// What looks at a picture. Whoever shares it must not be the last to let go of the engine within
/// an answer, which comes on the engine's own thread.
struct PoseModels {
  std::shared_ptr<PoseEngine> poses;
  /// Null: nobody looks at what people hold.
  std::shared_ptr<ObjectSpotter> objects;
};

/// What the session says of one picture.
struct PoseResult {
  FrameSize frame;
  /// Everybody whose track is confirmed and who is seen in this picture.
  std::vector<TrackedPerson> people;
  /// At whom the object model looked, and what it saw. Empty without such a model.
  ObjectLooks looks;
  /// Which models that were; the second only where somebody was looked at.
  ModelInfo model;
  ModelInfo object_model;
};

/// Counts what trackers find, over all streams. Thread-safe; the Metrics must outlive it.
class TrackingMetrics {
 public:
  explicit TrackingMetrics(Metrics& metrics);
  /// A picture was tracked; `people` were seen, `new_tracks` of them were confirmed by it.
  void CountFrame(size_t people, size_t new_tracks);

 private:
  Histogram& frame_people_;
  Counter& tracks_;
};

/// Sends pictures to the batchers and what comes back through the stream's tracker.
///
/// The batchers' threads finish pictures in any order; the tracker sees them in the order of
/// Process, and answers are given in that order too. A picture that was not inferred (expired,
/// dropped, failed) leaves the tracker as it was: a gap, which it knows how to bridge.
///
/// Where there is an object model, it looks at people once they are tracked, on the thread that
/// inferred their poses: an answer is of one picture whole, so that a file gives the same answers
/// however fast it is read, and the processor threads in use stay those that were asked for.
///
/// Process comes from one thread at a time; answers come from the batchers' threads or from within
/// Process. The session may be destroyed while answers are outstanding; they are still given.
/// `metrics` must outlive every outstanding answer.
class PoseSession {
 public:
  using Done = absl::AnyInvocable<void(absl::StatusOr<PoseResult>)>;

  PoseSession(Tracker tracker, TrackingMetrics& metrics, const ObjectWatchOptions& watch = {});
  ~PoseSession();

  /// Has `models` look at the picture, which may be others than looked at the one before: tracks go
  /// on. Takes an 8-bit BGR picture, not empty, captured at `capture_time` and not worth inferring
  /// from `expire_time` on. Calls `done` exactly once: a result, DEADLINE_EXCEEDED (never
  /// inferred), RESOURCE_EXHAUSTED (the queue was full), CANCELLED (shutting down), or the model's
  /// error. Does not wait for the inference.
  void Process(PoseModels models, cv::Mat picture, absl::Time capture_time, absl::Time expire_time,
               Done done);

 private:
  class Order;

  const std::shared_ptr<Order> order_;
};

}  // namespace aislewatch::pose
