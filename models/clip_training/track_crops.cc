#include "models/clip_training/track_crops.h"

#include <algorithm>
#include <map>
#include <opencv2/imgproc.hpp>

#include "common/vision/crop.h"

namespace aislewatch::clip_training {
namespace {

NormalizedBox Jitter(const NormalizedBox& box, const cv::Mat& frame, const Augmentation& how,
                     std::mt19937_64& random) {
  // Offsets are fractions of the longer side in pixels, so both axes need the picture's shape.
  const float longer = std::max(box.width * static_cast<float>(frame.cols),
                                box.height * static_cast<float>(frame.rows));
  std::normal_distribution<float> tremble(0, std::max(how.tremble, 1e-9f));
  const float dx = (how.shift_x + tremble(random)) * longer / static_cast<float>(frame.cols);
  const float dy = (how.shift_y + tremble(random)) * longer / static_cast<float>(frame.rows);
  const float width = box.width * how.scale;
  const float height = box.height * how.scale;
  return {box.x + (box.width - width) / 2 + dx, box.y + (box.height - height) / 2 + dy, width,
          height};
}

cv::Mat Alter(const cv::Mat& crop, const Augmentation& how) {
  cv::Mat altered = crop;
  if (how.flip) cv::flip(crop, altered, 1);
  const bool coloured = how.contrast != 1 || how.brightness != 0 || how.tint[0] != 1 ||
                        how.tint[1] != 1 || how.tint[2] != 1;
  if (!coloured) return altered;
  cv::Mat lut(1, 256, CV_8UC3);
  for (int v = 0; v < 256; ++v) {
    for (int c = 0; c < 3; ++c) {
      const float value = (static_cast<float>(v) - 128) * how.contrast + 128;
      lut.at<cv::Vec3b>(0, v)[c] =
          cv::saturate_cast<uchar>((value + 255 * how.brightness) * how.tint[c]);
    }
  }
  cv::Mat toned;
  cv::LUT(altered, lut, toned);
  return toned;
}

}  // namespace

Pose Mirrored(const Pose& pose) {
  Pose mirrored;
  for (size_t j = 0; j < mirrored.size(); ++j) {
    const Keypoint& from = pose[kMirroredJoint[j]];
    mirrored[j] = {1 - from.x, from.y, from.confidence};
  }
  return mirrored;
}

Augmentation DrawAugmentation(std::mt19937_64& random) {
  const auto uniform = [&](float low, float high) {
    return std::uniform_real_distribution<float>(low, high)(random);
  };
  Augmentation how;
  how.flip = uniform(0, 1) < 0.5f;
  how.shift_x = uniform(-0.06f, 0.06f);
  how.shift_y = uniform(-0.06f, 0.06f);
  how.scale = uniform(0.88f, 1.15f);
  how.contrast = uniform(0.75f, 1.25f);
  how.brightness = uniform(-0.12f, 0.12f);
  for (float& tint : how.tint) tint = uniform(0.92f, 1.08f);
  how.tremble = uniform(0.0f, 0.015f);
  return how;
}

std::vector<TrackCrops> CutTracks(absl::Span<const CapturedFrame> frames,
                                  const PeopleByFrame& people, const Augmentation& augmentation,
                                  std::mt19937_64& random, size_t min_frames) {
  std::map<uint64_t, TrackCrops> tracks;
  const size_t count = std::min(frames.size(), people.size());
  for (size_t i = 0; i < count; ++i) {
    for (const FoundPerson& person : people[i]) {
      TrackCrops& track = tracks[person.track_id];
      track.track_id = person.track_id;
      const NormalizedBox box = Jitter(person.box, frames[i].image, augmentation, random);
      const cv::Mat& frame = frames[i].image;
      track.crops.push_back(Alter(CropPerson(frame, box), augmentation));
      const Pose pose = KeypointsInCrop(person.keypoints, {frame.cols, frame.rows}, box);
      track.poses.push_back(augmentation.flip ? Mirrored(pose) : pose);
      track.frames.push_back(static_cast<int>(i));
    }
  }
  std::vector<TrackCrops> kept;
  for (auto& [id, track] : tracks) {
    if (track.crops.size() >= min_frames) kept.push_back(std::move(track));
  }
  return kept;
}

}  // namespace aislewatch::clip_training
