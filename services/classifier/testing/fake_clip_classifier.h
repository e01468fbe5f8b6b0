// A clip classifier whose answers can be worked out by hand.
#pragma once

#include <opencv2/core.hpp>
#include <string>
#include <utility>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/synchronization/mutex.h"
#include "common/roles/clip_classifier.h"

namespace aislewatch::classifier {

/// A crop's only feature is its mean brightness in 0..1; shoplifting is the mean brightness of the
/// window, as "concealing in clothes", and the rest is "normal".
class FakeClipClassifier : public ClipClassifier {
 public:
  /// What the fake was asked, kept by the test beyond the fake's life. Thread-safe.
  class Probe {
   public:
    /// Every call fails with `status` from now on.
    void FailWith(absl::Status status) {
      absl::MutexLock lock(&mutex_);
      failure_ = std::move(status);
    }
    /// Embed blocks while held.
    void Hold(bool held) {
      absl::MutexLock lock(&mutex_);
      held_ = held;
    }
    /// Blocks until an Embed call is held.
    void AwaitHeldCall() {
      absl::MutexLock lock(&mutex_);
      mutex_.Await(absl::Condition(
          +[](int* waiting) { return *waiting > 0; }, &waiting_));
    }
    /// The fake says that it looks at joints alone.
    void NeedKeypoints() {
      absl::MutexLock lock(&mutex_);
      needs_keypoints_ = true;
    }
    bool needs_keypoints() const {
      absl::MutexLock lock(&mutex_);
      return needs_keypoints_;
    }
    std::vector<size_t> embed_batches() const {
      absl::MutexLock lock(&mutex_);
      return embed_batches_;
    }

   private:
    friend class FakeClipClassifier;

    absl::Status Enter(size_t batch) {
      absl::MutexLock lock(&mutex_);
      embed_batches_.push_back(batch);
      ++waiting_;
      mutex_.Await(absl::Condition(
          +[](bool* held) { return !*held; }, &held_));
      --waiting_;
      return failure_;
    }

    mutable absl::Mutex mutex_;
    absl::Status failure_ ABSL_GUARDED_BY(mutex_);
    bool held_ ABSL_GUARDED_BY(mutex_) = false;
    bool needs_keypoints_ ABSL_GUARDED_BY(mutex_) = false;
    int waiting_ ABSL_GUARDED_BY(mutex_) = 0;
    std::vector<size_t> embed_batches_ ABSL_GUARDED_BY(mutex_);
  };

  /// `probe` outlives the fake.
  explicit FakeClipClassifier(Probe& probe, int window = 4, std::string version = "1")
      : probe_(probe), window_(window), info_{"fake-classifier", std::move(version)} {}

  absl::StatusOr<std::vector<CropFeatures>> Embed(absl::Span<const PersonView> views) override {
    if (absl::Status status = probe_.Enter(views.size()); !status.ok()) return status;
    std::vector<CropFeatures> features;
    for (const PersonView& view : views) {
      const cv::Scalar mean = cv::mean(view.crop);
      features.push_back({static_cast<float>((mean[0] + mean[1] + mean[2]) / 3 / 255)});
    }
    return features;
  }

  absl::StatusOr<std::vector<ActionScores>> Score(
      absl::Span<const std::vector<CropFeatures>> windows) override {
    std::vector<ActionScores> scores;
    for (const std::vector<CropFeatures>& window : windows) {
      float sum = 0;
      for (const CropFeatures& crop : window) sum += crop[0];
      ActionScores score;
      score.shoplifting = sum / static_cast<float>(window.size());
      score.probability[static_cast<size_t>(Action::kConcealingInClothes)] = score.shoplifting;
      score.probability[static_cast<size_t>(Action::kNormal)] = 1 - score.shoplifting;
      scores.push_back(score);
    }
    return scores;
  }

  int window() const override { return window_; }
  bool needs_keypoints() const override { return probe_.needs_keypoints(); }
  const ModelInfo& info() const override { return info_; }

 private:
  Probe& probe_;
  const int window_;
  const ModelInfo info_;
};

}  // namespace aislewatch::classifier
