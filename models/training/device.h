// What a trainer computes on.
//
// Includes LibTorch. Stateless.
#pragma once

#include <torch/types.h>

#include <string>

#include "absl/status/statusor.h"

namespace aislewatch::training {

/// "cpu", "cuda", or "auto": CUDA where there is some. INVALID_ARGUMENT for another name,
/// FAILED_PRECONDITION where "cuda" is not there.
absl::StatusOr<torch::Device> ChooseDevice(const std::string& name);

}  // namespace aislewatch::training
