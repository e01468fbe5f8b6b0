// What one camera's stream of crops keeps: a window of features per track.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <vector>

#include "absl/functional/any_invocable.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "services/classifier/core/clip_scorer.h"

namespace aislewatch::classifier {

/// Most crops of one message, as the contract says.
inline constexpr size_t kMaxCropsPerItem = 64;

/// A person cut out of the frame, or why the picture or the pose could not be read.
struct PersonCrop {
  uint64_t track_id = 0;
  absl::StatusOr<PersonView> view;
};

/// What became of one crop.
struct TrackScore {
  uint64_t track_id = 0;
  /// OK, or what was wrong with this crop; then the rest is empty.
  absl::Status status;
  CropScore score;
};

/// One open stream. Classify comes from one thread at a time; answers come on any thread and may
/// come after the session is gone. The scorer must outlive the session and its answers.
class ClassifierSession {
 public:
  struct Options {
    /// Tracks that are unseen for so long, by capture time, are forgotten.
    absl::Duration forget_after = absl::Seconds(5);
    /// See WindowOptions.
    absl::Duration max_gap = absl::Seconds(1);
  };
  using Done = absl::AnyInvocable<void(absl::StatusOr<std::vector<TrackScore>>)>;

  ClassifierSession(ClipScorer& scorer, const Options& options)
      : scorer_(scorer), options_(options) {}

  /// Scores the crops of one frame and calls `done` exactly once with one TrackScore per crop, in
  /// its order. A crop that is no picture, whose track is 0 or appears twice, or that has no pose
  /// where the model looks at nothing else, has its own error and the others are scored. The whole
  /// answer is an error where there are more than kMaxCropsPerItem crops (INVALID_ARGUMENT), where
  /// the frame expired while it waited (DEADLINE_EXCEEDED), where the queue is full
  /// (RESOURCE_EXHAUSTED) or where the model fails.
  void Classify(absl::Time capture_time, absl::Time expire_time, std::vector<PersonCrop> crops,
                Done done);

  /// Tracks that are remembered.
  size_t track_count() const { return tracks_.size(); }

 private:
  struct Track {
    std::shared_ptr<TrackWindow> window;
    absl::Time last_seen;
  };
  class Gathering;

  // The window of a track that is seen at `time`.
  std::shared_ptr<TrackWindow> See(uint64_t track_id, absl::Time time);
  void Forget(absl::Time now);

  ClipScorer& scorer_;
  const Options options_;
  std::map<uint64_t, Track> tracks_;
};

}  // namespace aislewatch::classifier
