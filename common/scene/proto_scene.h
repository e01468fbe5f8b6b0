// Zones and rules from and to aislewatch.v1. Stateless, thread-safe.
#pragma once

#include "absl/status/statusor.h"
#include "aislewatch/v1/types.pb.h"
#include "common/scene/scene.h"

namespace aislewatch {

/// The scene with defaults filled in. INVALID_ARGUMENT lists every fault of every zone and rule,
/// separated by "; ".
absl::StatusOr<Scene> SceneFromProto(const google::protobuf::RepeatedPtrField<v1::Zone>& zones,
                                     const google::protobuf::RepeatedPtrField<v1::Rule>& rules);

v1::Zone ToProto(const Zone& zone);
v1::Rule ToProto(const Rule& rule);

}  // namespace aislewatch
