#include "models/pose_anomaly/load.h"

#include "absl/strings/str_cat.h"
#include "common/base/status.h"
#include "models/pose_anomaly/posture/posture_weights.h"
#include "models/pose_anomaly/stg_nf/stg_nf_weights.h"

namespace aislewatch {

absl::StatusOr<std::unique_ptr<PoseAnomalyScorer>> LoadPoseAnomalyScorer(
    const ModelRepository& repository, absl::string_view name, absl::string_view version,
    const pose_anomaly::ScoringOptions& scoring) {
  AW_ASSIGN_OR_RETURN(const ModelFiles files, repository.Find(name, version));
  const ModelManifest& manifest = files.manifest;
  if (manifest.role != ModelRole::kPoseAnomaly || manifest.backend != ModelBackend::kNative) {
    return absl::InvalidArgumentError(
        absl::StrCat(files.folder, ": is no native model of the role pose_anomaly but ",
                     ModelRoleName(manifest.role), " by ", ModelBackendName(manifest.backend)));
  }
  if (manifest.architecture == pose_anomaly::kPostureArchitecture) {
    return pose_anomaly::LoadPosture(files, scoring);
  }
  if (manifest.architecture == pose_anomaly::kStgNfArchitecture) {
    return pose_anomaly::LoadStgNf(files, scoring);
  }
  return absl::InvalidArgumentError(absl::StrCat(files.folder, ": unknown architecture '",
                                                 manifest.architecture,
                                                 "'; pose anomaly knows posture and stg_nf"));
}

}  // namespace aislewatch
