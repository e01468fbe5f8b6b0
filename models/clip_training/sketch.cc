#include "models/clip_training/sketch.h"

#include <map>
#include <utility>

#include "common/vision/crop.h"
#include "models/clip_networks/pose_inputs.h"

namespace aislewatch::clip_training {
namespace {

constexpr int kLongestAbsence = 10;
constexpr size_t kShortestTrack = 5;

struct Track {
  std::vector<PersonView> views;
  std::vector<ActionSet> allowed;
  int last_frame = 0;
};

Pose TruePose(const simulator::TruthPerson& person) {
  Pose pose;
  for (size_t j = 0; j < pose.size(); ++j) {
    const simulator::TruthKeypoint& joint = person.keypoints[j];
    pose[j] = {joint.point.x, joint.point.y, static_cast<float>(joint.visibility)};
  }
  return pose;
}

}  // namespace

SampleView SketchPeople(absl::Span<const simulator::TruthFrame> frames, FrameSize size) {
  SampleView view;
  std::map<uint64_t, Track> open;
  const auto close = [&](const Track& track) {
    if (track.views.size() < kShortestTrack) return;
    view.tracks.push_back({.track_id = view.tracks.size() + 1,
                           .maps = {},
                           .keypoints = clip_networks::KeypointsToTensor(track.views),
                           .true_joints = true,
                           .targets = track.allowed});
  };
  for (const simulator::TruthFrame& frame : frames) {
    for (const simulator::TruthPerson& person : frame.people) {
      if (person.visible < kLeastVisible) continue;
      Track& track = open[person.id];
      if (frame.index - track.last_frame > kLongestAbsence) {
        close(track);
        track = {};
      }
      track.last_frame = frame.index;
      track.views.push_back(
          {.crop = {}, .keypoints = KeypointsInCrop(TruePose(person), size, person.box)});
      track.allowed.push_back(AllowedAt(person));
    }
  }
  for (const auto& [id, track] : open) close(track);
  return view;
}

PeopleByFrame TruePeople(absl::Span<const simulator::TruthFrame> frames) {
  PeopleByFrame people;
  for (const simulator::TruthFrame& frame : frames) {
    std::vector<FoundPerson>& found = people.emplace_back();
    for (const simulator::TruthPerson& person : frame.people) {
      if (person.visible < kLeastVisible) continue;
      found.push_back({person.id, person.box, TruePose(person)});
    }
  }
  return people;
}

}  // namespace aislewatch::clip_training
