// SHA-256 of files, by OpenSSL.
#pragma once

#include <cstdint>
#include <string>

#include "absl/status/statusor.h"
#include "absl/types/span.h"

namespace aislewatch {

/// 64 lower-case hexadecimal digits. Thread-safe.
std::string Sha256Hex(absl::Span<const uint8_t> bytes);

/// Of a file's contents. Blocks for the disk.
absl::StatusOr<std::string> Sha256OfFile(const std::string& path);

}  // namespace aislewatch
