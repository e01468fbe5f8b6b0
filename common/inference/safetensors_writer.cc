#include <algorithm>
#include <nlohmann/json.hpp>

#include "absl/strings/str_cat.h"
#include "common/base/atomic_write.h"
#include "common/base/status.h"
#include "common/inference/safetensors.h"

namespace aislewatch {
namespace {

// Wider elements first and then by name, as the reference implementation does: every tensor is
// then aligned to its element without padding.
std::vector<const TensorView*> InFileOrder(absl::Span<const TensorView> tensors) {
  std::vector<const TensorView*> order;
  for (const TensorView& tensor : tensors) order.push_back(&tensor);
  std::sort(order.begin(), order.end(), [](const TensorView* a, const TensorView* b) {
    const size_t a_size = DTypeSize(a->dtype);
    const size_t b_size = DTypeSize(b->dtype);
    return a_size != b_size ? a_size > b_size : a->name < b->name;
  });
  return order;
}

absl::Status Check(const TensorView& tensor) {
  if (tensor.name.empty() || tensor.name == "__metadata__") {
    return absl::InvalidArgumentError(
        absl::StrCat("a tensor cannot be called '", tensor.name, "'"));
  }
  if (ByteSize(tensor.dtype, tensor.shape) != tensor.data.size()) {
    return absl::InvalidArgumentError(
        absl::StrCat("tensor '", tensor.name, "' has ", tensor.data.size(), " bytes, which ",
                     DTypeName(tensor.dtype), " ", ShapeText(tensor.shape), " does not take"));
  }
  return absl::OkStatus();
}

std::string LittleEndian(uint64_t value) {
  std::string bytes(8, '\0');
  for (char& byte : bytes) {
    byte = static_cast<char>(value & 0xff);
    value >>= 8;
  }
  return bytes;
}

}  // namespace

absl::Status WriteSafetensors(const std::string& path, absl::Span<const TensorView> tensors,
                              const std::map<std::string, std::string>& metadata) {
  nlohmann::json header = nlohmann::json::object();
  if (!metadata.empty()) header["__metadata__"] = metadata;
  const std::vector<const TensorView*> order = InFileOrder(tensors);
  uint64_t offset = 0;
  for (const TensorView* tensor : order) {
    AW_RETURN_IF_ERROR(Check(*tensor));
    if (header.contains(tensor->name)) {
      return absl::InvalidArgumentError(
          absl::StrCat("two tensors are called '", tensor->name, "'"));
    }
    header[tensor->name] = {{"dtype", std::string(DTypeName(tensor->dtype))},
                            {"shape", tensor->shape},
                            {"data_offsets", {offset, offset + tensor->data.size()}}};
    offset += tensor->data.size();
  }
  std::string text = header.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
  // Spaces round the header up to 8 bytes, so that the tensors begin aligned.
  text.append((8 - text.size() % 8) % 8, ' ');

  std::string contents = LittleEndian(text.size()) + text;
  contents.reserve(contents.size() + offset);
  for (const TensorView* tensor : order) {
    contents.append(reinterpret_cast<const char*>(tensor->data.data()), tensor->data.size());
  }
  return WriteFileAtomically(path, contents);
}

}  // namespace aislewatch
