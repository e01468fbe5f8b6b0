#include "models/movenet/tfjs_graph.h"

#include <filesystem>
#include <optional>
#include <utility>

#include <nlohmann/json.hpp>

#include "absl/strings/str_cat.h"
#include "common/base/status.h"
#include "common/inference/file_bytes.h"

namespace aislewatch {
namespace {

using Json = nlohmann::json;

// The text at `key`, or an empty one.
std::string TextAt(const Json& json, const char* key) {
  const auto it = json.find(key);
  return it != json.end() && it->is_string() ? it->get<std::string>() : "";
}

absl::StatusOr<DType> StoredType(const Json& entry) {
  const std::string dtype = TextAt(entry, "dtype");
  const auto quantization = entry.find("quantization");
  if (quantization == entry.end()) {
    if (dtype == "float32") return DType::kF32;
    if (dtype == "int32") return DType::kI32;
  } else if (dtype == "float32" && quantization->is_object() &&
             TextAt(*quantization, "dtype") == "float16") {
    return DType::kF16;
  }
  return absl::InvalidArgumentError(absl::StrCat(
      "weight '", TextAt(entry, "name"),
      "' is neither float32, int32 nor float16-quantised: ", entry.dump()));
}

absl::StatusOr<std::vector<int64_t>> ShapeOf(const Json& entry) {
  std::vector<int64_t> shape;
  const auto sides = entry.find("shape");
  bool good = sides != entry.end() && sides->is_array();
  if (good) {
    for (const Json& side : *sides) {
      good = good && side.is_number_unsigned() && side < (int64_t{1} << 40);
      if (good) shape.push_back(side.get<int64_t>());
    }
  }
  if (good) return shape;
  return absl::InvalidArgumentError(
      absl::StrCat("weight '", TextAt(entry, "name"), "' has no shape"));
}

// The bytes of a group's shards, one after the other.
absl::StatusOr<std::vector<uint8_t>> ReadShards(const Json& group,
                                                const std::filesystem::path& folder) {
  const auto paths = group.find("paths");
  if (paths == group.end() || !paths->is_array()) {
    return absl::InvalidArgumentError("a group of weights names no files");
  }
  std::vector<uint8_t> bytes;
  for (const Json& path : *paths) {
    const std::string name = path.is_string() ? path.get<std::string>() : "";
    if (name.empty() || name.find('/') != std::string::npos) {
      return absl::InvalidArgumentError("a file of weights must lie beside the graph");
    }
    AW_ASSIGN_OR_RETURN(const std::shared_ptr<const FileBytes> shard,
                        FileBytes::Read((folder / name).string()));
    bytes.insert(bytes.end(), shard->bytes().begin(), shard->bytes().end());
  }
  return bytes;
}

absl::Status ReadGroup(const Json& group, const std::filesystem::path& folder,
                       std::map<std::string, TfjsWeight>& weights) {
  const auto entries = group.find("weights");
  if (!group.is_object() || entries == group.end() || !entries->is_array()) {
    return absl::InvalidArgumentError("'weightsManifest' has a group without weights");
  }
  AW_ASSIGN_OR_RETURN(const std::vector<uint8_t> bytes, ReadShards(group, folder));
  uint64_t offset = 0;
  for (const Json& entry : *entries) {
    const std::string name = TextAt(entry, "name");
    TfjsWeight weight;
    AW_ASSIGN_OR_RETURN(weight.dtype, StoredType(entry));
    AW_ASSIGN_OR_RETURN(weight.shape, ShapeOf(entry));
    const std::optional<uint64_t> size = ByteSize(weight.dtype, weight.shape);
    if (!size || *size > bytes.size() - offset) {
      return absl::InvalidArgumentError(
          absl::StrCat("the binary file ends within weight '", name, "': it is truncated"));
    }
    const auto begin = bytes.begin() + static_cast<ptrdiff_t>(offset);
    weight.bytes.assign(begin, begin + static_cast<ptrdiff_t>(*size));
    offset += *size;
    if (!weights.emplace(name, std::move(weight)).second) {
      return absl::InvalidArgumentError(absl::StrCat("two weights are called '", name, "'"));
    }
  }
  if (offset == bytes.size()) return absl::OkStatus();
  return absl::InvalidArgumentError(
      absl::StrCat("the binary file has ", bytes.size() - offset, " bytes too many"));
}

}  // namespace

absl::StatusOr<std::map<std::string, TfjsWeight>> ReadTfjsWeights(const std::string& json_path) {
  AW_ASSIGN_OR_RETURN(const std::shared_ptr<const FileBytes> file, FileBytes::Read(json_path));
  const Json graph = Json::parse(file->bytes().begin(), file->bytes().end(), nullptr,
                                 /*allow_exceptions=*/false);
  const auto manifest = graph.is_object() ? graph.find("weightsManifest") : graph.end();
  if (graph.is_discarded() || manifest == graph.end() || !manifest->is_array()) {
    return absl::InvalidArgumentError(absl::StrCat(
        json_path, ": is no TensorFlow.js graph model (it has no 'weightsManifest')"));
  }
  std::map<std::string, TfjsWeight> weights;
  for (const Json& group : *manifest) {
    const absl::Status status =
        ReadGroup(group, std::filesystem::path(json_path).parent_path(), weights);
    if (!status.ok()) return Annotate(status, json_path);
  }
  return weights;
}

}  // namespace aislewatch
