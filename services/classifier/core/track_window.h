// The last crops of one track, as features.
#pragma once

#include <opencv2/core/mat.hpp>
#include <utility>
#include <vector>

#include "absl/time/time.h"
#include "common/roles/clip_classifier.h"

namespace aislewatch::classifier {

/// How a track's crops are kept.
struct WindowOptions {
  /// Most crops of a window; the model's own.
  int max_crops = 24;
  /// A crop that comes later than this after the one before it begins a new window: what lies
  /// between was not seen, and the model knows no gaps.
  absl::Duration max_gap = absl::Seconds(1);
};

/// A ring of features with their capture times. Not thread-safe.
class TrackWindow {
 public:
  explicit TrackWindow(const WindowOptions& options) : options_(options) {}

  /// Takes the features of the crop taken at `time`; the oldest leave a full window.
  void Push(absl::Time time, CropFeatures features) {
    if (!features_.empty() && time - last_time_ > options_.max_gap) features_.clear();
    if (static_cast<int>(features_.size()) == options_.max_crops) {
      features_.erase(features_.begin());
    }
    features_.push_back(std::move(features));
    last_time_ = time;
  }

  /// Remembers `crop` for the next call and gives the one before it; empty where that was too long ago
  /// or never. Called once per crop, before its features are there.
  cv::Mat CropBefore(absl::Time time, const cv::Mat& crop) {
    cv::Mat before = std::exchange(last_crop_, crop);
    const bool is_gap = time - std::exchange(last_crop_time_, time) > options_.max_gap;
    return is_gap ? cv::Mat() : before;
  }

  /// Oldest first, 1..max_crops once anything was pushed.
  const std::vector<CropFeatures>& features() const { return features_; }

 private:
  const WindowOptions options_;
  // A few dozen vectors, moved and never copied: a deque would not be contiguous for the model.
  std::vector<CropFeatures> features_;
  absl::Time last_time_ = absl::InfinitePast();
  cv::Mat last_crop_;
  absl::Time last_crop_time_ = absl::InfinitePast();
};

}  // namespace aislewatch::classifier
