// An object detector that sees what a test says.
#pragma once

#include <utility>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/synchronization/mutex.h"
#include "common/roles/object_detector.h"

namespace aislewatch::pose::testing {

/// Sees the same things in every picture. Its classes are knife, a weapon, and phone.
class FakeObjectDetector : public ObjectDetector {
 public:
  static constexpr int kKnife = 0;
  static constexpr int kPhone = 1;

  /// What the fake is told and was asked; kept by the test beyond the fake's life. Thread-safe.
  class Probe {
   public:
    /// What every picture shows from now on, best first.
    void Show(std::vector<DetectedObject> objects) {
      absl::MutexLock lock(&mutex_);
      objects_ = std::move(objects);
    }
    /// Every call fails with `status` from now on.
    void FailWith(absl::Status status) {
      absl::MutexLock lock(&mutex_);
      failure_ = std::move(status);
    }
    /// Sizes of the pictures of each call so far.
    std::vector<std::vector<cv::Size>> calls() const {
      absl::MutexLock lock(&mutex_);
      return calls_;
    }

   private:
    friend class FakeObjectDetector;

    mutable absl::Mutex mutex_;
    std::vector<DetectedObject> objects_ ABSL_GUARDED_BY(mutex_);
    absl::Status failure_ ABSL_GUARDED_BY(mutex_);
    std::vector<std::vector<cv::Size>> calls_ ABSL_GUARDED_BY(mutex_);
  };

  /// `probe` outlives the fake.
  explicit FakeObjectDetector(Probe& probe) : probe_(probe) {}

  absl::StatusOr<std::vector<std::vector<DetectedObject>>> Detect(
      absl::Span<const cv::Mat> images) override {
    absl::MutexLock lock(&probe_.mutex_);
    std::vector<cv::Size>& sizes = probe_.calls_.emplace_back();
    for (const cv::Mat& image : images) sizes.push_back(image.size());
    if (!probe_.failure_.ok()) return probe_.failure_;
    return std::vector<std::vector<DetectedObject>>(images.size(), probe_.objects_);
  }
  const std::vector<ObjectClass>& classes() const override { return classes_; }
  float threshold() const override { return 0.5f; }
  const ModelInfo& info() const override { return info_; }

 private:
  Probe& probe_;
  const std::vector<ObjectClass> classes_ = {{"knife", true}, {"phone", false}};
  const ModelInfo info_{"fake-objects", "1"};
};

}  // namespace aislewatch::pose::testing
