#include "common/inference/torch_tensors.h"

#include <cstring>
#include <optional>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "common/base/status.h"
#include "common/inference/torch_guard.h"

namespace aislewatch {
namespace {

constexpr std::pair<DType, torch::ScalarType> kTypes[] = {
    {DType::kBool, torch::kBool}, {DType::kU8, torch::kUInt8},  {DType::kI8, torch::kInt8},
    {DType::kI16, torch::kInt16}, {DType::kF16, torch::kHalf},  {DType::kBF16, torch::kBFloat16},
    {DType::kI32, torch::kInt32}, {DType::kF32, torch::kFloat}, {DType::kI64, torch::kInt64},
    {DType::kF64, torch::kDouble}};

std::optional<torch::ScalarType> TorchType(DType dtype) {
  for (const auto& [ours, theirs] : kTypes) {
    if (ours == dtype) return theirs;
  }
  return std::nullopt;
}

std::optional<DType> OurType(torch::ScalarType type) {
  for (const auto& [ours, theirs] : kTypes) {
    if (theirs == type) return ours;
  }
  return std::nullopt;
}

std::map<std::string, torch::Tensor> NamedTensors(const torch::nn::Module& module) {
  std::map<std::string, torch::Tensor> tensors;
  for (const auto& item : module.named_parameters()) tensors[item.key()] = item.value();
  for (const auto& item : module.named_buffers()) tensors[item.key()] = item.value();
  return tensors;
}

// What is wrong with filling `want` from `have`, or an empty string.
std::string Mismatch(const TensorView& have, const torch::Tensor& want) {
  const absl::Span<const int64_t> shape(want.sizes().data(), want.sizes().size());
  if (absl::MakeConstSpan(have.shape) != shape) {
    return absl::StrCat("'", have.name, "' has the shape ", ShapeText(have.shape), " instead of ",
                        ShapeText(shape));
  }
  const std::optional<torch::ScalarType> type = TorchType(have.dtype);
  if (!type || c10::isFloatingType(*type) != want.is_floating_point()) {
    return absl::StrCat("'", have.name, "' is ", DTypeName(have.dtype), ", the module needs ",
                        c10::toString(want.scalar_type()));
  }
  return "";
}

absl::Status CheckAll(const SafetensorsFile& file,
                      const std::map<std::string, torch::Tensor>& wanted) {
  std::vector<std::string> missing, unexpected, wrong;
  for (const auto& [name, tensor] : wanted) {
    const TensorView* view = file.Find(name);
    if (view == nullptr) {
      missing.push_back(name);
    } else if (std::string fault = Mismatch(*view, tensor); !fault.empty()) {
      wrong.push_back(std::move(fault));
    }
  }
  for (const TensorView& view : file.tensors()) {
    if (wanted.count(view.name) == 0) unexpected.push_back(view.name);
  }
  std::vector<std::string> faults;
  if (!missing.empty()) faults.push_back("missing " + absl::StrJoin(missing, ", "));
  if (!unexpected.empty()) faults.push_back("unexpected " + absl::StrJoin(unexpected, ", "));
  faults.insert(faults.end(), wrong.begin(), wrong.end());
  if (faults.empty()) return absl::OkStatus();
  return absl::InvalidArgumentError(
      absl::StrCat("the weights do not fit the network: ", absl::StrJoin(faults, "; ")));
}

}  // namespace

absl::StatusOr<torch::Tensor> ToTensor(const TensorView& view) {
  const std::optional<torch::ScalarType> type = TorchType(view.dtype);
  if (!type) {
    return absl::UnimplementedError(absl::StrCat("tensor '", view.name, "' is ",
                                                 DTypeName(view.dtype),
                                                 ", which LibTorch cannot hold"));
  }
  return CatchTorch(view.name, [&]() -> absl::StatusOr<torch::Tensor> {
    torch::Tensor tensor = torch::empty(view.shape, *type);
    // The mapped bytes may lie unaligned for the element, so they are copied as bytes.
    if (!view.data.empty()) std::memcpy(tensor.data_ptr(), view.data.data(), view.data.size());
    return tensor;
  });
}

absl::Status SaveTensors(const std::string& path,
                         const std::map<std::string, torch::Tensor>& tensors,
                         const std::map<std::string, std::string>& metadata) {
  return CatchTorch(path, [&]() -> absl::Status {
    std::vector<torch::Tensor> keep_alive;
    std::vector<TensorView> views;
    for (const auto& [name, tensor] : tensors) {
      const std::optional<DType> dtype = OurType(tensor.scalar_type());
      if (!dtype) {
        return absl::UnimplementedError(absl::StrCat("tensor '", name, "' is ",
                                                     c10::toString(tensor.scalar_type()),
                                                     ", which safetensors cannot hold"));
      }
      const torch::Tensor flat = tensor.detach().to(torch::kCPU).contiguous();
      keep_alive.push_back(flat);
      views.push_back({name, *dtype, flat.sizes().vec(),
                       {static_cast<const uint8_t*>(flat.data_ptr()), flat.nbytes()}});
    }
    return WriteSafetensors(path, views, metadata);
  });
}

absl::Status LoadParameters(const SafetensorsFile& file, torch::nn::Module& module) {
  const std::map<std::string, torch::Tensor> wanted = NamedTensors(module);
  AW_RETURN_IF_ERROR(CheckAll(file, wanted));
  const torch::NoGradGuard no_grad;
  for (const auto& [name, tensor] : wanted) {
    AW_ASSIGN_OR_RETURN(const torch::Tensor value, ToTensor(*file.Find(name)));
    AW_RETURN_IF_ERROR(CatchTorch(name, [&, &target = tensor]() -> absl::Status {
      torch::Tensor(target).copy_(value);
      return absl::OkStatus();
    }));
  }
  return absl::OkStatus();
}

absl::Status SaveParameters(const std::string& path, const torch::nn::Module& module,
                            const std::map<std::string, std::string>& metadata) {
  return SaveTensors(path, NamedTensors(module), metadata);
}

}  // namespace aislewatch
