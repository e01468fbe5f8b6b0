// PoseLift (TeCSAR-UNCC, WACV 2025 workshops): tracked poses of people in a real shop.
//
// A data set is a folder
//   pose/train/CC_VVVV_alphapose_tracked_person.json   normal shopping, for training
//   pose/test/CC_VVVV_alphapose_tracked_person.json    for testing, with
//   gt/test_frame_mask/CC_VVVV.npy                     int64 per frame, 1 = shoplifting
// CC is the camera. A JSON file maps person -> frame -> {"keypoints": 51 numbers}. What its own
// description does not say: a keypoint is (y, x, confidence) in COCO's order, confidences may be
// the literal NaN, a mask may be longer than the last frame with a person, and tracks have gaps.
//
// Stateless and thread-safe; the readers block for the disk. Never throws.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "common/roles/pose_anomaly_scorer.h"
#include "common/vision/geometry.h"

namespace aislewatch::pose_anomaly {

/// PoseLift's frames per second.
inline constexpr double kPoseLiftFps = 15;

/// The data set does not tell its frames' size; every coordinate lies within this one. Only needed
/// to express pixels as fractions and back.
inline constexpr FrameSize kPoseLiftFrame = {1920, 1080};

/// A person in one frame. Coordinates are fractions of kPoseLiftFrame, NaN confidences are 0.
struct ClipPose {
  int frame = 0;
  Pose pose{};
};

/// A person's poses, frames rising, with gaps. Never empty.
struct ClipTrack {
  int person = 0;
  std::vector<ClipPose> poses;
};

/// The people of one video clip.
struct PoseClip {
  /// "CC_VVVV".
  std::string name;
  std::vector<ClipTrack> tracks;
  /// Joints whose confidence was no number.
  size_t unknown_confidences = 0;
};

/// A clip with a label per frame: 1 = shoplifting, 0 = normal. Frames of tracks may lie beyond the
/// labels; then nothing is known about them.
struct LabelledClip {
  PoseClip clip;
  std::vector<uint8_t> labels;
};

/// The clips that can be evaluated, and the names of those that cannot.
struct TestSet {
  std::vector<LabelledClip> clips;
  std::vector<std::string> without_mask;
  std::vector<std::string> without_poses;
};

/// Parses one JSON file's content. `name` is the clip's name and what errors call it.
/// INVALID_ARGUMENT with person and frame where a pose has not 51 numbers, or coordinates that are
/// not finite.
absl::StatusOr<PoseClip> ParsePoseLiftClip(absl::string_view name, absl::string_view json);

/// All clips of DATASET/pose/train, by name. NOT_FOUND where there is none.
absl::StatusOr<std::vector<PoseClip>> ReadTrainingClips(const std::string& dataset);

/// All clips of DATASET/pose/test that have a mask. NOT_FOUND where there is none.
absl::StatusOr<TestSet> ReadTestSet(const std::string& dataset);

/// "CC" of a clip "CC_VVVV".
std::string CameraOf(absl::string_view clip);

/// The pose as a scorer takes it; frame 0 is at absl::UnixEpoch().
PoseSample ToSample(const ClipPose& pose);

}  // namespace aislewatch::pose_anomaly
