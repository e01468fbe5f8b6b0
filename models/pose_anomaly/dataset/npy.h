// Reads NumPy's .npy files, as far as frame masks need it.
//
// Format: https://numpy.org/doc/stable/reference/generated/numpy.lib.format.html
// Stateless and thread-safe. Never throws.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace aislewatch::pose_anomaly {

/// The values of a one-dimensional array of little-endian int64 ('<i8') in the format's version 1
/// or 2. `name` is what errors call the file. INVALID_ARGUMENT for any other dtype or shape, and
/// where the data are shorter or longer than the header says.
absl::StatusOr<std::vector<int64_t>> ParseNpyInt64(absl::string_view name, absl::string_view bytes);

/// The whole of a file. NOT_FOUND where it does not exist or cannot be read.
absl::StatusOr<std::string> ReadFile(const std::string& path);

}  // namespace aislewatch::pose_anomaly
