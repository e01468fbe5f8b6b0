// SHA-256 of files.
#pragma once

#include <string>

#include "absl/status/statusor.h"

namespace aislewatch {

/// 64 lower-case hexadecimal digits, of a file's contents. Blocks for the disk.
absl::StatusOr<std::string> Sha256OfFile(const std::string& path);

}  // namespace aislewatch
