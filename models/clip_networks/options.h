// Which clip classifier a network is, and its sizes, as a manifest's "architecture" gives them.
//
// Plain values; no LibTorch.
#pragma once

#include <vector>

#include <array>
#include <cstdint>
#include <nlohmann/json_fwd.hpp>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace aislewatch::clip_networks {

/// What a network is made of; its header says how.
enum class Architecture : uint8_t { kCnnGru, kCnnLstm, kConvLstm, kGateFlowSlowFast };

/// As manifests and the command line write them, in the enumeration's order.
inline constexpr std::array<absl::string_view, 4> kArchitectureNames = {
    "cnn_gru", "cnn_lstm", "conv_lstm", "gate_flow_slowfast"};

absl::string_view ArchitectureName(Architecture architecture);
/// INVALID_ARGUMENT lists the names that there are.
absl::StatusOr<Architecture> ArchitectureFromName(absl::string_view name);

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

/// The whole network. The trunk, reduced_channels, feature_size and pose_size are those of cnn_gru; the
/// others' inner sizes are those of their ancestors and stand in their headers.
struct Options {
  Architecture architecture = Architecture::kCnnGru;
  TrunkOptions trunk;
  /// Side of the square crops in pixels; a multiple of what the network divides it by.
  int crop_side = 112;
  /// Channels that the trunk's output is reduced to before it is flattened.
  int reduced_channels = 32;
  /// Floats per crop that the sequence part gets of the picture; 0 leaves the picture, and with it the
  /// trunk, out.
  int feature_size = 128;
  /// Floats per crop that it gets of the pose; 0 leaves the pose out. One of the two must be there.
  int pose_size = 64;
  /// Floats of the recurrent state, of cnn_gru and cnn_lstm.
  int hidden_size = 128;
  /// Longest sequence in crops, at 10 crops per second.
  int window = 64;

  /// Output pixels of the trunk, along one side.
  int map_side() const { return crop_side / trunk.stride(); }
  bool sees_pictures() const { return architecture != Architecture::kCnnGru || feature_size > 0; }
  bool sees_joints() const { return architecture == Architecture::kCnnGru && pose_size > 0; }
};

/// The sizes that an architecture has where nothing else is asked for: cnn_gru as in Options, cnn_lstm
/// and conv_lstm with the 20 frames of 64×64 of the UCF50 work, gate_flow_slowfast with 64 frames.
Options DefaultOptions(Architecture architecture);

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

/// Reads the manifest's "options" of an architecture; absent fields keep their defaults.
/// INVALID_ARGUMENT naming the field whose type or value is wrong.
absl::StatusOr<Options> OptionsFromJson(Architecture architecture, const nlohmann::json& json);

/// What OptionsFromJson reads.
nlohmann::json OptionsToJson(const Options& options);

}  // namespace aislewatch::clip_networks
