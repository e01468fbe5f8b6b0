#include "models/pose_anomaly/calibration/calibration_file.h"

#include <filesystem>
#include <fstream>
#include <iterator>
#include <limits>
#include <nlohmann/json.hpp>
#include <system_error>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/base/atomic_write.h"
#include "common/base/ids.h"
#include "common/base/status.h"
#include "common/inference/json_fields.h"

namespace aislewatch::pose_anomaly {
namespace {

constexpr char kFormat[] = "aislewatch.calibration.v1";

absl::StatusOr<std::string> PathOf(const std::string& folder, const std::string& camera_id) {
  AW_RETURN_IF_ERROR(CheckId(camera_id, "camera_id"));
  return absl::StrCat(folder, "/", camera_id, ".json");
}

absl::StatusOr<CameraCalibration> Parse(const nlohmann::json& json, const std::string& camera_id) {
  if (!json.is_object()) return absl::DataLossError("is no JSON object");
  std::vector<std::string> faults;
  JsonFields fields(json, "", faults);
  if (const std::string format = fields.Text("format"); format != kFormat) {
    fields.Fault("format", absl::StrCat("must be ", kFormat));
  }
  if (const std::string camera = fields.Text("camera_id"); camera != camera_id) {
    fields.Fault("camera_id", absl::StrCat("must be ", camera_id, ", as the file's name says"));
  }
  const nlohmann::json model = fields.Object("model");
  JsonFields model_fields(model, "model", faults);
  ModelInfo info;
  info.name = model_fields.Text("name");
  info.version = model_fields.Text("version");
  model_fields.Finish();
  const int64_t poses = fields.Whole("poses", 0, 1, std::numeric_limits<int64_t>::max());
  const std::vector<double> numbers = fields.NumberList("quantiles");
  fields.Finish();
  AW_RETURN_IF_ERROR(FaultsToStatus("calibration", faults));
  AW_ASSIGN_OR_RETURN(EmpiricalDistribution normal,
                      EmpiricalDistribution::FromQuantiles({numbers.begin(), numbers.end()}));
  return CameraCalibration{camera_id, std::move(info), static_cast<uint64_t>(poses),
                           std::move(normal)};
}

}  // namespace

absl::Status SaveCalibration(const CameraCalibration& calibration, const std::string& folder) {
  AW_ASSIGN_OR_RETURN(const std::string path, PathOf(folder, calibration.camera_id));
  std::error_code error;
  std::filesystem::create_directories(folder, error);
  if (error) {
    return absl::PermissionDeniedError(absl::StrCat(folder, ": cannot be made: ", error.message()));
  }
  const nlohmann::json json = {
      {"format", kFormat},
      {"camera_id", calibration.camera_id},
      {"model", {{"name", calibration.model.name}, {"version", calibration.model.version}}},
      {"poses", calibration.poses},
      {"quantiles", calibration.normal.quantiles()}};
  return WriteFileAtomically(path, json.dump(1) + "\n");
}

absl::StatusOr<CameraCalibration> LoadCalibration(const std::string& folder,
                                                  const std::string& camera_id) {
  AW_ASSIGN_OR_RETURN(const std::string path, PathOf(folder, camera_id));
  std::ifstream in(path, std::ios::binary);
  if (!in) {
    return absl::NotFoundError(absl::StrCat("no calibration of camera ", camera_id, " at ", path));
  }
  const std::string text{std::istreambuf_iterator<char>(in), {}};
  const nlohmann::json json = nlohmann::json::parse(text, nullptr, /*allow_exceptions=*/false);
  auto calibration = json.is_discarded()
                         ? absl::StatusOr<CameraCalibration>(absl::DataLossError("is no JSON"))
                         : Parse(json, camera_id);
  if (!calibration.ok()) return Annotate(calibration.status(), path);
  return calibration;
}

}  // namespace aislewatch::pose_anomaly
