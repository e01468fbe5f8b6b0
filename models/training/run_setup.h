// What every trainer asks before it begins.
//
// Includes LibTorch. Stateless.
#pragma once

#include <torch/types.h>

#include <string>

#include "absl/status/statusor.h"
#include "common/roles/model_info.h"

namespace aislewatch::training {

/// "cpu", "cuda", or "auto": CUDA where there is some. INVALID_ARGUMENT for another name,
/// FAILED_PRECONDITION where "cuda" is not there.
absl::StatusOr<torch::Device> ChooseDevice(const std::string& name);

/// Name and version from the end of a folder ".../NAME/VERSION". INVALID_ARGUMENT where there are
/// none.
absl::StatusOr<ModelInfo> ModelInfoOf(const std::string& folder);

}  // namespace aislewatch::training
