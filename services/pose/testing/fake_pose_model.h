// A pose model whose answers can be worked out by hand.
#pragma once

#include <utility>
#include <vector>

#include <opencv2/core.hpp>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/synchronization/mutex.h"
#include "common/roles/pose_model.h"
#include "services/pose/testing/people.h"

namespace aislewatch::pose::testing {

/// A picture in which FakePoseModel finds one person whose box has its centre at (x, 0.5).
inline cv::Mat PictureOfPersonAt(float x, FrameSize size = kTestFrame) {
  return cv::Mat(size.height, size.width, CV_8UC3, cv::Scalar::all(255.0 * x));
}

/// A picture in which FakePoseModel finds nobody.
inline cv::Mat EmptyPicture(FrameSize size = kTestFrame) {
  return cv::Mat(size.height, size.width, CV_8UC3, cv::Scalar::all(0));
}

/// Finds one person in every picture that is not black: the brighter, the further to the right.
class FakePoseModel : public PoseModel {
 public:
  /// What the fake is told and was asked; kept by the test beyond the fake's life. Thread-safe.
  class Probe {
   public:
    /// Every call fails with `status` from now on.
    void FailWith(absl::Status status) {
      absl::MutexLock lock(&mutex_);
      failure_ = std::move(status);
    }
    /// Calls block while held.
    void Hold(bool held) {
      absl::MutexLock lock(&mutex_);
      held_ = held;
    }
    /// Blocks until `calls` calls are held.
    void AwaitHeld(int calls = 1) {
      absl::MutexLock lock(&mutex_);
      const auto waiting = [this, calls] { return waiting_ >= calls; };
      mutex_.Await(absl::Condition(&waiting));
    }
    /// Sizes of the batches so far, in the order in which they began.
    std::vector<size_t> batches() const {
      absl::MutexLock lock(&mutex_);
      return batches_;
    }
    void ForgetBatches() {
      absl::MutexLock lock(&mutex_);
      batches_.clear();
    }

   private:
    friend class FakePoseModel;

    absl::Status Enter(size_t batch) {
      absl::MutexLock lock(&mutex_);
      batches_.push_back(batch);
      ++waiting_;
      const auto released = [this] { return !held_; };
      mutex_.Await(absl::Condition(&released));
      --waiting_;
      return failure_;
    }

    mutable absl::Mutex mutex_;
    absl::Status failure_ ABSL_GUARDED_BY(mutex_);
    bool held_ ABSL_GUARDED_BY(mutex_) = false;
    int waiting_ ABSL_GUARDED_BY(mutex_) = 0;
    std::vector<size_t> batches_ ABSL_GUARDED_BY(mutex_);
  };

  /// `probe` outlives the fake.
  explicit FakePoseModel(Probe& probe) : probe_(probe) {}

  absl::StatusOr<std::vector<std::vector<DetectedPerson>>> Detect(
      absl::Span<const cv::Mat> images) override {
    if (absl::Status status = probe_.Enter(images.size()); !status.ok()) return status;
    std::vector<std::vector<DetectedPerson>> people;
    for (const cv::Mat& image : images) {
      const auto x = static_cast<float>(cv::mean(image)[0] / 255);
      people.emplace_back();
      if (x > 0) people.back().push_back(StandingAt(x, 0.5f));
    }
    return people;
  }
  const ModelInfo& info() const override { return info_; }

 private:
  Probe& probe_;
  const ModelInfo info_{"fake-pose", "1"};
};

}  // namespace aislewatch::pose::testing
