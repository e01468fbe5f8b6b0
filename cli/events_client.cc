#include "cli/events_client.h"

#include <grpcpp/client_context.h>

#include <algorithm>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "aislewatch/v1/events.grpc.pb.h"
#include "common/base/status.h"
#include "common/rpc/convert.h"

namespace aislewatch {

absl::StatusOr<std::vector<v1::Incident>> ListAllIncidents(
    const std::shared_ptr<grpc::Channel>& events, const v1::IncidentFilter& filter) {
  const auto stub = v1::EventStorageService::NewStub(events);
  std::vector<v1::Incident> incidents;
  v1::ListIncidentsRequest request;
  *request.mutable_filter() = filter;
  request.set_page_size(500);
  do {
    grpc::ClientContext context;
    context.set_deadline(absl::ToChronoTime(absl::Now() + absl::Seconds(30)));
    v1::ListIncidentsResponse response;
    AW_RETURN_IF_ERROR(
        Annotate(FromGrpc(stub->ListIncidents(&context, request, &response)), "event storage"));
    incidents.insert(incidents.end(), response.incidents().begin(), response.incidents().end());
    request.set_page_token(response.next_page_token());
  } while (!request.page_token().empty());
  return incidents;
}

absl::StatusOr<std::vector<v1::Incident>> AwaitIncidents(
    const std::shared_ptr<grpc::Channel>& events,
    const std::vector<std::pair<std::string, uint32_t>>& expected, absl::Time deadline,
    bool closed) {
  const auto stub = v1::EventStorageService::NewStub(events);
  std::vector<v1::Incident> incidents;
  for (const auto& [id, number] : expected) {
    while (true) {
      grpc::ClientContext context;
      context.set_deadline(absl::ToChronoTime(absl::Now() + absl::Seconds(5)));
      v1::GetIncidentRequest request;
      request.set_incident_id(id);
      v1::GetIncidentResponse response;
      const absl::Status status = FromGrpc(stub->GetIncident(&context, request, &response));
      const bool told = status.ok() && response.incident().transition_number() >= number;
      const bool waits = closed && response.incident().state() == v1::INCIDENT_STATE_OPEN;
      if (told && (!waits || absl::Now() >= deadline)) {
        incidents.push_back(std::move(*response.mutable_incident()));
        break;
      }
      if (absl::Now() >= deadline) {
        return absl::DeadlineExceededError(
            absl::StrCat("event storage has not recorded transition ", number, " of incident ", id,
                         status.ok() ? "" : ": ", status.message()));
      }
      absl::SleepFor(absl::Milliseconds(50));
    }
  }
  std::sort(incidents.begin(), incidents.end(), [](const auto& a, const auto& b) {
    return FromProto(a.opened_time()) < FromProto(b.opened_time());
  });
  return incidents;
}

std::string KindName(v1::IncidentKind kind) {
  return absl::AsciiStrToLower(
      v1::IncidentKind_Name(kind).substr(std::string("INCIDENT_KIND_").size()));
}

std::string SeverityName(v1::Severity severity) {
  return absl::AsciiStrToLower(v1::Severity_Name(severity).substr(std::string("SEVERITY_").size()));
}

}  // namespace aislewatch
