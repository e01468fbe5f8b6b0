// Between safetensors and LibTorch.
//
// Stateless and thread-safe.
#pragma once

#include <map>
#include <string>

#include <torch/nn/module.h>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "common/inference/safetensors.h"

namespace aislewatch {

/// A copy of `view` on the CPU, with its dtype and shape. UNIMPLEMENTED for dtypes that LibTorch
/// 1.13 does not have (F8, U16, U32, U64).
absl::StatusOr<torch::Tensor> ToTensor(const TensorView& view);

/// Writes `tensors` (any device and strides; F32, F16, BF16, F64, I8..I64, U8 or BOOL) to `path`.
absl::Status SaveTensors(const std::string& path,
                         const std::map<std::string, torch::Tensor>& tensors,
                         const std::map<std::string, std::string>& metadata = {});

/// Copies the file's tensors into the parameters and buffers of `module`, converting floating
/// types, for example F16 weights into F32 parameters. Strict: INVALID_ARGUMENT lists every tensor
/// that is missing, unexpected, or of another shape or kind, and then nothing was copied.
absl::Status LoadParameters(const SafetensorsFile& file, torch::nn::Module& module);

/// Writes the parameters and buffers of `module` so that LoadParameters reads them back.
absl::Status SaveParameters(const std::string& path, const torch::nn::Module& module,
                            const std::map<std::string, std::string>& metadata = {});

}  // namespace aislewatch
