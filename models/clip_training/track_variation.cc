#include "models/clip_training/track_variation.h"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <vector>

#include "models/clip_training/pose_faults.h"

namespace aislewatch::clip_training {
namespace {

using torch::indexing::Slice;

/// In fractions of the crop.
constexpr double kJointTremble = 0.01;
constexpr double kShift = 0.03;
constexpr double kStretch = 0.08;
constexpr double kUnseenJoint = 0.03;
constexpr double kNoPose = 0.1;
/// Boxes tremble from person to person and from model to model, by a seventh of the crop at most: a
/// cell of the trunk's map.
constexpr double kShiftedMaps = 0.5;
constexpr int64_t kShiftParts = 7;
/// Pictures are learnt by heart much sooner than poses.
constexpr double kNoPicture = 0.5;
/// Some people are slower, some faster by this factor at most.
constexpr double kTempo = 1.15;

torch::Tensor MirroredKeypoints(const torch::Tensor& keypoints) {
  const std::vector<int64_t> from(kMirroredJoint.begin(), kMirroredJoint.end());
  torch::Tensor mirrored = keypoints.index_select(1, torch::tensor(from));
  mirrored.select(2, 0).neg_().add_(1);
  return mirrored;
}

/// The maps as if the person had been cut out `by` cells further along an axis; what comes in at
/// the edge repeats it.
torch::Tensor Shifted(const torch::Tensor& maps, int64_t axis, int64_t by) {
  const int64_t cells = maps.size(axis);
  return maps.index_select(axis, (torch::arange(cells) + by).clamp(0, cells - 1));
}

/// The track as if everything had taken `factor` times as long: crops are left out or repeated.
TrackMaps AtTempo(const TrackMaps& track, double factor) {
  const int64_t crops = track.crops();
  std::vector<int64_t> index;
  for (int64_t i = 0;; ++i) {
    const auto from = static_cast<int64_t>(static_cast<double>(i) / factor);
    if (from >= crops) break;
    index.push_back(from);
  }
  TrackMaps resampled;
  resampled.track_id = track.track_id;
  const torch::Tensor rows = torch::tensor(index);
  if (track.maps.defined()) resampled.maps = track.maps.index_select(0, rows);
  resampled.keypoints = track.keypoints.index_select(0, rows);
  for (const int64_t from : index) {
    if (track.targets.empty()) break;
    resampled.targets.push_back(track.targets[static_cast<size_t>(from)]);
  }
  return resampled;
}

}  // namespace

SampleView VaryView(const clip_networks::ClipNetwork& network, const SampleView& view,
                    std::mt19937_64& random) {
  const auto uniform = [&](double low, double high) {
    return std::uniform_real_distribution<double>(low, high)(random);
  };
  const bool mirror = uniform(0, 1) < 0.5;
  const double tempo = std::exp(uniform(-std::log(kTempo), std::log(kTempo)));
  SampleView varied;
  for (const TrackMaps& track : view.tracks) {
    TrackMaps& one = varied.tracks.emplace_back(AtTempo(track, tempo));
    if (mirror) {
      one.keypoints = MirroredKeypoints(one.keypoints);
      if (one.maps.defined()) one.maps = network.MirroredMaps(one.maps);
    }
    if (track.true_joints) one.keypoints = WithPoseFaults(one.keypoints, random);
    torch::Tensor points = one.keypoints.index({Slice(), Slice(), Slice(0, 2)});
    points.mul_(uniform(1 - kStretch, 1 + kStretch));
    points.select(2, 0).add_(uniform(-kShift, kShift));
    points.select(2, 1).add_(uniform(-kShift, kShift));
    if (!track.true_joints) {
      points.add_(torch::randn(points.sizes()) * kJointTremble);
      torch::Tensor confidence = one.keypoints.select(2, 2);
      confidence.mul_((torch::rand(confidence.sizes()) >= kUnseenJoint).to(torch::kFloat32));
    }
    if (!one.maps.defined()) continue;
    if (uniform(0, 1) < kShiftedMaps) {
      for (const int64_t axis : {2, 3}) {
        const int64_t most = std::max<int64_t>(1, one.maps.size(axis) / kShiftParts);
        const auto by = static_cast<int64_t>(random() % static_cast<uint64_t>(2 * most + 1));
        one.maps = Shifted(one.maps, axis, by - most);
      }
    }
    if (!network.options().sees_joints()) continue;
    const double without = uniform(0, 1);
    if (without < kNoPose) {
      one.keypoints = torch::zeros_like(one.keypoints);
    } else if (without < kNoPose + kNoPicture) {
      one.maps = torch::Tensor();
    }
  }
  return varied;
}

}  // namespace aislewatch::clip_training
