// Cutting a track into the normalised windows that STG-NF sees.
#pragma once

#include <array>
#include <deque>
#include <optional>
#include <vector>

#include "absl/time/time.h"
#include "common/roles/pose_anomaly_scorer.h"
#include "common/vision/geometry.h"
#include "models/pose_anomaly/dataset/poselift.h"

namespace aislewatch::pose_anomaly {

/// COCO's 17 joints and, as the last, the neck: the middle of the shoulders. The paper's skeleton.
inline constexpr int kStgJoints = kJointCount + 1;
/// x, y.
inline constexpr int kStgChannels = 2;

/// `[2, T, 18]` float32, row-major: coordinates less their mean over the window, divided by the
/// standard deviation of y over the window.
using StgWindow = std::vector<float>;

/// The windows of one track, each ending at its newest pose. Windows are T frames at 15 per second
/// (PoseLift's rate) whatever the camera's rate: between poses the joints move linearly. Not
/// thread-safe.
class PoseWindows {
 public:
  /// `window`: T >= 2.
  explicit PoseWindows(int window) : window_(window) {}

  /// Takes the next pose. Returns the window that ends there, or nothing while the track is younger
  /// than a window, where more than two of its frames in a row are missing, or where the pose is
  /// not later than the one before.
  std::optional<StgWindow> Push(const PoseSample& sample);

 private:
  struct Entry {
    absl::Time time;
    std::array<PixelPoint, kStgJoints> joints;
  };

  const int window_;
  std::deque<Entry> entries_;  // without a long gap between neighbours
};

/// Every `stride`-th window of each track of the clips.
std::vector<StgWindow> CutWindows(const std::vector<const PoseClip*>& clips, int window,
                                  int stride);

}  // namespace aislewatch::pose_anomaly
