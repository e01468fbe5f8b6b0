#include "common/inference/tensor_view.h"

#include <array>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"

namespace aislewatch {
namespace {

struct DTypeRow {
  DType dtype;
  absl::string_view name;
  size_t size;
};

// In the order of the enumeration.
constexpr std::array<DTypeRow, 15> kDTypes = {{{DType::kBool, "BOOL", 1},
                                               {DType::kU8, "U8", 1},
                                               {DType::kI8, "I8", 1},
                                               {DType::kF8E5M2, "F8_E5M2", 1},
                                               {DType::kF8E4M3, "F8_E4M3", 1},
                                               {DType::kI16, "I16", 2},
                                               {DType::kU16, "U16", 2},
                                               {DType::kF16, "F16", 2},
                                               {DType::kBF16, "BF16", 2},
                                               {DType::kI32, "I32", 4},
                                               {DType::kU32, "U32", 4},
                                               {DType::kF32, "F32", 4},
                                               {DType::kI64, "I64", 8},
                                               {DType::kU64, "U64", 8},
                                               {DType::kF64, "F64", 8}}};

constexpr uint64_t kMaxBytes = uint64_t{1} << 62;

}  // namespace

absl::string_view DTypeName(DType dtype) { return kDTypes[static_cast<size_t>(dtype)].name; }

std::optional<DType> DTypeFromName(absl::string_view name) {
  for (const DTypeRow& row : kDTypes) {
    if (row.name == name) return row.dtype;
  }
  return std::nullopt;
}

size_t DTypeSize(DType dtype) { return kDTypes[static_cast<size_t>(dtype)].size; }

std::string ShapeText(absl::Span<const int64_t> shape) {
  return absl::StrCat("[", absl::StrJoin(shape, ", "), "]");
}

std::optional<uint64_t> ByteSize(DType dtype, absl::Span<const int64_t> shape) {
  uint64_t bytes = DTypeSize(dtype);
  bool empty = false;
  for (const int64_t side : shape) {
    if (side < 0) return std::nullopt;
    // A zero makes the tensor empty but does not excuse an absurd side beside it.
    if (side == 0) {
      empty = true;
      continue;
    }
    if (static_cast<uint64_t>(side) > kMaxBytes / bytes) return std::nullopt;
    bytes *= static_cast<uint64_t>(side);
  }
  return empty ? 0 : bytes;
}

}  // namespace aislewatch
