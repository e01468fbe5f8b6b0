#include "models/retinanet/options.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <set>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "common/base/status.h"
#include "common/inference/json_fields.h"

namespace aislewatch::retinanet {
namespace {

constexpr int kMaxLevels = 5;
constexpr int kMaxSide = 1024;
constexpr int kMaxChannels = 512;
constexpr int kMaxConvolutions = 8;
constexpr size_t kMaxClasses = 1000;

}  // namespace

int Options::anchors() const {
  int count = 0;
  for (int level = 0; level < levels; ++level) count += cells(level) * cells(level);
  return count * kAnchorsPerCell;
}

std::vector<size_t> PyramidStages(const Options& options) {
  std::vector<size_t> stages;
  int stride = 2;  // the stem
  const auto& all = options.trunk.stages;
  for (size_t i = 0; i < all.size(); ++i) {
    stride *= all[i].stride;
    const bool last_of_stride = i + 1 == all.size() || all[i + 1].stride > 1;
    if (!last_of_stride || stride < kFinestStride) continue;
    if (static_cast<int>(stages.size()) < options.levels) stages.push_back(i);
  }
  return stages;
}

absl::Status Validate(const Options& options) {
  AW_RETURN_IF_ERROR(clip_networks::Validate(options.trunk));
  std::vector<std::string> faults;
  const auto range = [&](absl::string_view name, double value, double low, double high) {
    if (value >= low && value <= high) return;
    faults.push_back(
        absl::StrCat(std::string(name), " is ", value, "; it must be ", low, "..", high));
  };
  range("levels", options.levels, 2, kMaxLevels);
  range("input_side", options.input_side, 32, kMaxSide);
  range("pyramid_channels", options.pyramid_channels, 1, kMaxChannels);
  range("head_convolutions", options.head_convolutions, 0, kMaxConvolutions);
  range("anchor_scale", options.anchor_scale, 0.25, 16);
  range("min_score", options.min_score, 0.001, 1);
  range("threshold", options.threshold, 0, 1);
  range("nms_iou", options.nms_iou, 0.05, 1);
  AW_RETURN_IF_ERROR(FaultsToStatus("model options", faults));
  const int coarsest = std::max(options.stride(options.levels - 1), options.trunk.stride());
  if (options.input_side % coarsest != 0) {
    return absl::InvalidArgumentError(
        absl::StrCat("model option input_side is ", options.input_side,
                     "; it must be a multiple of the coarsest stride, ", coarsest));
  }
  if (PyramidStages(options).empty()) {
    return absl::InvalidArgumentError(absl::StrCat("model option trunk: its stride is ",
                                                   options.trunk.stride(),
                                                   "; the pyramid begins at ", kFinestStride));
  }
  return absl::OkStatus();
}

absl::StatusOr<Options> OptionsFromJson(const nlohmann::json& json) {
  if (!json.is_object()) return absl::InvalidArgumentError("model options must be a JSON object");
  std::vector<std::string> faults;
  JsonFields fields(json, "", faults);
  Options options;
  // The ranges are Validate's; these only keep the numbers inside their types.
  constexpr int64_t kWide = 1'000'000;
  const auto whole = [&](const std::string& name, int& value) {
    value = static_cast<int>(fields.Whole(name, value, -kWide, kWide));
  };
  const auto number = [&](const std::string& name, double& value) {
    value = fields.Number(name, value, -kWide, kWide);
  };
  whole("input_side", options.input_side);
  whole("levels", options.levels);
  whole("pyramid_channels", options.pyramid_channels);
  whole("head_convolutions", options.head_convolutions);
  number("anchor_scale", options.anchor_scale);
  number("min_score", options.min_score);
  number("threshold", options.threshold);
  number("nms_iou", options.nms_iou);
  options.weapons = fields.TextList("weapons");
  const bool has_trunk = fields.Has("trunk");
  const nlohmann::json trunk = fields.Object("trunk");
  fields.Finish();
  AW_RETURN_IF_ERROR(FaultsToStatus("model options", faults));
  if (has_trunk) {
    AW_ASSIGN_OR_RETURN(options.trunk, clip_networks::TrunkOptionsFromJson(trunk, options.trunk));
  }
  AW_RETURN_IF_ERROR(Validate(options));
  return options;
}

nlohmann::json OptionsToJson(const Options& options) {
  return {{"trunk", clip_networks::TrunkOptionsToJson(options.trunk)},
          {"input_side", options.input_side},
          {"levels", options.levels},
          {"pyramid_channels", options.pyramid_channels},
          {"head_convolutions", options.head_convolutions},
          {"anchor_scale", options.anchor_scale},
          {"min_score", options.min_score},
          {"threshold", options.threshold},
          {"nms_iou", options.nms_iou},
          {"weapons", options.weapons}};
}

absl::StatusOr<std::vector<ObjectClass>> ClassesOf(const std::vector<std::string>& names,
                                                   const Options& options) {
  if (names.empty() || names.size() > kMaxClasses) {
    return absl::InvalidArgumentError(
        absl::StrCat("there are ", names.size(), " classes; there must be 1..", kMaxClasses));
  }
  std::vector<ObjectClass> classes;
  std::set<std::string> seen;
  for (const std::string& name : names) {
    if (!seen.insert(name).second) {
      return absl::InvalidArgumentError(absl::StrCat("the class ", name, " is there twice"));
    }
    const bool weapon =
        std::find(options.weapons.begin(), options.weapons.end(), name) != options.weapons.end();
    classes.push_back({name, weapon});
  }
  for (const std::string& weapon : options.weapons) {
    if (seen.count(weapon) > 0) continue;
    return absl::InvalidArgumentError(absl::StrCat(
        "the weapon ", weapon, " is none of the classes ", absl::StrJoin(names, ", ")));
  }
  return classes;
}

}  // namespace aislewatch::retinanet
