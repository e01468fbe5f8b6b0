// Follows people from frame to frame of one camera.
//
// Association in the two stages of ByteTrack (Zhang et al., ECCV 2022, arXiv 2110.06864): sure
// detections first, then unsure ones for the tracks that are left, which carries a track through
// blur and occlusion without letting noise start new ones. Cost mixes overlap of boxes with
// similarity of poses, which tells people apart whose boxes coincide, and with that of clothes, which
// tells who walks in front of somebody from who stands there. All motion is in capture
// time, never in frame counts, so dropped frames and other rates need no other settings.
#pragma once

#include <functional>
#include <optional>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "absl/types/span.h"
#include "common/vision/geometry.h"
#include "services/pose/core/track.h"

namespace aislewatch::pose {

/// Settings of a Tracker. "Bodies" are the longer side of the person's box, about 1.7 m.
struct TrackerOptions {
  /// Detections under it are ignored, 0..1.
  float low_score = 0.1f;
  /// Detections from it on may start a track and take part in the first stage, low_score..1. People
  /// seen from behind in a real shop score 0.2 to 0.3 with MoveNet, the foot of a table up to 0.2.
  float high_score = 0.24f;
  /// Frames in which a person must be seen before the track is confirmed and reported, 1..30. One
  /// frame is too few: a single false detection would be a person with an id.
  int confirm_frames = 3;
  /// A tentative track unseen for longer is forgotten, > 0.
  absl::Duration keep_tentative = absl::Milliseconds(350);
  /// A confirmed track unseen for longer is forgotten, >= keep_tentative.
  absl::Duration keep_lost = absl::Milliseconds(2500);
  /// The same for tracks last seen walking out of the picture: whoever comes in there next is
  /// somebody else. 0..keep_lost.
  absl::Duration keep_leaving = absl::Milliseconds(500);
  /// Nobody moves faster, in bodies per second, > 0: the velocity gate. 2 is 3.4 m/s, a run.
  double max_speed = 2.0;
  /// Added to the gate's distance for jitter of boxes, in bodies, >= 0.
  double gate_slack = 0.35;
  /// Least mean of overlap and pose similarity for the first stage, 0..1.
  double min_affinity = 0.2;
  /// The same for the second stage, where detections are unsure, 0..1.
  double min_affinity_low = 0.4;
  /// What clothes that have nothing in common take off the affinity, 0..1; 0 leaves them out. The
  /// less they agree, the more must place and pose.
  double appearance_weight = 1;
  /// A confirmed track unseen for longer than keep_lost goes on only if somebody comes into the
  /// picture who wears the same, at most so much later; >= keep_lost.
  absl::Duration keep_absent = absl::Seconds(15);
  /// How alike appearances must be for that, 0..1.
  double min_return_similarity = 0.92;
  /// Two detections whose poses are at least so similar are one person seen twice, 0..1.
  double duplicate_similarity = 0.65;
  /// The same by overlap of boxes, for detections whose joints do not tell, 0..1.
  double duplicate_overlap = 0.8;
  /// Most detections taken from one frame, best scores first, 1..1000.
  int max_people = 256;
  MotionOptions motion = {};
};

/// The tracker of one stream. Keeps its tracks, nothing else; never blocks. Not thread-safe: frames
/// come one at a time, in the order of their sequence.
class Tracker {
 public:
  /// INVALID_ARGUMENT that names every option outside its range.
  static absl::StatusOr<Tracker> Create(const TrackerOptions& options);

  /// Takes the people found in the next frame, captured at `time`, and returns those that belong to
  /// confirmed tracks, by rising track id. `looks`: what each of `people` wears, in their order, or
  /// empty where pictures are not at hand; then place and pose decide alone. Detections with coordinates that are not finite or a box
  /// without area are ignored. A capture time before the last one counts as no time passed. Ids
  /// rise from 1 and are never reused. A change of the picture's shape forgets every track, since
  /// the camera shows something else then.
  std::vector<TrackedPerson> Update(absl::Time time, FrameSize frame,
                                    absl::Span<const DetectedPerson> people,
                                    absl::Span<const Appearance> looks = {});

  /// Confirmed tracks, lost ones included.
  size_t confirmed_tracks() const;

 private:
  // Tracks and detections of the present frame that are not paired yet, by index.
  struct Open {
    std::vector<size_t> tracks;
    std::vector<size_t> detections;
  };
  // What pairing costs, 0..1; from 1 on it is forbidden.
  using Cost = std::function<double(const Track&, const Detection&)>;

  explicit Tracker(const TrackerOptions& options) : options_(options) {}

  void Advance(absl::Time time, FrameSize frame);
  std::vector<Detection> Prepare(absl::Span<const DetectedPerson> people,
                                 absl::Span<const Appearance> looks) const;
  bool IsDuplicate(const Detection& a, const Detection& b) const;
  void Associate(const std::vector<Detection>& detections);
  // Pairs the open tracks that are `wanted` with open detections at the least cost, shows the
  // tracks their detections and takes both off the lists.
  void Match(const std::vector<Detection>& detections, const Cost& cost,
             const std::function<bool(const Track&)>& wanted, Open& open);
  std::vector<TrackedPerson> Report(const std::vector<Detection>& detections);

  absl::Duration KeepUnseen(const Track& track) const;
  bool PassesGate(const Track& track, const Detection& seen) const;
  // Whether the track is so long unseen that only clothes can bring it back.
  bool IsAbsent(const Track& track) const { return track.unseen() > KeepUnseen(track); }
  // The confirmed track, lost or absent and not `found` yet, whose person the newcomer is; nothing
  // where they are somebody new.
  std::optional<size_t> FindLost(const Track& newcomer, const std::vector<size_t>& found) const;
  // What unlike clothes take off an affinity or add to a cost.
  double AppearanceCost(const Track& track, const Detection& seen) const;
  double OverlapCost(const Track& track, const Detection& seen, double min_affinity) const;
  double ReachCost(const Track& track, const Detection& seen) const;

  TrackerOptions options_;
  std::vector<Track> tracks_;
  std::optional<absl::Time> last_time_;
  double aspect_ = 0;
  uint64_t last_id_ = 0;
};

}  // namespace aislewatch::pose
