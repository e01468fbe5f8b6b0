// Between aislewatch.v1 and the values of the core. Stateless and thread-safe.
#pragma once

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "aislewatch/v1/cameras.pb.h"
#include "aislewatch/v1/classification.pb.h"
#include "aislewatch/v1/fusion.pb.h"
#include "aislewatch/v1/ingest.pb.h"
#include "aislewatch/v1/pose.pb.h"
#include "services/ingest/core/camera_settings.h"
#include "services/ingest/core/leased_camera.h"
#include "services/ingest/core/stages.h"
#include "services/ingest/core/verdict.h"

namespace aislewatch::ingest {

/// OK; DEADLINE_EXCEEDED for EXPIRED; INVALID_ARGUMENT for REJECTED; each with its reason.
absl::Status FromProto(const v1::ItemStatus& status);
v1::ItemStatus ToProto(const absl::Status& status);

ModelInfo FromProto(const v1::ModelVersion& model);
v1::ModelVersion ToProto(const ModelInfo& model);

/// INVALID_ARGUMENT where the stage's answer breaks the contract.
absl::StatusOr<PoseAnswer> FromProto(const v1::PoseFrame& frame);
/// Scores that are not OK are left out.
ClassifierAnswer FromProto(const v1::ClipScores& scores);
FusionAnswer FromProto(const v1::FusionResult& result);

v1::ObservedPerson ToProto(const ObservedPerson& person);
v1::Observation ToProto(const Observation& observation);
v1::FrameVerdict ToProto(const Verdict& verdict);
v1::PipelineStatus ToProto(const PipelineReport& report);

/// A camera of the registry, with the contract's defaults filled in.
CameraSettings FromProto(const v1::Camera& camera);

}  // namespace aislewatch::ingest
