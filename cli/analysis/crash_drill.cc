#include "cli/analysis/crash_drill.h"

#include <grpcpp/client_context.h>

#include <algorithm>
#include <csignal>
#include <set>
#include <utility>

#include "absl/time/clock.h"
#include "aislewatch/v1/events.grpc.pb.h"
#include "cli/events_client.h"
#include "common/base/status.h"
#include "common/rpc/convert.h"

namespace aislewatch {
namespace {

constexpr char kPostgres[] = "postgres";
// So many frames in a row with every stage's part mean that the stream is whole again.
constexpr int kWholeAgain = 5;

}  // namespace

CrashDrill::CrashDrill(LocalCluster& cluster, absl::Duration over)
    : cluster_(cluster), thread_([this, over] { Run(over); }) {}

CrashDrill::~CrashDrill() {
  {
    absl::MutexLock lock(&mutex_);
    stopping_ = true;
  }
  thread_.join();
}

std::vector<Kill> CrashDrill::kills() const {
  absl::MutexLock lock(&mutex_);
  return kills_;
}

void CrashDrill::Run(absl::Duration over) {
  std::vector<std::string> names;
  for (const ServiceProcess& process : cluster_.Processes()) names.push_back(process.name);
  if (cluster_.postgres() != nullptr) names.push_back(kPostgres);
  const absl::Duration step = over / static_cast<double>(names.size() + 1);
  const auto stopping = [this]() ABSL_SHARED_LOCKS_REQUIRED(mutex_) { return stopping_; };
  for (const std::string& name : names) {
    absl::MutexLock lock(&mutex_);
    if (mutex_.AwaitWithTimeout(absl::Condition(&stopping), step)) return;
    pid_t pid = name == kPostgres ? cluster_.postgres()->pid() : 0;
    for (const ServiceProcess& process : cluster_.Processes()) {
      if (process.name == name) pid = process.pid;
    }
    if (pid <= 0) continue;
    kill(pid, SIGKILL);
    kills_.push_back({name, absl::Now()});
  }
}

absl::Duration RecoveryTime(const Kill& kill, std::vector<LoadFrame> frames) {
  std::sort(frames.begin(), frames.end(),
            [](const LoadFrame& a, const LoadFrame& b) { return a.captured < b.captured; });
  const auto after = std::find_if(frames.begin(), frames.end(), [&](const LoadFrame& frame) {
    return frame.captured >= kill.time;
  });
  int whole = 0;
  for (auto it = after; it != frames.end(); ++it) {
    whole = it->whole ? whole + 1 : 0;
    if (whole < kWholeAgain) continue;
    const auto first = it - (kWholeAgain - 1);
    return first == after ? absl::ZeroDuration() : first->captured - kill.time;
  }
  return absl::InfiniteDuration();
}

Scene DrillScene() {
  Zone everywhere;
  everywhere.id = "everywhere";
  everywhere.kind = ZoneKind::kRestricted;
  everywhere.polygon = {{0, 0}, {1, 0}, {1, 1}, {0, 1}};
  Rule rule = DefaultRule(IncidentKind::kRestrictedZone);
  rule.id = "anybody";
  rule.min_duration = absl::Milliseconds(200);
  rule.cooldown = absl::ZeroDuration();
  rule.fire_once_per = FireOncePer::kTrack;
  return {{std::move(everywhere)}, {std::move(rule)}};
}

absl::StatusOr<RecordCheck> CheckRecords(const std::shared_ptr<grpc::Channel>& events,
                                         const LoadResult& result, absl::Time deadline) {
  RecordCheck check;
  check.told = static_cast<int>(result.transitions.size());
  const std::vector<std::pair<std::string, uint32_t>> told(result.transitions.begin(),
                                                           result.transitions.end());
  AW_ASSIGN_OR_RETURN(const auto recorded, AwaitIncidents(events, told, deadline));
  check.recorded = static_cast<int>(recorded.size());

  v1::IncidentFilter filter;
  filter.add_store_ids("bench");
  AW_ASSIGN_OR_RETURN(const auto listed, ListAllIncidents(events, filter));
  const auto stub = v1::EventStorageService::NewStub(events);
  std::set<std::string> ids;
  for (const v1::Incident& incident : listed) {
    if (!ids.insert(incident.incident_id()).second) ++check.duplicates;
    if (result.transitions.count(incident.incident_id()) == 0) ++check.untold;
    grpc::ClientContext context;
    v1::GetIncidentRequest request;
    request.set_incident_id(incident.incident_id());
    v1::GetIncidentResponse response;
    AW_RETURN_IF_ERROR(FromGrpc(stub->GetIncident(&context, request, &response)));
    std::set<uint32_t> numbers;
    for (const auto& transition : response.transitions()) {
      if (!numbers.insert(transition.number()).second) ++check.duplicates;
    }
  }
  return check;
}

}  // namespace aislewatch
