// Named tensors as bytes, without LibTorch.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "absl/types/span.h"

namespace aislewatch {

/// Element types of safetensors, little-endian.
enum class DType : uint8_t {
  kBool, kU8, kI8, kF8E5M2, kF8E4M3, kI16, kU16, kF16, kBF16, kI32, kU32, kF32, kI64, kU64, kF64
};

/// As safetensors writes it, for example "F32".
absl::string_view DTypeName(DType dtype);
/// Nothing for a name that safetensors does not know.
std::optional<DType> DTypeFromName(absl::string_view name);
/// Bytes of one element, 1..8.
size_t DTypeSize(DType dtype);

/// A tensor whose bytes belong to somebody else: to the SafetensorsFile it was read from, or to
/// the caller who writes it. Row-major, without gaps.
struct TensorView {
  std::string name;
  DType dtype = DType::kF32;
  /// Sides, outermost first; empty for a scalar.
  std::vector<int64_t> shape;
  absl::Span<const uint8_t> data;
};

/// "[3, 224, 224]".
std::string ShapeText(absl::Span<const int64_t> shape);

/// The number of bytes that `shape` takes, or nothing where a side is negative or the product
/// exceeds 2^62.
std::optional<uint64_t> ByteSize(DType dtype, absl::Span<const int64_t> shape);

}  // namespace aislewatch
