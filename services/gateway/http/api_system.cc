// The services and how they are, and trying a camera's source.
#include <utility>

#include "absl/strings/str_cat.h"
#include "services/gateway/http/api.h"
#include "services/gateway/http/unary_route.h"

namespace aislewatch::gateway {
namespace {

constexpr char kSystemSchema[] =
    R"({"type":"object","properties":{"services":{"type":"array","items":{"type":"object","properties":{)"
    R"("name":{"type":"string"},"address":{"type":"string"},"ready":{"type":"boolean"},)"
    R"("version":{"type":"string"},"models":{"type":"array","items":{"type":"object","properties":{)"
    R"("role":{"type":"string"},"name":{"type":"string"},"version":{"type":"string"}}}},)"
    R"("metrics":{"type":"object","additionalProperties":{"type":"number"}},)"
    R"("error":{"type":"string"}}}},"grafanaUrl":{"type":"string"}}})";

HttpResponse System(const ApiContext& api, const Call& call) {
  if (const absl::Status caller = CallerOf(api, call).status(); !caller.ok()) {
    return Failure(call, caller);
  }
  HttpResponse response;
  response.content_type = "application/json";
  response.headers.emplace_back("Cache-Control", "no-store");
  response.body = SystemJson(api.scraper.Scrape(), api.grafana_url);
  return response;
}

}  // namespace

void AddSystemRoutes(const ApiContext& api, RouteTable& table) {
  RouteDoc system;
  system.summary = "Services, their versions, models, queues and drop rates";
  system.tag = "system";
  system.answer_schema = kSystemSchema;
  table.Add({"GET", PathTemplate(absl::StrCat(kApi, "/system")), Guard::kCaller, system,
             [api](const Call& call) { return System(api, call); }});

  UnarySpec probe = {"POST",
                     absl::StrCat(kApi, "/probe"),
                     "Try a camera's source, and see a picture of it; for admins",
                     "cameras",
                     {},
                     ""};
  probe.timeout = absl::Seconds(20);
  probe.forwards_credential = false;
  probe.amend = [api](const Call& call, google::protobuf::Message&) {
    // Ingest opens any address it is given, so who may add cameras may ask for it.
    AW_ASSIGN_OR_RETURN(const v1::Principal caller, CallerOf(api, call));
    if (caller.role() != v1::ROLE_ADMIN) {
      return absl::PermissionDeniedError("only an admin may try sources");
    }
    if (!api.has_ingest) {
      return absl::UnimplementedError("the gateway was started without --ingest");
    }
    return absl::OkStatus();
  };
  table.Add(UnaryRoute(std::move(probe), api.ingest, &v1::FrameIngestService::Stub::ProbeSource));
}

}  // namespace aislewatch::gateway
