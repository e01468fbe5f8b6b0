#include "models/pose_model_loader/pose_model_loader.h"

#include "absl/strings/str_cat.h"
#include "common/base/status.h"
#include "common/inference/compute_check.h"
#include "models/movenet/movenet_pose_model.h"
#include "models/yolo_pose/yolo_pose_model.h"

namespace aislewatch {

absl::StatusOr<std::unique_ptr<PoseModel>> LoadPoseModel(const ModelRepository& repository,
                                                         absl::string_view name,
                                                         const PoseModelOptions& options) {
  SetComputeThreads(options.threads);
  AW_ASSIGN_OR_RETURN(const ModelFiles files, repository.Find(name, options.version));
  const std::string& architecture = files.manifest.architecture;
  if (architecture == "movenet_multipose") {
    MoveNetModelOptions movenet;
    movenet.device = options.device;
    return LoadMoveNet(files, movenet);
  }
  if (architecture == "yolo_pose") return LoadYoloPose(files);
  return absl::InvalidArgumentError(
      absl::StrCat(files.folder, ": the architecture '", architecture,
                   "' is no pose network; there are movenet_multipose and yolo_pose"));
}

absl::Status WarmPoseModel(PoseModel& model) {
  const cv::Mat grey(720, 1280, CV_8UC3, cv::Scalar(114, 114, 114));
  return model.Detect(absl::MakeConstSpan(&grey, 1)).status();
}

}  // namespace aislewatch
