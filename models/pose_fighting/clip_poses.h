// Labelled clips as the poses found in them: what is learnt from, and how a clip is judged.
#pragma once

#include <array>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/types/span.h"
#include "common/capture/frame_source.h"
#include "models/clip_training/clip_files.h"
#include "models/clip_training/person_finder.h"
#include "models/pose_fighting/logistic.h"
#include "models/pose_fighting/pair_features.h"

namespace aislewatch::pose_fighting {

/// One person or pair at one moment of a clip.
struct ClipMoment {
  absl::Time time;
  PairValues values{};
};

/// A labelled clip, followed frame by frame.
struct PosedClip {
  std::string path;
  bool fight = false;
  /// Of people within each other's reach.
  std::vector<ClipMoment> pairs;
  /// Of people beside whom nobody is found, as if an opponent moved as they do.
  std::vector<ClipMoment> lone;
  /// Numbers that know of no movement, in the order of kControls; NaN for what is not there.
  std::vector<float> controls;
  /// Of the whole picture, in the order of picture_movement::kClipMeasures; FollowClip leaves it
  /// empty.
  std::vector<float> movement;
};

/// What could tell fights by how the clips were chosen or filmed.
inline constexpr std::array<absl::string_view, 5> kControls = {
    "people",      // found per frame
    "distance",    // of the nearest two, in trunks, mean over frames with two
    "size",        // log of the mean trunk in pixels
    "confidence",  // mean of all joints
    "frames"       // that are looked at
};

/// The first so many seconds of a clip are looked at: where fights are cut longer than what is
/// none, whoever looks for longer finds more.
inline constexpr absl::Duration kLooksAt = absl::Seconds(2);

/// `frames` and `people` as ReadClip and a PersonFinder gave them, of the same length.
PosedClip FollowClip(const clip_training::ClipFile& clip, absl::Span<const CapturedFrame> frames,
                     const clip_training::PeopleByFrame& people);

/// Fits to the pairs of `clips`. INVALID_ARGUMENT where pairs were found in clips of one kind only.
absl::StatusOr<Logistic> FitFighting(absl::Span<const PosedClip* const> clips);

/// A clip's most certain moment.
struct Peak {
  float probability = 0;
  /// Nothing where there is no moment.
  std::optional<absl::Time> at;
};

/// The highest probability of any moment, averaged over the half a second before it (of several
/// people or pairs the most suspicious); 0 where there is none.
Peak PeakOf(const Logistic& model, absl::Span<const ClipMoment> moments);

}  // namespace aislewatch::pose_fighting
