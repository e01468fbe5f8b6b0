// Between protobuf's and our own value types, and between absl's and gRPC's statuses.
//
// Stateless and thread-safe. The one place that maps a status to gRPC.
#pragma once

#include <google/protobuf/duration.pb.h>
#include <google/protobuf/timestamp.pb.h>
#include <grpcpp/support/status.h>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "aislewatch/v1/types.pb.h"
#include "common/vision/geometry.h"
#include "common/vision/seen_object.h"

namespace aislewatch {

/// The codes are the same by number; messages are kept.
grpc::Status ToGrpc(const absl::Status& status);
absl::Status FromGrpc(const grpc::Status& status);

google::protobuf::Timestamp ToProto(absl::Time time);
absl::Time FromProto(const google::protobuf::Timestamp& timestamp);
google::protobuf::Duration ToProto(absl::Duration duration);
absl::Duration FromProto(const google::protobuf::Duration& duration);

v1::NormalizedBox ToProto(const NormalizedBox& box);
NormalizedBox FromProto(const v1::NormalizedBox& box);
v1::Keypoint ToProto(const Keypoint& keypoint);
/// INVALID_ARGUMENT unless there are exactly 17 keypoints of finite numbers.
absl::StatusOr<Pose> FromProto(
    const google::protobuf::RepeatedPtrField<v1::Keypoint>& keypoints);
v1::TrackedPerson ToProto(const TrackedPerson& person);
/// INVALID_ARGUMENT unless there are exactly 17 keypoints, the track id is >= 1 and every number is
/// finite.
absl::StatusOr<TrackedPerson> FromProto(const v1::TrackedPerson& person);
v1::DetectedObject ToProto(const SeenObject& object);
/// INVALID_ARGUMENT unless the name is 1..64 printable ASCII characters, the score 0..1, the
/// track id >= 1 and the box finite.
absl::StatusOr<SeenObject> FromProto(const v1::DetectedObject& object);

}  // namespace aislewatch
