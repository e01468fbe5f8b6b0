// People for tests: stick figures that stand, walk or hold their hands to the trunk.
#pragma once

#include <cmath>
#include <random>
#include <string>
#include <vector>

#include "models/pose_anomaly/dataset/poselift.h"

namespace aislewatch::pose_anomaly {

/// What a figure does.
enum class FigureAction { kWalk, kConceal };

/// A figure 200 pixels high in a kPoseLiftFrame, `frame` frames into its action.
inline Pose FigurePose(FigureAction action, int frame, std::mt19937& random, float left = 400) {
  std::normal_distribution<float> noise(0, 1.5f);
  const bool walks = action == FigureAction::kWalk;
  const float x = left + (walks ? 6.0f * static_cast<float>(frame) : 0);
  const float swing = walks ? 30 * std::sin(static_cast<float>(frame) * 0.6f) : 0;
  const float bow = walks ? 0.0f : 25.0f;
  // Joints in COCO's order, from the middle of the hips at (0, 0), y down.
  const float wrist_y = walks ? -5.0f : -14.0f;
  const float wrist_out = walks ? 38.0f : 10.0f;
  const float arm_swing = 0.3f * swing;
  const float xy[kJointCount][2] = {{bow, -85},
                                    {bow + 4, -90},
                                    {bow - 4, -90},
                                    {bow + 9, -87},
                                    {bow - 9, -87},
                                    {bow + 22, -62},
                                    {bow - 22, -62},
                                    {30, -32},
                                    {-30, -32},
                                    {wrist_out + arm_swing, wrist_y},
                                    {-wrist_out + arm_swing, wrist_y},
                                    {13, 0},
                                    {-13, 0},
                                    {13 + swing / 2, 45},
                                    {-13 - swing / 2, 45},
                                    {13 + swing, 90},
                                    {-13 - swing, 90}};
  Pose pose;
  for (int j = 0; j < kJointCount; ++j) {
    pose[j] = {(x + xy[j][0] + noise(random)) / static_cast<float>(kPoseLiftFrame.width),
               (500 + xy[j][1] + noise(random)) / static_cast<float>(kPoseLiftFrame.height), 0.9f};
  }
  return pose;
}

/// A track of `frames` consecutive frames from `first` on.
inline ClipTrack FigureTrack(int person, FigureAction action, int frames, std::mt19937& random,
                             int first = 0) {
  ClipTrack track;
  track.person = person;
  for (int f = 0; f < frames; ++f) {
    track.poses.push_back({first + f, FigurePose(action, f, random)});
  }
  return track;
}

/// Clips in which one figure walks.
inline std::vector<PoseClip> WalkingClips(int clips, int frames, unsigned seed = 1) {
  std::mt19937 random(seed);
  std::vector<PoseClip> result;
  for (int c = 0; c < clips; ++c) {
    result.push_back(
        {"01_" + std::to_string(1000 + c), {FigureTrack(1, FigureAction::kWalk, frames, random)}});
  }
  return result;
}

/// A clip in which a figure walks for half the time, labelled 0, and another conceals, labelled 1.
inline LabelledClip WalkThenConceal(int half, unsigned seed) {
  std::mt19937 random(seed);
  LabelledClip clip;
  clip.clip.name = "02_" + std::to_string(seed);
  clip.clip.tracks = {FigureTrack(1, FigureAction::kWalk, half, random),
                      FigureTrack(2, FigureAction::kConceal, half, random, half)};
  clip.labels.assign(half, 0);
  clip.labels.resize(2 * static_cast<size_t>(half), 1);
  return clip;
}

}  // namespace aislewatch::pose_anomaly
