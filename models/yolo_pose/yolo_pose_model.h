// A pose network that somebody exported with Ultralytics, behind the PoseModel interface.
#pragma once

#include <memory>

#include "absl/status/statusor.h"
#include "common/inference/model_repository.h"
#include "common/roles/pose_model.h"

namespace aislewatch {

/// Loads the TorchScript file that `files` describes: backend torchscript, architecture yolo_pose,
/// input.size [height, width] as it was exported (`yolo export model=yolo11n-pose.pt
/// format=torchscript`), decoder yolo_pose with the options min_score, max_overlap and max_people.
/// Pictures are fitted into that input with grey bars, as in training. Runs on the CPU, one
/// picture at a time, since exports fix the batch at 1. INVALID_ARGUMENT lists what is wrong with
/// the manifest, or says that the file is no TorchScript.
///
/// A TorchScript file is code: install none whose origin you do not trust.
absl::StatusOr<std::unique_ptr<PoseModel>> LoadYoloPose(const ModelFiles& files);

}  // namespace aislewatch
