// The sizes of a CNN-GRU network, as its manifest's "options" give them.
//
// Plain values; no LibTorch.
#pragma once

#include <vector>

#include <nlohmann/json_fwd.hpp>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

namespace aislewatch::cnn_gru {

/// A run of inverted residual blocks with as many output channels each (MobileNetV2, Sandler et
/// al. 2018, arXiv 1801.04381). Only the first block of a stage strides.
struct TrunkStage {
  int channels = 0;
  int blocks = 0;
  /// 1 or 2.
  int stride = 1;
};

/// The picture part. The defaults are the first thirteen blocks of MoveNet MultiPose's trunk
/// (MobileNetV2 at width 1.5), whose weights the trainer starts from.
struct TrunkOptions {
  int stem_channels = 48;
  int first_channels = 24;
  int expansion = 6;
  std::vector<TrunkStage> stages = {{40, 2, 2}, {48, 3, 2}, {96, 4, 2}, {144, 3, 1}};

  /// Channels of the trunk's output.
  int channels() const;
  /// Input pixels per output pixel, along one side.
  int stride() const;
};

/// The whole network.
struct Options {
  TrunkOptions trunk;
  /// Side of the square crops in pixels; a multiple of the trunk's stride.
  int crop_side = 112;
  /// Channels that the trunk's output is reduced to before it is flattened.
  int reduced_channels = 32;
  /// Floats per crop that the sequence part gets of the picture; 0 leaves the picture, and with it the
  /// trunk, out.
  int feature_size = 128;
  /// Floats per crop that it gets of the pose; 0 leaves the pose out. One of the two must be there.
  int pose_size = 64;
  int hidden_size = 128;
  /// Longest sequence in crops, at 10 crops per second.
  int window = 64;

  /// Output pixels of the trunk, along one side.
  int map_side() const { return crop_side / trunk.stride(); }
  bool sees_pictures() const { return feature_size > 0; }
  /// Floats per crop that are kept for the sequence part.
  int crop_features() const { return feature_size + pose_size; }
};

/// INVALID_ARGUMENT naming the first field of a trunk that is out of range.
absl::Status Validate(const TrunkOptions& trunk);

/// Reads a trunk's sizes as they stand in a manifest; absent fields stay as in `defaults`.
/// INVALID_ARGUMENT naming the field whose type or value is wrong. For every model with a trunk.
absl::StatusOr<TrunkOptions> TrunkOptionsFromJson(const nlohmann::json& json,
                                                  TrunkOptions defaults = {});

/// What TrunkOptionsFromJson reads.
nlohmann::json TrunkOptionsToJson(const TrunkOptions& trunk);

/// INVALID_ARGUMENT naming the first field that is out of range. The limits keep a manifest from
/// asking for more memory than a classifier could need.
absl::Status Validate(const Options& options);

/// Reads the manifest's "options"; absent fields keep their defaults. INVALID_ARGUMENT naming the
/// field whose type or value is wrong.
absl::StatusOr<Options> OptionsFromJson(const nlohmann::json& json);

/// What OptionsFromJson reads.
nlohmann::json OptionsToJson(const Options& options);

}  // namespace aislewatch::cnn_gru
