#include "common/rpc/convert.h"

#include <algorithm>
#include <cmath>
#include <string>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "common/base/status.h"

namespace aislewatch {
namespace {

constexpr size_t kMaxObjectName = 64;

bool IsFinite(const NormalizedBox& box) {
  return std::isfinite(box.x) && std::isfinite(box.y) && std::isfinite(box.width) &&
         std::isfinite(box.height);
}

}  // namespace

grpc::Status ToGrpc(const absl::Status& status) {
  if (status.ok()) return grpc::Status::OK;
  return {static_cast<grpc::StatusCode>(status.code()), std::string(status.message())};
}

absl::Status FromGrpc(const grpc::Status& status) {
  if (status.ok()) return absl::OkStatus();
  return {static_cast<absl::StatusCode>(status.error_code()), status.error_message()};
}

google::protobuf::Timestamp ToProto(absl::Time time) {
  google::protobuf::Timestamp timestamp;
  const int64_t seconds = absl::ToUnixSeconds(time);
  timestamp.set_seconds(seconds);
  timestamp.set_nanos(
      static_cast<int32_t>((time - absl::FromUnixSeconds(seconds)) / absl::Nanoseconds(1)));
  return timestamp;
}

absl::Time FromProto(const google::protobuf::Timestamp& timestamp) {
  return absl::FromUnixSeconds(timestamp.seconds()) + absl::Nanoseconds(timestamp.nanos());
}

google::protobuf::Duration ToProto(absl::Duration duration) {
  google::protobuf::Duration proto;
  const int64_t seconds = absl::ToInt64Seconds(duration);
  proto.set_seconds(seconds);
  proto.set_nanos(
      static_cast<int32_t>((duration - absl::Seconds(seconds)) / absl::Nanoseconds(1)));
  return proto;
}

absl::Duration FromProto(const google::protobuf::Duration& duration) {
  return absl::Seconds(duration.seconds()) + absl::Nanoseconds(duration.nanos());
}

v1::NormalizedBox ToProto(const NormalizedBox& box) {
  v1::NormalizedBox proto;
  proto.set_x(box.x);
  proto.set_y(box.y);
  proto.set_width(box.width);
  proto.set_height(box.height);
  return proto;
}

NormalizedBox FromProto(const v1::NormalizedBox& box) {
  return {box.x(), box.y(), box.width(), box.height()};
}

v1::Keypoint ToProto(const Keypoint& keypoint) {
  v1::Keypoint proto;
  proto.set_x(keypoint.x);
  proto.set_y(keypoint.y);
  proto.set_confidence(keypoint.confidence);
  return proto;
}

absl::StatusOr<Pose> FromProto(
    const google::protobuf::RepeatedPtrField<v1::Keypoint>& keypoints) {
  if (keypoints.size() != kJointCount) {
    return absl::InvalidArgumentError(
        absl::StrCat(keypoints.size(), " keypoints; send the 17 of COCO"));
  }
  Pose pose;
  for (int i = 0; i < kJointCount; ++i) {
    const v1::Keypoint& joint = keypoints[i];
    if (!std::isfinite(joint.x()) || !std::isfinite(joint.y()) ||
        !std::isfinite(joint.confidence())) {
      return absl::InvalidArgumentError(
          absl::StrCat("keypoint ", i, " has a coordinate that is no finite number"));
    }
    pose[static_cast<size_t>(i)] = {joint.x(), joint.y(), joint.confidence()};
  }
  return pose;
}

v1::TrackedPerson ToProto(const TrackedPerson& person) {
  v1::TrackedPerson proto;
  proto.set_track_id(person.track_id);
  *proto.mutable_box() = ToProto(person.person.box);
  proto.set_score(person.person.score);
  proto.set_age_frames(person.age_frames);
  for (const Keypoint& joint : person.person.keypoints) {
    *proto.add_keypoints() = ToProto(joint);
  }
  return proto;
}

absl::StatusOr<TrackedPerson> FromProto(const v1::TrackedPerson& proto) {
  if (proto.track_id() == 0) return absl::InvalidArgumentError("track_id must be at least 1");
  TrackedPerson person;
  absl::StatusOr<Pose> keypoints = FromProto(proto.keypoints());
  if (!keypoints.ok()) {
    return Annotate(keypoints.status(), absl::StrCat("track ", proto.track_id()));
  }
  person.person.keypoints = *keypoints;
  person.track_id = proto.track_id();
  person.age_frames = proto.age_frames();
  person.person.box = FromProto(proto.box());
  person.person.score = proto.score();
  if (!IsFinite(person.person.box) || !std::isfinite(proto.score())) {
    return absl::InvalidArgumentError(
        absl::StrCat("track ", proto.track_id(), " has a box that is no finite number"));
  }
  return person;
}

v1::DetectedObject ToProto(const SeenObject& object) {
  v1::DetectedObject proto;
  proto.set_class_name(object.name);
  proto.set_score(object.score);
  *proto.mutable_box() = ToProto(object.box);
  proto.set_is_weapon(object.weapon);
  proto.set_track_id(object.track_id);
  return proto;
}

absl::StatusOr<SeenObject> FromProto(const v1::DetectedObject& proto) {
  const std::string& name = proto.class_name();
  // Incidents keep the name, and PostgreSQL takes no NUL.
  const bool printable = std::all_of(name.begin(), name.end(), absl::ascii_isprint);
  if (name.empty() || name.size() > kMaxObjectName || !printable) {
    return absl::InvalidArgumentError(
        absl::StrCat("class_name must be 1..", kMaxObjectName, " printable ASCII characters"));
  }
  SeenObject object{name, proto.score(), FromProto(proto.box()), proto.is_weapon(),
                    proto.track_id()};
  // Written so that NaN is refused.
  if (!(object.score >= 0 && object.score <= 1)) {
    return absl::InvalidArgumentError(absl::StrCat(name, ": score must be 0..1"));
  }
  if (!IsFinite(object.box)) {
    return absl::InvalidArgumentError(absl::StrCat(name, " has a box that is no finite number"));
  }
  if (object.track_id == 0) {
    return absl::InvalidArgumentError(absl::StrCat(name, ": track_id must be at least 1"));
  }
  return object;
}

}  // namespace aislewatch
