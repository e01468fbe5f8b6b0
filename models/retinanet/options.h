// The sizes of a RetinaNet, as its manifest's "options" give them.
//
// Plain values; no LibTorch.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "common/roles/object_detector.h"
#include "models/clip_networks/options.h"

namespace aislewatch::retinanet {

/// Input pixels per cell of the finest level of the pyramid; each further level doubles it. Levels
/// are called P3, P4, ... after their stride's power of two (Lin et al. 2017, arXiv 1612.03144).
inline constexpr int kFinestStride = 8;
/// Anchors at each cell: three sizes of three shapes.
inline constexpr int kAnchorsPerCell = 9;

/// The whole network (Lin et al. 2017, arXiv 1708.02002), smaller than published: the defaults are
/// for things in a hand, in a picture of that hand, on a processor.
struct Options {
  /// The first ten blocks of MoveNet MultiPose's trunk, whose weights the trainer starts from. One
  /// of its stages must have stride 8.
  clip_networks::TrunkOptions trunk = {.stages = {{40, 2, 2}, {48, 3, 2}, {96, 4, 2}}};
  /// Side of the square input in pixels; a multiple of the coarsest level's stride.
  int input_side = 128;
  /// Levels of the pyramid from stride 8 on.
  int levels = 4;
  int pyramid_channels = 64;
  /// 3×3 convolutions of each subnet before its last one; published: 4.
  int head_convolutions = 2;
  /// Side of a square anchor of the smallest size in cells of its level; published: 4.
  double anchor_scale = 2;
  /// Detections below it are not reported.
  double min_score = 0.05;
  /// From which a detection is to be believed; the trainer chooses it.
  double threshold = 0.5;
  /// Of two boxes of a class that overlap more, the one with the lower score is dropped.
  double nms_iou = 0.5;
  /// Those of the manifest's classes that are weapons.
  std::vector<std::string> weapons;

  /// Input pixels per cell of `level`, 0..levels - 1.
  int stride(int level) const { return kFinestStride << level; }
  /// Cells of `level` along one side.
  int cells(int level) const { return input_side / stride(level); }
  /// Anchors of all levels.
  int anchors() const;
};

/// For each level that the trunk can give, the index of the stage it is taken from: the last one
/// with the level's stride. Further levels are made by strided convolutions.
std::vector<size_t> PyramidStages(const Options& options);

/// INVALID_ARGUMENT naming the first field that is out of range. The limits keep a manifest from
/// asking for more memory than a detector could need.
absl::Status Validate(const Options& options);

/// Reads the manifest's "options"; absent fields keep their defaults. INVALID_ARGUMENT naming the
/// fields whose type or value is wrong.
absl::StatusOr<Options> OptionsFromJson(const nlohmann::json& json);

/// What OptionsFromJson reads.
nlohmann::json OptionsToJson(const Options& options);

/// The manifest's classes with what the options say of them. INVALID_ARGUMENT where there is no
/// class, one twice, or a weapon that is no class.
absl::StatusOr<std::vector<ObjectClass>> ClassesOf(const std::vector<std::string>& names,
                                                   const Options& options);

}  // namespace aislewatch::retinanet
