// A file's bytes in memory.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/types/span.h"

namespace aislewatch {

/// The bytes of a regular file. Immutable and thread-safe; whoever shares the pointer owns it.
///
/// Read and not mapped: services read models while they serve, and a mapped file that somebody
/// shortens meanwhile, as copying over it does, kills the process.
class FileBytes {
 public:
  /// NOT_FOUND where there is no such file, FAILED_PRECONDITION where it is no regular file,
  /// DATA_LOSS where it became shorter while it was read.
  static absl::StatusOr<std::shared_ptr<const FileBytes>> Read(const std::string& path);

  FileBytes(const FileBytes&) = delete;
  FileBytes& operator=(const FileBytes&) = delete;

  absl::Span<const uint8_t> bytes() const { return bytes_; }

 private:
  explicit FileBytes(std::vector<uint8_t> bytes) : bytes_(std::move(bytes)) {}

  const std::vector<uint8_t> bytes_;
};

}  // namespace aislewatch
