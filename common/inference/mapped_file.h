// A file's bytes, mapped into memory for reading.
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "absl/types/span.h"

namespace aislewatch {

/// The bytes of a regular file. Immutable and thread-safe; whoever shares the pointer owns it.
///
/// The file must not be shortened while it is mapped: reading past its new end kills the process.
/// Files of the model repository are therefore replaced by rename and never edited in place.
class MappedFile {
 public:
  /// NOT_FOUND where there is no such file, FAILED_PRECONDITION where it is no regular file.
  static absl::StatusOr<std::shared_ptr<const MappedFile>> Open(const std::string& path);

  ~MappedFile();
  MappedFile(const MappedFile&) = delete;
  MappedFile& operator=(const MappedFile&) = delete;

  absl::Span<const uint8_t> bytes() const { return {data_, size_}; }

 private:
  MappedFile(const uint8_t* data, size_t size) : data_(data), size_(size) {}

  const uint8_t* const data_;
  const size_t size_;
};

}  // namespace aislewatch
