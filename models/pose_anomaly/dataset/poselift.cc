#include "models/pose_anomaly/dataset/poselift.h"

#include <algorithm>
#include <filesystem>
#include <set>
#include <system_error>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "absl/time/time.h"
#include "common/base/status.h"
#include "models/pose_anomaly/dataset/npy.h"

namespace aislewatch::pose_anomaly {
namespace {

constexpr absl::string_view kPoseSuffix = "_alphapose_tracked_person.json";
constexpr absl::string_view kMaskSuffix = ".npy";

// Names of the clips whose files lie in `folder` with `suffix`, sorted. NOT_FOUND without any.
absl::StatusOr<std::set<std::string>> ClipNames(const std::string& folder,
                                                absl::string_view suffix) {
  std::set<std::string> names;
  std::error_code error;
  for (std::filesystem::directory_iterator it(folder, error), end; !error && it != end;
       it.increment(error)) {
    const std::string file = it->path().filename().string();
    absl::string_view name = file;
    if (absl::ConsumeSuffix(&name, suffix)) names.insert(std::string(name));
  }
  if (error || names.empty()) {
    return absl::NotFoundError(
        absl::StrCat(folder, ": no *", suffix, error ? " (" + error.message() + ")" : "",
                     "; give a folder in PoseLift's layout: pose/train, pose/test and "
                     "gt/test_frame_mask"));
  }
  return names;
}

absl::StatusOr<PoseClip> ReadClip(const std::string& folder, const std::string& name) {
  const std::string path = absl::StrCat(folder, "/", name, kPoseSuffix);
  AW_ASSIGN_OR_RETURN(const std::string text, ReadFile(path));
  absl::StatusOr<PoseClip> clip = ParsePoseLiftClip(name, text);
  if (!clip.ok()) return Annotate(clip.status(), path);
  return clip;
}

absl::StatusOr<std::vector<uint8_t>> ReadMask(const std::string& path) {
  AW_ASSIGN_OR_RETURN(const std::string bytes, ReadFile(path));
  AW_ASSIGN_OR_RETURN(const std::vector<int64_t> values, ParseNpyInt64(path, bytes));
  std::vector<uint8_t> labels(values.size());
  for (size_t i = 0; i < values.size(); ++i) {
    if (values[i] != 0 && values[i] != 1) {
      return absl::InvalidArgumentError(
          absl::StrCat(path, ": frame ", i, " has the label ", values[i], "; expected 0 or 1"));
    }
    labels[i] = static_cast<uint8_t>(values[i]);
  }
  return labels;
}

}  // namespace

absl::StatusOr<std::vector<PoseClip>> ReadTrainingClips(const std::string& dataset) {
  const std::string folder = dataset + "/pose/train";
  AW_ASSIGN_OR_RETURN(const std::set<std::string> names, ClipNames(folder, kPoseSuffix));
  std::vector<PoseClip> clips;
  for (const std::string& name : names) {
    AW_ASSIGN_OR_RETURN(PoseClip clip, ReadClip(folder, name));
    clips.push_back(std::move(clip));
  }
  return clips;
}

absl::StatusOr<TestSet> ReadTestSet(const std::string& dataset) {
  const std::string poses = dataset + "/pose/test";
  const std::string masks = dataset + "/gt/test_frame_mask";
  AW_ASSIGN_OR_RETURN(const std::set<std::string> pose_names, ClipNames(poses, kPoseSuffix));
  AW_ASSIGN_OR_RETURN(const std::set<std::string> mask_names, ClipNames(masks, kMaskSuffix));
  TestSet set;
  std::set_difference(pose_names.begin(), pose_names.end(), mask_names.begin(), mask_names.end(),
                      std::back_inserter(set.without_mask));
  std::set_difference(mask_names.begin(), mask_names.end(), pose_names.begin(), pose_names.end(),
                      std::back_inserter(set.without_poses));
  for (const std::string& name : pose_names) {
    if (mask_names.count(name) == 0) continue;
    AW_ASSIGN_OR_RETURN(PoseClip clip, ReadClip(poses, name));
    AW_ASSIGN_OR_RETURN(std::vector<uint8_t> labels,
                        ReadMask(absl::StrCat(masks, "/", name, kMaskSuffix)));
    set.clips.push_back({std::move(clip), std::move(labels)});
  }
  if (set.clips.empty()) {
    return absl::NotFoundError(
        absl::StrCat(dataset,
                     ": no clip of pose/test has its mask in gt/test_frame_mask; a clip "
                     "CC_VVVV_alphapose_tracked_person.json needs CC_VVVV.npy"));
  }
  return set;
}

std::string CameraOf(absl::string_view clip) {
  return std::string(clip.substr(0, clip.find('_')));
}

PoseSample ToSample(const ClipPose& pose) {
  return {absl::UnixEpoch() + absl::Seconds(pose.frame / kPoseLiftFps), pose.pose, kPoseLiftFrame};
}

}  // namespace aislewatch::pose_anomaly
