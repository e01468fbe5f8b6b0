#include <algorithm>
#include <limits>
#include <set>
#include <utility>

#include <nlohmann/json.hpp>

#include "absl/strings/str_cat.h"
#include "common/base/status.h"
#include "common/inference/safetensors.h"

namespace aislewatch {
namespace {

using Json = nlohmann::json;

// A tensor and the byte range that the header claims for it.
struct Claim {
  TensorView tensor;
  uint64_t begin = 0;
  uint64_t end = 0;
};

absl::Status Fault(absl::string_view what) {
  return absl::InvalidArgumentError(absl::StrCat("not a safetensors file: ", what));
}

absl::Status TensorFault(absl::string_view name, absl::string_view what) {
  return absl::InvalidArgumentError(absl::StrCat("safetensors tensor '", name, "' ", what));
}

// JSON parsers keep the last of two equal names; here a second tensor of a name is a fault.
absl::StatusOr<Json> ParseHeader(absl::string_view text) {
  std::set<std::string> names;
  std::string twice;
  const Json::parser_callback_t watch = [&](int depth, Json::parse_event_t event, Json& value) {
    if (event == Json::parse_event_t::key && depth == 1) {
      const auto& name = value.get_ref<const std::string&>();
      if (!names.insert(name).second) twice = name;
    }
    return true;
  };
  Json header = Json::parse(text.begin(), text.end(), watch, /*allow_exceptions=*/false);
  if (!twice.empty()) return TensorFault(twice, "is named twice");
  if (header.is_discarded() || !header.is_object()) return Fault("the header is no JSON object");
  return header;
}

std::optional<uint64_t> AsUnsigned(const Json& value) {
  if (!value.is_number_unsigned()) return std::nullopt;
  return value.get<uint64_t>();
}

absl::Status ReadShape(const Json& entry, TensorView& tensor) {
  const auto shape = entry.find("shape");
  if (shape == entry.end() || !shape->is_array()) {
    return TensorFault(tensor.name, "has no array 'shape'");
  }
  for (const Json& side : *shape) {
    const std::optional<uint64_t> value = AsUnsigned(side);
    if (!value || *value > static_cast<uint64_t>(std::numeric_limits<int64_t>::max())) {
      return TensorFault(tensor.name, "has a side that is no whole number of 0..2^63-1");
    }
    tensor.shape.push_back(static_cast<int64_t>(*value));
  }
  return absl::OkStatus();
}

absl::Status ReadOffsets(const Json& entry, uint64_t data_size, Claim& claim) {
  const std::string& name = claim.tensor.name;
  const auto offsets = entry.find("data_offsets");
  if (offsets == entry.end() || !offsets->is_array() || offsets->size() != 2) {
    return TensorFault(name, "has no 'data_offsets' of two numbers");
  }
  const std::optional<uint64_t> begin = AsUnsigned((*offsets)[0]);
  const std::optional<uint64_t> end = AsUnsigned((*offsets)[1]);
  if (!begin || !end || *begin > *end) {
    return TensorFault(name, "has 'data_offsets' that are no rising whole numbers");
  }
  if (*end > data_size) {
    return TensorFault(name, absl::StrCat("ends at byte ", *end, " of ", data_size,
                                          ": the file is truncated or its header lies"));
  }
  claim.begin = *begin;
  claim.end = *end;
  return absl::OkStatus();
}

absl::StatusOr<Claim> ReadEntry(const std::string& name, const Json& entry, uint64_t data_size) {
  Claim claim;
  claim.tensor.name = name;
  if (!entry.is_object()) return TensorFault(name, "is no JSON object");
  const auto dtype = entry.find("dtype");
  if (dtype == entry.end() || !dtype->is_string()) return TensorFault(name, "has no 'dtype'");
  const auto& dtype_name = dtype->get_ref<const std::string&>();
  const std::optional<DType> known = DTypeFromName(dtype_name);
  if (!known) {
    return TensorFault(name, absl::StrCat("has the unknown dtype '", dtype_name, "'"));
  }
  claim.tensor.dtype = *known;
  AW_RETURN_IF_ERROR(ReadShape(entry, claim.tensor));
  AW_RETURN_IF_ERROR(ReadOffsets(entry, data_size, claim));
  const std::optional<uint64_t> bytes = ByteSize(*known, claim.tensor.shape);
  if (!bytes || *bytes != claim.end - claim.begin) {
    return TensorFault(name, absl::StrCat("has ", claim.end - claim.begin, " bytes, but ",
                                          dtype_name, " ", ShapeText(claim.tensor.shape),
                                          bytes ? absl::StrCat(" takes ", *bytes)
                                                : std::string(" is beyond any memory")));
  }
  return claim;
}

absl::Status ReadMetadata(const Json& entry, std::map<std::string, std::string>& metadata) {
  if (!entry.is_object()) return Fault("'__metadata__' is no JSON object");
  for (const auto& [key, value] : entry.items()) {
    if (!value.is_string()) {
      return Fault(absl::StrCat("'__metadata__' value '", key, "' is no string"));
    }
    metadata[key] = value.get<std::string>();
  }
  return absl::OkStatus();
}

// Ranges must follow each other from the first byte to the last, so that no byte has two meanings
// and none can hide.
absl::Status CheckCoverage(const std::vector<Claim>& claims, uint64_t data_size) {
  uint64_t next = 0;
  for (const Claim& claim : claims) {
    if (claim.begin < next) return TensorFault(claim.tensor.name, "overlaps another tensor");
    if (claim.begin > next) {
      return TensorFault(claim.tensor.name,
                         absl::StrCat("leaves a hole of ", claim.begin - next, " bytes before it"));
    }
    next = claim.end;
  }
  if (next != data_size) {
    return Fault(absl::StrCat(data_size - next, " bytes at its end belong to no tensor"));
  }
  return absl::OkStatus();
}

// Splits the file into header text and tensor bytes.
absl::StatusOr<std::pair<absl::string_view, absl::Span<const uint8_t>>> Split(
    absl::Span<const uint8_t> file) {
  if (file.size() < 8) return Fault(absl::StrCat("it has ", file.size(), " bytes, fewer than 8"));
  uint64_t length = 0;
  for (int i = 7; i >= 0; --i) length = length << 8 | file[static_cast<size_t>(i)];
  if (length > kMaxSafetensorsHeader) {
    return Fault(absl::StrCat("its header length ", length, " is above ", kMaxSafetensorsHeader));
  }
  if (length > file.size() - 8) {
    return Fault(absl::StrCat("its header of ", length, " bytes goes past the end of the file (",
                              file.size(), " bytes)"));
  }
  const absl::string_view header(reinterpret_cast<const char*>(file.data()) + 8, length);
  if (header.empty() || header.front() != '{') return Fault("its header does not begin with '{'");
  return std::pair(header, file.subspan(8 + length));
}

}  // namespace

absl::StatusOr<SafetensorsContent> ParseSafetensors(absl::Span<const uint8_t> file) {
  const auto parts = Split(file);
  if (!parts.ok()) return parts.status();
  const auto& [text, data] = *parts;
  AW_ASSIGN_OR_RETURN(const Json header, ParseHeader(text));
  SafetensorsContent content;
  std::vector<Claim> claims;
  for (const auto& [name, entry] : header.items()) {
    if (name == "__metadata__") {
      AW_RETURN_IF_ERROR(ReadMetadata(entry, content.metadata));
      continue;
    }
    AW_ASSIGN_OR_RETURN(Claim claim, ReadEntry(name, entry, data.size()));
    claims.push_back(std::move(claim));
  }
  std::sort(claims.begin(), claims.end(), [](const Claim& a, const Claim& b) {
    return std::tie(a.begin, a.end, a.tensor.name) < std::tie(b.begin, b.end, b.tensor.name);
  });
  AW_RETURN_IF_ERROR(CheckCoverage(claims, data.size()));
  for (Claim& claim : claims) {
    claim.tensor.data = data.subspan(claim.begin, claim.end - claim.begin);
    content.tensors.push_back(std::move(claim.tensor));
  }
  return content;
}

absl::StatusOr<SafetensorsFile> SafetensorsFile::Open(const std::string& path) {
  AW_ASSIGN_OR_RETURN(std::shared_ptr<const FileBytes> file, FileBytes::Read(path));
  absl::StatusOr<SafetensorsContent> content = ParseSafetensors(file->bytes());
  if (!content.ok()) return Annotate(content.status(), path);
  return SafetensorsFile(std::move(file), *std::move(content));
}

const TensorView* SafetensorsFile::Find(absl::string_view name) const {
  for (const TensorView& tensor : content_.tensors) {
    if (tensor.name == name) return &tensor;
  }
  return nullptr;
}

}  // namespace aislewatch
