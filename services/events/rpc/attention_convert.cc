#include "services/events/rpc/attention_convert.h"

#include "common/rpc/convert.h"

namespace aislewatch::events {
namespace {

constexpr absl::Duration kDefaultPeriod = absl::Hours(24);

ZoneKind ZoneKindFromProto(int kind) {
  return kind >= 0 && kind < static_cast<int>(kZoneKindNames.size()) ? static_cast<ZoneKind>(kind)
                                                                     : ZoneKind::kUnspecified;
}

}  // namespace

ZoneVisit VisitFromProto(const v1::ZoneVisit& from) {
  ZoneVisit visit;
  visit.visit_id = from.visit_id();
  visit.camera_id = from.camera_id();
  visit.store_id = from.store_id();
  visit.zone_id = from.zone_id();
  visit.zone_kind = ZoneKindFromProto(from.zone_kind());
  if (from.has_begin_time()) visit.begin_time = aislewatch::FromProto(from.begin_time());
  if (from.has_end_time()) visit.end_time = aislewatch::FromProto(from.end_time());
  visit.looking_time = aislewatch::FromProto(from.looking_time());
  visit.looked = from.looked();
  visit.entered = from.entered();
  visit.looked_before_entering = from.looked_before_entering();
  visit.dwell = aislewatch::FromProto(from.dwell());
  return visit;
}

AttentionQuery QueryFromProto(const v1::ListAttentionRequest& from, absl::Time now) {
  AttentionQuery query;
  query.store_ids.assign(from.store_ids().begin(), from.store_ids().end());
  query.camera_ids.assign(from.camera_ids().begin(), from.camera_ids().end());
  for (const int kind : from.zone_kinds()) query.zone_kinds.push_back(ZoneKindFromProto(kind));
  query.from =
      from.has_from_time() ? aislewatch::FromProto(from.from_time()) : now - kDefaultPeriod;
  query.until = from.has_until_time() ? aislewatch::FromProto(from.until_time()) : now;
  if (from.step() != v1::ATTENTION_STEP_UNSPECIFIED) {
    // A number that we do not know must be refused, not taken for the default.
    query.step = static_cast<AttentionStep>(static_cast<int>(from.step()));
  }
  if (!from.time_zone().empty()) query.time_zone = from.time_zone();
  return query;
}

v1::AttentionSum ToProto(const AttentionSum& sum) {
  v1::AttentionSum to;
  to.set_store_id(sum.store_id);
  to.set_camera_id(sum.camera_id);
  to.set_zone_id(sum.zone_id);
  to.set_zone_kind(static_cast<v1::ZoneKind>(static_cast<int>(sum.zone_kind)));
  *to.mutable_start_time() = aislewatch::ToProto(sum.start_time);
  to.set_passers_by(sum.passers_by);
  to.set_looked(sum.looked);
  to.set_entered(sum.entered);
  to.set_looked_and_entered(sum.looked_and_entered);
  *to.mutable_looking_time() = aislewatch::ToProto(sum.looking_time);
  *to.mutable_dwell() = aislewatch::ToProto(sum.dwell);
  return to;
}

}  // namespace aislewatch::events
