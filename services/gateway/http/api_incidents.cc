// Incidents: what was found, and what staff say of it.
#include <utility>

#include "absl/strings/str_cat.h"
#include "services/gateway/http/api.h"
#include "services/gateway/http/unary_route.h"

namespace aislewatch::gateway {

void AddIncidentRoutes(const ApiContext& api, RouteTable& table) {
  using Stub = v1::EventStorageService::Stub;
  Stub& stub = *api.storage.events;
  const std::string incidents = absl::StrCat(kApi, "/incidents");
  const std::string one = incidents + "/{id}";
  const std::vector<std::pair<std::string, std::string>> id = {{"id", "incident_id"}};
  table.Add(UnaryRoute({"GET",
                        incidents,
                        "Incidents, newest first, by page",
                        "incidents",
                        {},
                        std::nullopt,
                        {"filter", "page_size", "page_token"}},
                       stub, &Stub::ListIncidents));
  table.Add(UnaryRoute({"GET", one, "One incident with its history and reviews", "incidents", id},
                       stub, &Stub::GetIncident));
  UnarySpec review = {"POST", one + "/reviews", "Say whether it was one", "incidents", id, ""};
  review.amend = [api](const Call& call, google::protobuf::Message& message) {
    AW_ASSIGN_OR_RETURN(const v1::Principal principal, CallerOf(api, call));
    static_cast<v1::ReviewIncidentRequest&>(message).set_reviewer(principal.name());
    return absl::OkStatus();
  };
  table.Add(UnaryRoute(std::move(review), stub, &Stub::ReviewIncident));
  table.Add(UnaryRoute(
      {"PUT", one + "/hold", "Keep it from retention, or let go of it", "incidents", id, ""}, stub,
      &Stub::SetIncidentHold));
  table.Add(UnaryRoute({"GET", one + "/evidence", "Its evidence, without bytes", "incidents", id},
                       stub, &Stub::ListEvidence));
}

}  // namespace aislewatch::gateway
