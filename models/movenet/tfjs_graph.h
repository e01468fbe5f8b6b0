// The weights of a TensorFlow.js graph model: a JSON file and its binary shards.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "common/inference/tensor_view.h"

namespace aislewatch {

/// A weight as the graph stores it: F32, F16 (TensorFlow.js' float16 quantisation) or I32, in
/// TensorFlow's layout.
struct TfjsWeight {
  DType dtype = DType::kF32;
  std::vector<int64_t> shape;
  std::vector<uint8_t> bytes;
};

/// Reads all weights of the graph at `json_path` by their names; the shards must lie beside it.
/// INVALID_ARGUMENT names the file and the fault: no graph model, unknown dtype or quantisation,
/// or shards whose size is not exactly that of their weights.
absl::StatusOr<std::map<std::string, TfjsWeight>> ReadTfjsWeights(const std::string& json_path);

}  // namespace aislewatch
