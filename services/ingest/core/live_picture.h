// A frame's picture as onlookers may see it.
#pragma once

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"
#include "common/vision/geometry.h"
#include "services/ingest/core/picture.h"

namespace aislewatch::ingest {

/// What of a picture is hidden.
enum class Hidden {
  kNothing,
  kHeads,
  /// Where nobody knows where heads are.
  kEverything,
};

/// Shared by all onlookers of a frame; made when the first of them asks. Thread-safe.
class LivePicture {
 public:
  /// `people`: whose heads are hidden, where heads are.
  LivePicture(std::shared_ptr<const Picture> picture, Hidden hidden,
              std::vector<TrackedPerson> people)
      : picture_(std::move(picture)), hidden_(hidden), people_(std::move(people)) {}

  FrameSize size() const { return {picture_->bgr().cols, picture_->bgr().rows}; }
  /// A complete JPEG file. Blurs and encodes (milliseconds) at most once.
  absl::StatusOr<std::shared_ptr<const std::string>> Jpeg() const ABSL_LOCKS_EXCLUDED(mutex_);

 private:
  const std::shared_ptr<const Picture> picture_;
  const Hidden hidden_;
  const std::vector<TrackedPerson> people_;
  mutable absl::Mutex mutex_;
  mutable std::shared_ptr<const std::string> jpeg_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace aislewatch::ingest
