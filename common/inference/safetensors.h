// Reading and writing safetensors files.
//
// The format (https://github.com/huggingface/safetensors): 8 bytes little-endian header length,
// a JSON object that gives each tensor's dtype, shape and byte range, then the tensors' bytes
// without holes. Nothing in it can execute, and nothing of it is trusted here: a file that is
// truncated, lies about an offset or names a tensor twice is refused with the fault's name.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "common/inference/file_bytes.h"
#include "common/inference/tensor_view.h"

namespace aislewatch {

/// Longest header that is accepted, as in the reference implementation.
inline constexpr uint64_t kMaxSafetensorsHeader = 100'000'000;

/// What a file holds.
struct SafetensorsContent {
  /// In the order of their bytes. The data lies in the span that was parsed.
  std::vector<TensorView> tensors;
  /// The header's `__metadata__`.
  std::map<std::string, std::string> metadata;
};

/// Checks and indexes a whole file's bytes, copying none of the tensors'. INVALID_ARGUMENT names
/// the tensor and the fault.
absl::StatusOr<SafetensorsContent> ParseSafetensors(absl::Span<const uint8_t> file);

/// An open file. Immutable and thread-safe; views from it live as long as it does.
class SafetensorsFile {
 public:
  /// Maps and checks `path`. Errors carry the path.
  static absl::StatusOr<SafetensorsFile> Open(const std::string& path);

  const std::vector<TensorView>& tensors() const { return content_.tensors; }
  const std::map<std::string, std::string>& metadata() const { return content_.metadata; }
  /// The tensor called `name`, or null.
  const TensorView* Find(absl::string_view name) const;

 private:
  SafetensorsFile(std::shared_ptr<const FileBytes> file, SafetensorsContent content)
      : file_(std::move(file)), content_(std::move(content)) {}

  std::shared_ptr<const FileBytes> file_;
  SafetensorsContent content_;
};

/// Writes `tensors` to `path`, which appears complete or not at all (a temporary file beside it is
/// renamed). INVALID_ARGUMENT where two tensors share a name or the bytes do not fit the shape.
/// The same input always gives the same bytes.
absl::Status WriteSafetensors(const std::string& path, absl::Span<const TensorView> tensors,
                              const std::map<std::string, std::string>& metadata = {});

}  // namespace aislewatch
