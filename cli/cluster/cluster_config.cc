#include "cli/cluster/cluster_config.h"

#include <filesystem>
#include <set>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "common/base/ids.h"
#include "common/base/status.h"
#include "common/base/time_zone_name.h"
#include "common/capture/source_url.h"
#include "common/config/yaml/yaml_file.h"
#include "common/scene/proto_scene.h"
#include "common/scene/yaml_scene.h"

namespace aislewatch {
namespace {

constexpr char kDefaultStore[] = "store";
constexpr int kDefaultAnalysisFps = 10;
constexpr int kDefaultAnalysisSize = 640;

// A path as a file URL has it (RFC 3986).
std::string PercentEncode(const std::string& path) {
  std::string encoded;
  for (const unsigned char c : path) {
    if (absl::ascii_isalnum(c) || absl::StrContains("/-._~", static_cast<char>(c))) {
      encoded += static_cast<char>(c);
    } else {
      absl::StrAppend(&encoded, "%", absl::Hex(c, absl::kZeroPad2));
    }
  }
  return encoded;
}

// Paths are taken relative to the file that names them, so that it works from any folder.
std::string AbsoluteUrl(const std::string& url, const std::filesystem::path& folder) {
  if (absl::StrContains(url, "://") || absl::StartsWith(url, "device:")) return url;
  return absl::StrCat(
      "file://",
      PercentEncode(std::filesystem::absolute(folder / url).lexically_normal().string()));
}

// Empty where it is not known. Whether there is such a zone event storage says.
std::string ReadTimeZone(const YamlMap& map, const std::string& otherwise) {
  std::string zone = map.String("time_zone", otherwise);
  if (zone.empty()) return zone;
  if (const auto status = CheckTimeZoneName(zone, "time_zone"); !status.ok()) {
    map.AddError("time_zone", status.message());
  }
  return zone;
}

v1::Camera ReadCamera(const YamlMap& map, const std::string& store, const std::string& time_zone,
                      const std::filesystem::path& folder, std::set<std::string>& ids) {
  v1::Camera camera;
  camera.set_camera_id(map.String("camera_id"));
  if (const auto status = CheckId(camera.camera_id(), "camera_id"); !status.ok()) {
    map.AddError("camera_id", status.message());
  } else if (!ids.insert(camera.camera_id()).second) {
    map.AddError("camera_id", "another camera has this id; give each its own");
  }
  camera.set_store_id(store);
  camera.set_time_zone(ReadTimeZone(map, time_zone));
  camera.set_name(map.String("name", ""));
  camera.set_source_url(AbsoluteUrl(map.String("source_url"), folder));
  if (const auto url = ParseSourceUrl(camera.source_url()); !url.ok()) {
    map.AddError("source_url", url.status().message());
  }
  camera.set_enabled(map.Bool("enabled", true));
  camera.set_analysis_fps(
      static_cast<float>(map.Number("analysis_fps", {0.1, 60}, kDefaultAnalysisFps)));
  camera.set_analysis_size(
      static_cast<uint32_t>(map.Integer("analysis_size", {64, 4096}, kDefaultAnalysisSize)));
  camera.set_loop(map.Bool("loop", false));
  camera.set_as_fast_as_possible(map.Bool("as_fast_as_possible", false));
  camera.set_show_heads(map.Bool("show_heads", false));
  const std::vector<Zone> zones = ReadZones(map);
  for (const Zone& zone : zones) *camera.add_zones() = ToProto(zone);
  for (const Rule& rule : ReadRules(map, zones)) *camera.add_rules() = ToProto(rule);
  return camera;
}

}  // namespace

absl::StatusOr<std::vector<v1::Camera>> ReadClusterConfig(const std::string& path) {
  AW_ASSIGN_OR_RETURN(YamlFile file, YamlFile::Load(path));
  const YamlMap root = file.root();
  const std::string store = root.String("store_id", kDefaultStore);
  if (const auto status = CheckId(store, "store_id"); !status.ok()) {
    root.AddError("store_id", status.message());
  }
  const std::string time_zone = ReadTimeZone(root, "");
  std::vector<v1::Camera> cameras;
  std::set<std::string> ids;
  const auto folder = std::filesystem::path(path).parent_path();
  for (const YamlMap& map : root.Maps("cameras")) {
    cameras.push_back(ReadCamera(map, store, time_zone, folder, ids));
  }
  AW_RETURN_IF_ERROR(file.status());
  return cameras;
}

absl::StatusOr<std::vector<v1::Camera>> CamerasOfSources(const std::vector<std::string>& sources) {
  std::vector<v1::Camera> cameras;
  for (const std::string& source : sources) {
    const std::string address = AbsoluteUrl(source, std::filesystem::current_path());
    AW_ASSIGN_OR_RETURN(const SourceUrl url, ParseSourceUrl(address));
    if (std::error_code error; url.is_file() && !std::filesystem::exists(url.target, error)) {
      return absl::NotFoundError(absl::StrCat(
          "there is no file ", url.target,
          "; --camera takes a video file, rtsp://USER:PASSWORD@HOST/STREAM or device:0"));
    }
    v1::Camera camera;
    camera.set_camera_id(absl::StrCat("camera-", cameras.size() + 1));
    camera.set_store_id(kDefaultStore);
    camera.set_name(MaskPasswords(source));
    camera.set_source_url(address);
    camera.set_enabled(true);
    camera.set_analysis_fps(kDefaultAnalysisFps);
    camera.set_analysis_size(kDefaultAnalysisSize);
    camera.set_loop(url.is_file());
    cameras.push_back(std::move(camera));
  }
  return cameras;
}

}  // namespace aislewatch
