#include "services/events/core/attention/attention_book.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "common/base/ids.h"
#include "common/base/status.h"
#include "common/base/time_zone_name.h"
#include "services/events/core/faults.h"
#include "services/events/core/scoped_stores.h"

namespace aislewatch::events {
namespace {

constexpr absl::Duration kLongestVisit = absl::Hours(24);
constexpr size_t kMaxIdsPerQuery = 1000;
// What PostgreSQL and protobuf can both hold, with room for an hour's arithmetic.
const absl::Time kFirstTime = absl::FromUnixSeconds(0);
const absl::Time kLastTime = absl::FromUnixSeconds(253370764800);  // 9999-01-01

bool KnownKind(ZoneKind kind) {
  return kind > ZoneKind::kUnspecified && static_cast<size_t>(kind) < kZoneKindNames.size();
}

bool Within(absl::Duration duration) {
  return duration >= absl::ZeroDuration() && duration <= kLongestVisit;
}

void CheckTimes(const ZoneVisit& visit, const std::string& at, Faults& faults) {
  if (!visit.begin_time.has_value() || *visit.begin_time < kFirstTime ||
      *visit.begin_time > kLastTime) {
    faults.Add(at + ".begin_time is missing or none of years 1970 to 9998");
  } else if (!visit.end_time.has_value() || *visit.end_time < *visit.begin_time ||
             *visit.end_time - *visit.begin_time > kLongestVisit) {
    faults.Add(at + ".end_time must be 0..24 h after begin_time");
  }
  if (!Within(visit.looking_time)) faults.Add(at + ".looking_time must be 0..24 h");
  if (!Within(visit.dwell)) faults.Add(at + ".dwell must be 0..24 h");
}

void CheckVisit(const ZoneVisit& visit, const std::string& at, Faults& faults) {
  if (!IsUuid(visit.visit_id)) {
    faults.Add(at + ".visit_id must be a UUID in lower-case hexadecimal");
  }
  faults.Add(CheckId(visit.camera_id, at + ".camera_id"));
  faults.Add(CheckId(visit.store_id, at + ".store_id"));
  faults.Add(CheckId(visit.zone_id, at + ".zone_id"));
  if (!KnownKind(visit.zone_kind)) faults.Add(at + ".zone_kind is missing or not known");
  CheckTimes(visit, at, faults);
  if (visit.looked_before_entering && !(visit.looked && visit.entered)) {
    faults.Add(at + ".looked_before_entering needs looked and entered");
  }
  if (!visit.entered && visit.dwell > absl::ZeroDuration()) {
    faults.Add(at + ".dwell must be 0 where the zone was not entered");
  }
}

void CheckIds(const std::vector<std::string>& ids, const char* what, Faults& faults) {
  if (ids.size() > kMaxIdsPerQuery) faults.Add(what, "names more than 1000");
  for (const std::string& id : ids) faults.Add(CheckId(id, what));
}

absl::Status CheckQuery(const AttentionQuery& query) {
  Faults faults;
  CheckIds(query.store_ids, "store_ids", faults);
  CheckIds(query.camera_ids, "camera_ids", faults);
  for (const ZoneKind kind : query.zone_kinds) {
    if (!KnownKind(kind)) faults.Add("zone_kinds", "has a kind that is not known");
  }
  if (query.from < kFirstTime || query.until > kLastTime) {
    faults.Add("from_time and until_time", "must lie in years 1970 to 9998");
  }
  if (query.from >= query.until) faults.Add("from_time", "must lie before until_time");
  if (query.step <= AttentionStep::kUnspecified ||
      static_cast<int>(query.step) > kLastAttentionStep) {
    faults.Add("step", "is not known");
  }
  faults.Add(CheckTimeZoneName(query.time_zone, "time_zone"));
  return faults.ToStatus("attention");
}

}  // namespace

absl::Status CheckVisits(const std::vector<ZoneVisit>& visits) {
  if (visits.empty() || visits.size() > AttentionBook::kMaxVisitsPerCall) {
    return absl::InvalidArgumentError(absl::StrCat("visits: there are ", visits.size(),
                                                   "; send 1..", AttentionBook::kMaxVisitsPerCall,
                                                   " at a time"));
  }
  Faults faults;
  for (size_t i = 0; i < visits.size(); ++i) {
    CheckVisit(visits[i], absl::StrCat("visits[", i, "]"), faults);
  }
  return faults.ToStatus("visits");
}

absl::StatusOr<RecordResult> AttentionBook::Record(const std::vector<ZoneVisit>& visits,
                                                   const Principal& caller) {
  AW_RETURN_IF_ERROR(CheckVisits(visits));
  for (size_t i = 0; i < visits.size(); ++i) {
    if (caller.scope.Covers(visits[i].store_id, visits[i].camera_id)) continue;
    return absl::PermissionDeniedError(absl::StrCat("visits[", i, "]: camera ", visits[i].camera_id,
                                                    " in store ", visits[i].store_id,
                                                    " lies outside of the scope of ", caller.name));
  }
  return store_.RecordVisits(visits);
}

absl::StatusOr<std::vector<AttentionSum>> AttentionBook::List(AttentionQuery query,
                                                              const Principal& caller) {
  AW_RETURN_IF_ERROR(CheckQuery(query));
  auto stores = Intersect(query.store_ids, caller.scope.store_ids);
  auto cameras = Intersect(query.camera_ids, caller.scope.camera_ids);
  if (!stores.has_value() || !cameras.has_value()) return std::vector<AttentionSum>();
  query.store_ids = *std::move(stores);
  query.camera_ids = *std::move(cameras);
  AW_ASSIGN_OR_RETURN(auto sums, store_.ListSums(query, kMaxSums + 1));
  if (sums.size() > kMaxSums) {
    return absl::InvalidArgumentError(
        absl::StrCat("the period holds more than ", kMaxSums,
                     " sums; choose a coarser step, a shorter period or fewer cameras"));
  }
  return sums;
}

}  // namespace aislewatch::events
