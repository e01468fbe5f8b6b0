// One person as the tracker follows them.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>

#include "absl/time/time.h"
#include "services/pose/core/appearance.h"
#include "services/pose/core/body_box.h"
#include "services/pose/core/body_motion.h"

namespace aislewatch::pose {

/// Edges of the picture that a box touches.
struct Edges {
  bool left = false;
  bool right = false;
  bool top = false;
  bool bottom = false;
};

/// A person found in the present frame, with box and pose in heights of the picture too.
struct Detection {
  DetectedPerson person;
  BodyBox box;
  Pose pose{};
  Edges edges;
  Appearance look;
  // Whether the model is sure of it: its box is the whole person's then.
  bool sure = true;
};

/// A track: motion, last sighting and age. Not thread-safe; belongs to one Tracker.
class Track {
 public:
  /// `index`: of the detection in the present frame.
  Track(const Detection& seen, size_t index, const MotionOptions& options);

  /// Moves on to the next frame, `dt` >= 0 later.
  void Predict(absl::Duration dt);
  /// Takes the sighting in the present frame.
  void See(const Detection& seen, size_t index);
  /// Goes on as `lost`, whom it has turned out to be: with the id, the age and the known clothes.
  void Continue(const Track& lost);
  /// Confirms the track under an id >= 1.
  void Confirm(uint64_t id) { id_ = id; }

  /// 0 while tentative.
  uint64_t id() const { return id_; }
  bool confirmed() const { return id_ != 0; }
  /// Frames in which it was seen, >= 1.
  uint32_t age_frames() const { return age_frames_; }
  /// The index of its detection in the present frame; nothing where it is not seen.
  std::optional<size_t> seen_now() const { return seen_now_; }
  /// Time since the last sighting, by capture time; 0 where it is seen in the present frame.
  absl::Duration unseen() const { return unseen_; }
  /// Where the person should be in the present frame.
  BodyBox box() const { return motion_.box(); }
  /// What they wear, over their last sightings.
  const Appearance& look() const { return look_; }
  /// Where they were seen last.
  const BodyBox& last_box() const { return last_box_; }
  /// Where they were over their last sure sightings: a box that half-hidden people do not shrink.
  const BodyBox& settled_box() const { return settled_box_; }
  /// The last pose, moved and scaled to where the person should be now.
  Pose PredictedPose() const;
  /// Whether they were last seen walking out over the picture's edge. Who only stands there, cut
  /// off by it, is not leaving.
  bool leaving() const { return leaving_; }

 private:
  BodyMotion motion_;
  BodyBox last_box_;
  BodyBox settled_box_;
  Pose last_pose_;
  Appearance look_;
  bool leaving_ = false;
  std::optional<size_t> seen_now_;
  uint64_t id_ = 0;
  uint32_t age_frames_ = 1;
  absl::Duration unseen_;
};

}  // namespace aislewatch::pose
