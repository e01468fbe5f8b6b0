#include "models/clip_networks/options.h"

#include <algorithm>
#include <cstdint>
#include <string>
#include <utility>

#include <nlohmann/json.hpp>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "common/base/status.h"

namespace aislewatch::clip_networks {
namespace {

constexpr int kMaxChannels = 2048;
constexpr int kMaxStages = 16;
constexpr int kMaxBlocksPerStage = 16;
constexpr int kMaxCropSide = 512;
constexpr int kMaxWindow = 256;
constexpr int kSlowFastWindow = 64;

absl::Status CheckRange(absl::string_view name, int value, int low, int high) {
  if (value >= low && value <= high) return absl::OkStatus();
  return absl::InvalidArgumentError(absl::StrCat("model option ", std::string(name), " is ", value,
                                                 "; it must be ", low, "..", high));
}

absl::Status CheckDivides(int crop_side, int divisor, absl::string_view what) {
  if (crop_side % divisor == 0) return absl::OkStatus();
  return absl::InvalidArgumentError(
      absl::StrCat("model option crop_side is ", crop_side, "; it must be a multiple of what ", what,
                   " divides it by, ", divisor));
}

absl::Status ReadInt(const nlohmann::json& json, const std::string& name, int& value) {
  const auto found = json.find(name);
  if (found == json.end()) return absl::OkStatus();
  if (!found->is_number_integer()) {
    return absl::InvalidArgumentError(
        absl::StrCat("model option ", name, " must be an integer, not ", found->dump()));
  }
  // Beyond int, any limit of Validate is broken too; clamping keeps the message about the range.
  const auto wide = found->get<int64_t>();
  value = static_cast<int>(std::clamp<int64_t>(wide, -1, 1 << 30));
  return absl::OkStatus();
}

absl::Status ReadStages(const nlohmann::json& json, std::vector<TrunkStage>& stages) {
  const auto found = json.find("stages");
  if (found == json.end()) return absl::OkStatus();
  if (!found->is_array()) {
    return absl::InvalidArgumentError("model option trunk.stages must be a list of stages");
  }
  stages.clear();
  for (const nlohmann::json& entry : *found) {
    if (!entry.is_object()) {
      return absl::InvalidArgumentError(
          "each entry of model option trunk.stages must be an object with channels, blocks, stride");
    }
    TrunkStage stage;
    AW_RETURN_IF_ERROR(ReadInt(entry, "channels", stage.channels));
    AW_RETURN_IF_ERROR(ReadInt(entry, "blocks", stage.blocks));
    AW_RETURN_IF_ERROR(ReadInt(entry, "stride", stage.stride));
    stages.push_back(stage);
  }
  return absl::OkStatus();
}

}  // namespace

int TrunkOptions::channels() const {
  return stages.empty() ? first_channels : stages.back().channels;
}

int TrunkOptions::stride() const {
  int stride = 2;  // the stem
  for (const TrunkStage& stage : stages) stride *= stage.stride;
  return stride;
}

absl::string_view ArchitectureName(Architecture architecture) {
  return kArchitectureNames[static_cast<size_t>(architecture)];
}

absl::StatusOr<Architecture> ArchitectureFromName(absl::string_view name) {
  for (size_t i = 0; i < kArchitectureNames.size(); ++i) {
    if (kArchitectureNames[i] == name) return static_cast<Architecture>(i);
  }
  return absl::InvalidArgumentError(absl::StrCat("the architecture \"", name, "\" is none of ",
                                                 absl::StrJoin(kArchitectureNames, ", ")));
}

Options DefaultOptions(Architecture architecture) {
  Options options;
  options.architecture = architecture;
  if (architecture == Architecture::kCnnGru) return options;
  options.crop_side = 64;
  options.hidden_size = 32;
  options.window = architecture == Architecture::kGateFlowSlowFast ? kSlowFastWindow : 20;
  return options;
}

absl::Status Validate(const TrunkOptions& trunk) {
  AW_RETURN_IF_ERROR(CheckRange("trunk.stem_channels", trunk.stem_channels, 1, kMaxChannels));
  AW_RETURN_IF_ERROR(CheckRange("trunk.first_channels", trunk.first_channels, 1, kMaxChannels));
  AW_RETURN_IF_ERROR(CheckRange("trunk.expansion", trunk.expansion, 1, 16));
  AW_RETURN_IF_ERROR(
      CheckRange("trunk.stages count", static_cast<int>(trunk.stages.size()), 0, kMaxStages));
  for (const TrunkStage& stage : trunk.stages) {
    AW_RETURN_IF_ERROR(CheckRange("trunk.stages channels", stage.channels, 1, kMaxChannels));
    AW_RETURN_IF_ERROR(CheckRange("trunk.stages blocks", stage.blocks, 1, kMaxBlocksPerStage));
    AW_RETURN_IF_ERROR(CheckRange("trunk.stages stride", stage.stride, 1, 2));
  }
  return absl::OkStatus();
}

absl::Status Validate(const Options& options) {
  AW_RETURN_IF_ERROR(CheckRange("crop_side", options.crop_side, 16, kMaxCropSide));
  AW_RETURN_IF_ERROR(CheckRange("hidden_size", options.hidden_size, 1, kMaxChannels));
  AW_RETURN_IF_ERROR(CheckRange("window", options.window, 1, kMaxWindow));
  if (options.architecture != Architecture::kCnnGru) {
    if (options.architecture == Architecture::kGateFlowSlowFast) {
      AW_RETURN_IF_ERROR(CheckRange("window", options.window, kSlowFastWindow, kSlowFastWindow));
    }
    return CheckDivides(options.crop_side, 64, "the network");
  }
  const TrunkOptions& trunk = options.trunk;
  AW_RETURN_IF_ERROR(Validate(trunk));
  AW_RETURN_IF_ERROR(CheckDivides(options.crop_side, trunk.stride(), "the trunk"));
  AW_RETURN_IF_ERROR(CheckRange("reduced_channels", options.reduced_channels, 1, kMaxChannels));
  AW_RETURN_IF_ERROR(CheckRange("feature_size", options.feature_size, 0, kMaxChannels));
  AW_RETURN_IF_ERROR(CheckRange("pose_size", options.pose_size, 0, kMaxChannels));
  if (!options.sees_pictures() && !options.sees_joints()) {
    return absl::InvalidArgumentError(
        "feature_size and pose_size are both 0; the network must see the picture or the pose");
  }
  return absl::OkStatus();
}

absl::StatusOr<TrunkOptions> TrunkOptionsFromJson(const nlohmann::json& json,
                                                  TrunkOptions defaults) {
  if (!json.is_object()) {
    return absl::InvalidArgumentError("model option trunk must be a JSON object");
  }
  TrunkOptions trunk = std::move(defaults);
  AW_RETURN_IF_ERROR(ReadInt(json, "stem_channels", trunk.stem_channels));
  AW_RETURN_IF_ERROR(ReadInt(json, "first_channels", trunk.first_channels));
  AW_RETURN_IF_ERROR(ReadInt(json, "expansion", trunk.expansion));
  AW_RETURN_IF_ERROR(ReadStages(json, trunk.stages));
  AW_RETURN_IF_ERROR(Validate(trunk));
  return trunk;
}

absl::StatusOr<Options> OptionsFromJson(Architecture architecture, const nlohmann::json& json) {
  if (!json.is_object()) return absl::InvalidArgumentError("model options must be a JSON object");
  Options options = DefaultOptions(architecture);
  if (const auto trunk = json.find("trunk"); trunk != json.end()) {
    AW_ASSIGN_OR_RETURN(options.trunk, TrunkOptionsFromJson(*trunk, options.trunk));
  }
  AW_RETURN_IF_ERROR(ReadInt(json, "crop_side", options.crop_side));
  AW_RETURN_IF_ERROR(ReadInt(json, "reduced_channels", options.reduced_channels));
  AW_RETURN_IF_ERROR(ReadInt(json, "feature_size", options.feature_size));
  AW_RETURN_IF_ERROR(ReadInt(json, "pose_size", options.pose_size));
  AW_RETURN_IF_ERROR(ReadInt(json, "hidden_size", options.hidden_size));
  AW_RETURN_IF_ERROR(ReadInt(json, "window", options.window));
  AW_RETURN_IF_ERROR(Validate(options));
  return options;
}

nlohmann::json TrunkOptionsToJson(const TrunkOptions& trunk) {
  nlohmann::json stages = nlohmann::json::array();
  for (const TrunkStage& stage : trunk.stages) {
    stages.push_back(
        {{"channels", stage.channels}, {"blocks", stage.blocks}, {"stride", stage.stride}});
  }
  return {{"stem_channels", trunk.stem_channels},
          {"first_channels", trunk.first_channels},
          {"expansion", trunk.expansion},
          {"stages", stages}};
}

nlohmann::json OptionsToJson(const Options& options) {
  nlohmann::json json = {{"crop_side", options.crop_side},
                         {"hidden_size", options.hidden_size},
                         {"window", options.window}};
  if (options.architecture != Architecture::kCnnGru) return json;
  json["trunk"] = TrunkOptionsToJson(options.trunk);
  json["reduced_channels"] = options.reduced_channels;
  json["feature_size"] = options.feature_size;
  json["pose_size"] = options.pose_size;
  return json;
}

}  // namespace aislewatch::clip_networks
