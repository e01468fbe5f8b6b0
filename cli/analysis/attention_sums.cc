#include "cli/analysis/attention_sums.h"

#include <grpcpp/client_context.h>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/time/clock.h"
#include "aislewatch/v1/attention.grpc.pb.h"
#include "common/base/status.h"
#include "common/rpc/convert.h"

namespace aislewatch {
namespace {

constexpr absl::Duration kPatienceForSums = absl::Seconds(30);
constexpr absl::Duration kPauseForSums = absl::Milliseconds(200);

std::string Describe(const AttentionTotals& totals) {
  return absl::StrCat(totals.passers_by, " visits, ", totals.looked, " looked, ", totals.entered,
                      " entered, ", totals.looked_and_entered, " looked and entered, ",
                      absl::FormatDuration(totals.looking_time), " looking, ",
                      absl::FormatDuration(totals.dwell), " in it");
}

bool Agree(const AttentionTotals& a, const AttentionTotals& b) {
  const absl::Duration rounding = absl::Microseconds(1) * static_cast<int64_t>(a.passers_by);
  return a.passers_by == b.passers_by && a.looked == b.looked && a.entered == b.entered &&
         a.looked_and_entered == b.looked_and_entered &&
         absl::AbsDuration(a.looking_time - b.looking_time) <= rounding &&
         absl::AbsDuration(a.dwell - b.dwell) <= rounding;
}

AttentionTotals TotalsOf(const AttentionByZone& sums, const AttentionByZone::key_type& zone) {
  const auto it = sums.find(zone);
  return it == sums.end() ? AttentionTotals{} : it->second;
}

}  // namespace

void AttentionTotals::Add(const AttentionTotals& other) {
  passers_by += other.passers_by;
  looked += other.looked;
  entered += other.entered;
  looked_and_entered += other.looked_and_entered;
  looking_time += other.looking_time;
  dwell += other.dwell;
}

AttentionByZone AddUp(absl::Span<const v1::ZoneVisit> visits) {
  AttentionByZone sums;
  for (const v1::ZoneVisit& visit : visits) {
    sums[{visit.camera_id(), visit.zone_id(), visit.zone_kind()}].Add(
        {1, visit.looked(), visit.entered(), visit.looked_before_entering(),
         FromProto(visit.looking_time()), FromProto(visit.dwell())});
  }
  return sums;
}

void AddTo(AttentionByZone& sums, const AttentionByZone& others) {
  for (const auto& [zone, totals] : others) sums[zone].Add(totals);
}

std::vector<std::string> Differences(const AttentionByZone& told, const AttentionByZone& stored) {
  AttentionByZone zones = told;
  AddTo(zones, stored);
  std::vector<std::string> differences;
  for (const auto& [zone, unused] : zones) {
    const AttentionTotals a = TotalsOf(told, zone), b = TotalsOf(stored, zone);
    if (Agree(a, b)) continue;
    differences.push_back(absl::StrCat("camera ", std::get<0>(zone), ", zone ", std::get<1>(zone),
                                       ": told ", Describe(a), "; stored ", Describe(b)));
  }
  return differences;
}

absl::StatusOr<AttentionByZone> StoredAttention(const std::shared_ptr<grpc::Channel>& events,
                                                const std::vector<std::string>& cameras,
                                                absl::Time from, absl::Time until) {
  v1::ListAttentionRequest request;
  request.mutable_camera_ids()->Assign(cameras.begin(), cameras.end());
  *request.mutable_from_time() = ToProto(from);
  *request.mutable_until_time() = ToProto(until);
  request.set_step(v1::ATTENTION_STEP_TOTAL);
  grpc::ClientContext context;
  context.set_deadline(absl::ToChronoTime(absl::Now() + kPatienceForSums));
  v1::ListAttentionResponse response;
  const auto stub = v1::AttentionService::NewStub(events);
  AW_RETURN_IF_ERROR(
      Annotate(FromGrpc(stub->ListAttention(&context, request, &response)), "event storage"));
  AttentionByZone sums;
  for (const v1::AttentionSum& sum : response.sums()) {
    sums[{sum.camera_id(), sum.zone_id(), sum.zone_kind()}].Add(
        {sum.passers_by(), sum.looked(), sum.entered(), sum.looked_and_entered(),
         FromProto(sum.looking_time()), FromProto(sum.dwell())});
  }
  return sums;
}

absl::Status AwaitAttention(const std::shared_ptr<grpc::Channel>& events,
                            const std::vector<std::string>& cameras, absl::Time from,
                            absl::Time until, const AttentionByZone& told, absl::Time deadline) {
  while (true) {
    AW_ASSIGN_OR_RETURN(const AttentionByZone stored,
                        StoredAttention(events, cameras, from, until));
    const std::vector<std::string> differences = Differences(told, stored);
    if (differences.empty()) return absl::OkStatus();
    if (absl::Now() >= deadline) {
      return absl::DataLossError(
          absl::StrCat("event storage does not count what fusion told; see "
                       "aislewatch_ingest_visits_dropped_total for what ingest gave up: ",
                       absl::StrJoin(differences, "; ")));
    }
    absl::SleepFor(kPauseForSums);
  }
}

}  // namespace aislewatch
