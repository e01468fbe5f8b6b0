#include "cli/risk/posed_clip.h"

#include <algorithm>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "cli/clips/run_stage.h"
#include "common/base/status.h"
#include "common/rpc/convert.h"
#include "common/rpc/image_convert.h"
#include "common/vision/crop.h"

namespace aislewatch {
namespace {

using pose_anomaly::kPoseLiftFps;
using pose_anomaly::kPoseLiftFrame;

/// Joints surer than this span the box.
constexpr float kSure = 0.2f;
/// A box is wider than its joints: heads and hands go on beyond them.
constexpr float kMargin = 0.1f;
/// What one message may hold.
constexpr size_t kMostPeople = 64;

using Frames = std::map<int, std::vector<TrackedPerson>>;

NormalizedBox BoxAround(const Pose& pose) {
  float left = 1, top = 1, right = 0, bottom = 0;
  for (const Keypoint& joint : pose) {
    if (joint.confidence < kSure) continue;
    left = std::min(left, joint.x);
    right = std::max(right, joint.x);
    top = std::min(top, joint.y);
    bottom = std::max(bottom, joint.y);
  }
  if (right <= left || bottom <= top) return {};
  const float across = kMargin * (right - left), along = kMargin * (bottom - top);
  return {left - across, top - along, right - left + 2 * across, bottom - top + 2 * along};
}

Frames FramesOf(const pose_anomaly::PoseClip& clip) {
  Frames frames;
  for (const pose_anomaly::ClipTrack& track : clip.tracks) {
    for (const pose_anomaly::ClipPose& pose : track.poses) {
      std::vector<TrackedPerson>& people = frames[pose.frame];
      if (people.size() == kMostPeople) continue;
      TrackedPerson person;
      person.track_id = static_cast<uint64_t>(track.person);
      person.person.box = BoxAround(pose.pose);
      person.person.keypoints = pose.pose;
      if (person.person.box.width > 0) people.push_back(person);
    }
  }
  return frames;
}

absl::Time TimeOf(int frame) { return absl::UnixEpoch() + absl::Seconds(frame / kPoseLiftFps); }

absl::StatusOr<v1::PersonCrops> GreyCrops(int frame, const std::vector<TrackedPerson>& people) {
  static const cv::Mat grey(16, 16, CV_8UC3, cv::Scalar(128, 128, 128));
  v1::PersonCrops crops;
  *crops.mutable_capture_time() = ToProto(TimeOf(frame));
  for (const TrackedPerson& person : people) {
    v1::PersonCrop& crop = *crops.add_crops();
    crop.set_track_id(person.track_id);
    AW_ASSIGN_OR_RETURN(*crop.mutable_image(), ToProto(grey, v1::IMAGE_ENCODING_BGR8));
    for (const Keypoint& joint :
         KeypointsInCrop(person.person.keypoints, kPoseLiftFrame, person.person.box)) {
      *crop.add_keypoints() = ToProto(joint);
    }
  }
  return crops;
}

v1::Observation ObservationOf(int frame, const std::vector<TrackedPerson>& people,
                              const v1::ClipScores* scores) {
  v1::Observation observation;
  *observation.mutable_capture_time() = ToProto(TimeOf(frame));
  observation.set_frame_width(static_cast<uint32_t>(kPoseLiftFrame.width));
  observation.set_frame_height(static_cast<uint32_t>(kPoseLiftFrame.height));
  for (const TrackedPerson& person : people) {
    v1::ObservedPerson& observed = *observation.add_people();
    *observed.mutable_person() = ToProto(person);
    if (scores == nullptr) continue;
    for (const v1::TrackClipScore& score : scores->scores()) {
      if (score.track_id() == person.track_id) *observed.mutable_clip_score() = score;
    }
  }
  if (scores == nullptr) {
    observation.add_degraded("classifier");
  } else {
    *observation.add_models() = scores->model();
  }
  return observation;
}

template <class Config>
Config ConfigOf() {
  Config config;
  config.mutable_identity()->set_camera_id("poses");
  config.mutable_identity()->set_store_id("poses");
  return config;
}

absl::StatusOr<std::vector<v1::ClipScores>> Classify(ClipCluster& cluster, const Frames& frames) {
  AW_ASSIGN_OR_RETURN(const auto channel, cluster.Channel("classifier"));
  auto next = frames.begin();
  return RunStage<ClassifierStageTraits>(channel, ConfigOf<v1::ClassificationStreamConfig>(),
                                         frames.size(), [&](size_t) {
                                           const auto& [frame, people] = *next++;
                                           return GreyCrops(frame, people);
                                         });
}

}  // namespace

absl::StatusOr<PlayedPoses> PlayPoses(ClipCluster& cluster, const pose_anomaly::PoseClip& clip,
                                      bool classify) {
  const Frames frames = FramesOf(clip);
  PlayedPoses played;
  if (frames.empty()) return played;
  played.length = TimeOf(frames.rbegin()->first) - TimeOf(frames.begin()->first);
  std::vector<v1::ClipScores> scores;
  if (classify) {
    AW_ASSIGN_OR_RETURN(scores, Classify(cluster, frames));
  }
  AW_ASSIGN_OR_RETURN(const auto channel, cluster.Channel("fusion"));
  auto next = frames.begin();
  AW_ASSIGN_OR_RETURN(const std::vector<v1::FusionResult> results,
                      RunStage<FusionStageTraits>(
                          channel, ConfigOf<v1::FusionStreamConfig>(), frames.size(),
                          [&](size_t i) -> absl::StatusOr<v1::Observation> {
                            const auto& [frame, people] = *next++;
                            return ObservationOf(frame, people, classify ? &scores[i] : nullptr);
                          }));
  for (const v1::FusionResult& result : results) {
    for (const v1::IncidentTransition& transition : result.transitions()) {
      if (transition.kind() != v1::TRANSITION_KIND_OPENED) continue;
      played.opened.insert(transition.incident().kind());
    }
  }
  return played;
}

}  // namespace aislewatch
