// What people hold: the object model on people that a tracker follows.
#pragma once

#include <cstddef>
#include <memory>
#include <opencv2/core/mat.hpp>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"
#include "absl/types/span.h"
#include "common/base/clock.h"
#include "common/base/metrics.h"
#include "common/roles/object_detector.h"
#include "common/vision/seen_object.h"

namespace aislewatch::pose {

/// Looks at people with the object model. One for all streams: thread-safe, and looks come one
/// after the other, each for the time of an inference. `clock` and `metrics` must outlive it.
class ObjectSpotter {
 public:
  ObjectSpotter(std::unique_ptr<ObjectDetector> detector, Clock& clock, Metrics& metrics);

  /// Runs the model on up to as many grey pictures as `max_people` have hands, since a network
  /// prepares itself for each number that it sees. The model's error where it fails;
  /// INVALID_ARGUMENT where it has a class whose name could not be told to anybody.
  absl::Status Prepare(int max_people);

  /// Looks at the hands (HandRegions) of those of `people` (everybody in `picture`) whose indices
  /// are in `whom`, in one call of the model; each must have a hand to look at. A thing counts only
  /// in the look at the person whose hand is nearest of all `people`, so that neighbours do not
  /// both hold it. Of things in one place only the surest is told: what is rather a phone is no
  /// pistol.
  ///
  /// Where the model fails nobody was looked at; it is logged and counted, and poses are as good as
  /// ever.
  ObjectLooks Look(const cv::Mat& picture, absl::Span<const TrackedPerson> people,
                   absl::Span<const size_t> whom);

  const ModelInfo& model() const { return detector_->info(); }

 private:
  absl::StatusOr<std::vector<std::vector<DetectedObject>>> Detect(const std::vector<cv::Mat>& crops,
                                                                  size_t people);
  SeenObject Named(const DetectedObject& object, const cv::Rect& region, FrameSize frame) const;
  void Count(const ObjectLooks& looks);

  Clock& clock_;
  Counter& looks_;
  Counter& failed_looks_;
  Counter& weapons_;
  Counter& look_alikes_;
  Histogram& run_seconds_;

  absl::Mutex mutex_;
  // The pointer never changes; Detect is called under the mutex.
  const std::unique_ptr<ObjectDetector> detector_;
  bool failing_ ABSL_GUARDED_BY(mutex_) = false;
};

}  // namespace aislewatch::pose
