// Cuts the people of a clip out of its frames, with or without augmentation.
#pragma once

#include <cstdint>
#include <opencv2/core/mat.hpp>
#include <random>
#include <vector>

#include "absl/types/span.h"
#include "common/capture/frame_source.h"
#include "models/clip_training/person_finder.h"

namespace aislewatch::clip_training {

/// One person's crops in the order of their frames. All lists have one length.
struct TrackCrops {
  uint64_t track_id = 0;
  std::vector<cv::Mat> crops;
  /// In fractions of each crop.
  std::vector<Pose> poses;
  /// Index of each crop's frame; gaps are where the person was not found.
  std::vector<int> frames;
};

/// One way to alter a track, the same for all of its crops, so that motion stays what it was.
struct Augmentation {
  bool flip = false;
  /// Offset of the box as a fraction of its longer side.
  float shift_x = 0;
  float shift_y = 0;
  /// Factor on the box's sides.
  float scale = 1;
  /// Factor and offset (of 255) on every channel.
  float contrast = 1;
  float brightness = 0;
  /// Further factor on blue, green and red.
  float tint[3] = {1, 1, 1};
  /// Standard deviation of each crop's own box offset: what a detector's boxes tremble by.
  float tremble = 0;
};

/// A pose in a crop as it is in the mirrored crop: left joints become right ones.
Pose Mirrored(const Pose& pose);

/// Draws an augmentation.
Augmentation DrawAugmentation(std::mt19937_64& random);

/// The crops of every track that is seen in at least `min_frames` frames. `random` is used for the
/// tremble only.
std::vector<TrackCrops> CutTracks(absl::Span<const CapturedFrame> frames,
                                  const PeopleByFrame& people, const Augmentation& augmentation,
                                  std::mt19937_64& random, size_t min_frames = 5);

}  // namespace aislewatch::clip_training
