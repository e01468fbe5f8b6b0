// A frame's picture, shared by everybody who looks at it.
#pragma once

#include <memory>
#include <string>
#include <utility>

#include <opencv2/core/mat.hpp>

#include "absl/base/thread_annotations.h"
#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"

namespace aislewatch::ingest {

/// Immutable but for the JPEG, which is made when first asked for and then kept. Thread-safe.
class Picture {
 public:
  /// `bgr`: 8-bit BGR, not empty. Nobody may change its pixels afterwards.
  explicit Picture(cv::Mat bgr) : bgr_(std::move(bgr)) {}
  /// With the JPEG that it was decoded from.
  Picture(cv::Mat bgr, std::string jpeg)
      : bgr_(std::move(bgr)), jpeg_(std::make_shared<const std::string>(std::move(jpeg))) {}

  const cv::Mat& bgr() const { return bgr_; }
  /// A complete JPEG file, quality 90 where it is made here. Encodes (milliseconds) at most once.
  absl::StatusOr<std::shared_ptr<const std::string>> Jpeg() const;

 private:
  const cv::Mat bgr_;
  mutable absl::Mutex mutex_;
  mutable std::shared_ptr<const std::string> jpeg_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace aislewatch::ingest
