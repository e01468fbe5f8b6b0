// Between the fusion service's messages and its core's values. Stateless, thread-safe.
#pragma once

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "aislewatch/v1/fusion.pb.h"
#include "services/fusion/core/incident.h"
#include "services/fusion/core/observation.h"

namespace aislewatch::fusion {

/// Limits of one message; beyond them it is refused.
inline constexpr int kMaxPeople = 1000;
inline constexpr int kMaxOpenIncidents = 64;

/// INVALID_ARGUMENT names what cannot be used: too many people, a person without 17 finite
/// keypoints or a track id, a frame without size or with a capture time outside years 1..9999.
/// Things seen that cannot be used, or at somebody who was not looked at, are left out.
absl::StatusOr<Observation> ObservationFromProto(const v1::Observation& from);

/// Incidents that a former stream of `camera_id` left open; closed ones are left out. What is
/// wrong with any of them is appended to `faults`.
std::vector<Incident> OpenIncidentsFromProto(const v1::FusionStreamConfig& config,
                                             std::vector<std::string>& faults);

/// `identity`: the camera and store that incidents are written down for.
v1::FusionResult JudgementToProto(const Judgement& judgement, const v1::StreamIdentity& identity,
                                  const ModelInfo& model);

v1::Incident IncidentToProto(const Incident& from, const v1::StreamIdentity& identity);

/// INVALID_ARGUMENT unless `time` is one that google.protobuf.Timestamp may hold.
absl::Status CheckTime(const google::protobuf::Timestamp& time, absl::string_view what);
absl::Status CheckFrameSize(uint32_t width, uint32_t height);

v1::ModelVersion ModelToProto(const ModelInfo& model);

}  // namespace aislewatch::fusion
