// Scores crops of all streams in batches on one thread.
//
// A batch first embeds its crops, then pushes each crop's features into its track's window, then
// scores the windows. So a crop waits in one queue only, and since there is one inference thread
// and the queue keeps its order, a window sees its track's crops in order even while several
// messages of a stream are in flight.
#pragma once

#include <memory>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/base/clock.h"
#include "common/base/metrics.h"
#include "common/batching/dynamic_batcher.h"
#include "common/roles/clip_classifier.h"
#include "services/classifier/core/track_window.h"

namespace aislewatch::classifier {

/// One crop to score.
struct CropItem {
  PersonView view;
  absl::Time capture_time;
  /// The track's window; touched by the inference thread only.
  std::shared_ptr<TrackWindow> window;
};

/// A window's scores after its crop.
struct CropScore {
  ActionScores scores;
  /// Crops that the score rests on, 1..the model's window.
  int frames_seen = 0;
};

/// Owns a model and the thread that runs it. Thread-safe. Destroying it answers what waits with
/// CANCELLED; clock and metrics must outlive it.
class ClipScorer {
 public:
  using Callback = DynamicBatcher<CropItem, CropScore>::Callback;

  /// Runs every batch size from 1 to max_batch once, so that the first real batch is not slow
  /// (LibTorch allocates and oneDNN builds its kernels by shape); blocks for that. The model's
  /// error where it fails on a grey crop.
  static absl::StatusOr<std::unique_ptr<ClipScorer>> Create(std::unique_ptr<ClipClassifier> model,
                                                            const BatchingOptions& options,
                                                            Clock& clock, Metrics& metrics);

  /// Calls `done` exactly once; see DynamicBatcher for when and with which errors.
  void Submit(CropItem item, absl::Time expire_time, Callback done) {
    batcher_->Submit(std::move(item), expire_time, std::move(done));
  }

  /// Answers what waits with CANCELLED and ends the thread: no callback comes after it. Not from a
  /// callback.
  void Shutdown() { batcher_->Shutdown(); }

  const ModelInfo& model() const { return model_->info(); }
  /// How many crops a window holds at most.
  int window() const { return window_; }
  bool needs_keypoints() const { return model_->needs_keypoints(); }

 private:
  explicit ClipScorer(std::unique_ptr<ClipClassifier> model)
      : model_(std::move(model)), window_(model_->window()) {}

  absl::Status Warm(int max_batch);

  const std::unique_ptr<ClipClassifier> model_;
  const int window_;
  std::unique_ptr<DynamicBatcher<CropItem, CropScore>> batcher_;
};

}  // namespace aislewatch::classifier
