// What is known of a model beside its weights: the file model.json.
//
// Plain values; no threads. docs: common/inference/README.md shows a whole manifest.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "common/roles/model_info.h"

namespace aislewatch {

/// What a network does in the cluster, and so which interface it stands behind.
enum class ModelRole : uint8_t { kPose, kClassifier, kPoseAnomaly, kFighting, kObject, kRisk };

/// "pose", "classifier", "pose_anomaly", "fighting", "object", "risk".
absl::string_view ModelRoleName(ModelRole role);

/// What computes the network.
enum class ModelBackend : uint8_t {
  /// One of our own torch::nn modules, found by the architecture's name, with safetensors weights.
  kNative,
  /// A TorchScript file that somebody exported; it is code, so it must come from somebody trusted.
  kTorchScript
};

/// "native", "torchscript".
absl::string_view ModelBackendName(ModelBackend backend);

/// How a picture or sequence becomes numbers.
struct ModelInput {
  /// Sides of one item, each >= 1; what they mean is the architecture's.
  std::vector<int64_t> size;
  /// "rgb" or "bgr" for pictures, empty for what is no picture.
  std::string channels;
  /// Value = raw * scale + offset, for all channels (one number) or each. Empty: left as it is.
  std::vector<double> scale;
  std::vector<double> offset;
};

/// How the weights came to be, so that somebody can make them again.
struct ModelTraining {
  /// Data sets by name, with the part that was used.
  std::string data;
  /// The command line that trained or imported them.
  std::string command;
  /// Absent for imported weights.
  std::optional<int64_t> seed;
};

struct ModelManifest {
  ModelInfo info;
  ModelRole role = ModelRole::kPose;
  ModelBackend backend = ModelBackend::kNative;
  /// Name of the network; for torchscript what the file's outputs look like, e.g. "yolo_pose".
  std::string architecture;
  /// The network's own options: a JSON object, checked by the architecture.
  nlohmann::json options = nlohmann::json::object();
  ModelInput input;
  /// Of a classifier or an object detector, in the order of its outputs.
  std::vector<std::string> classes;
  /// How outputs become results; empty where the architecture has only one way.
  std::string decoder;
  /// The decoder's own options: a JSON object, checked by the decoder.
  nlohmann::json decoder_options = nlohmann::json::object();
  /// SPDX expression, for example "Apache-2.0".
  std::string licence;
  /// Where the weights come from, for a reader.
  std::string source;
  ModelTraining training;
  /// Measured figures by name, for example "accuracy"; finite.
  std::map<std::string, double> metrics;
  /// Name of the weights' file, in the manifest's folder.
  std::string weights_file = "weights.safetensors";
  /// 64 lower-case hexadecimal digits.
  std::string weights_sha256;
};

/// Reads model.json's text. INVALID_ARGUMENT lists every fault at once, each with the path of the
/// field ("training.command: must not be empty"), unknown fields included.
absl::StatusOr<ModelManifest> ParseManifest(absl::string_view json);

/// The text that ParseManifest reads back, with sorted fields and a final line feed.
std::string ManifestText(const ModelManifest& manifest);

}  // namespace aislewatch
