// Health for load balancers and people.
#include "absl/strings/str_cat.h"
#include "services/gateway/core/problem.h"
#include "services/gateway/http/api.h"
#include "services/gateway/http/openapi.h"

namespace aislewatch::gateway {
namespace {

HttpResponse PlainText(const char* text) {
  HttpResponse response;
  response.content_type = "text/plain; charset=utf-8";
  response.headers.emplace_back("Cache-Control", "no-store");
  response.body = text;
  return response;
}

RouteDoc HealthDoc(const char* summary) {
  RouteDoc doc;
  doc.summary = summary;
  doc.tag = "service";
  doc.media_type = "text/plain";
  doc.answer_schema = R"({"type":"string"})";
  return doc;
}

}  // namespace

void AddHealthRoutes(const ApiContext& api, RouteTable& table) {
  table.Add({"GET", PathTemplate("/healthz"), Guard::kOpen, HealthDoc("Whether the gateway serves"),
             [](const Call&) { return PlainText("ok\n"); }});
  table.Add({"GET", PathTemplate("/readyz"), Guard::kOpen,
             HealthDoc("Whether event storage is there too"), [api](const Call& call) {
               if (IsReady(api.storage)) return PlainText("ok\n");
               return ProblemOf(absl::UnavailableError(""), call.request_id);
             }});
}

void AddApi(const ApiContext& api, RouteTable& table) {
  AddHealthRoutes(api, table);
  AddSessionRoutes(api, table);
  AddIncidentStreamRoute(api, table);  // Before /incidents/{id}.
  AddIncidentRoutes(api, table);
  AddEvidenceRoutes(api, table);
  AddCameraRoutes(api, table);
  AddLiveRoutes(api, table);
  AddRuleRoutes(api, table);
  AddSystemRoutes(api, table);
  AddAccessRoutes(api, table);
  AddWebhookRoutes(api, table);
  AddAttentionRoutes(api, table);
  AddOpenApiRoute(table);
}

}  // namespace aislewatch::gateway
