// Between aislewatch.v1 and event storage's own types. Stateless and thread-safe.
//
// Enumerators that this build does not know become kUnspecified, which validation refuses where a
// value is required.
#pragma once

#include "absl/status/statusor.h"
#include "aislewatch/v1/cameras.pb.h"
#include "aislewatch/v1/events.pb.h"
#include "services/events/core/camera.h"
#include "services/events/core/evidence.h"
#include "services/events/core/faults.h"
#include "services/events/core/incident.h"
#include "services/events/core/incident_watch.h"
#include "services/events/core/stores.h"

namespace aislewatch::events {

/// INVALID_ARGUMENT where the incident cannot be written as JSON.
absl::StatusOr<Transition> TransitionFromProto(const v1::IncidentTransition& transition);
v1::IncidentTransition ToProto(const Transition& transition);
v1::Incident ToProto(const Incident& incident);

v1::GetIncidentResponse ToProto(const IncidentHistory& history);

IncidentFilter FilterFromProto(const v1::IncidentFilter& filter);
v1::IncidentFilter ToProto(const IncidentFilter& filter);
Review ReviewFromProto(const v1::ReviewIncidentRequest& request);
v1::Review ToProto(const Review& review);
v1::WatchIncidentsResponse ToProto(const WatchEvent& event);

Evidence EvidenceFromProto(const v1::Evidence& evidence);
v1::Evidence ToProto(const Evidence& evidence);

/// Adds what is wrong with zones and rules to `faults`.
Camera CameraFromProto(const v1::Camera& camera, Faults& faults);
v1::Camera ToProto(const Camera& camera);
v1::GetCameraResponse ToProto(const CameraWithStatus& camera);

absl::StatusOr<LeaseRequest> LeaseRequestFromProto(const v1::SyncLeasesRequest& request);
v1::SyncLeasesResponse ToProto(const LeaseGrant& grant);

}  // namespace aislewatch::events
