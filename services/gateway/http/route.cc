#include "services/gateway/http/route.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "common/base/log.h"
#include "services/gateway/core/problem.h"

namespace aislewatch::gateway {

const Route* RouteTable::Find(absl::string_view method, absl::string_view path, PathParams& params,
                              std::string& allowed) const {
  const absl::string_view wanted = method == "HEAD" ? "GET" : method;
  allowed.clear();
  for (const Route& route : routes_) {
    if (!route.path.Match(path, params)) continue;
    if (route.method == wanted) return &route;
    absl::StrAppend(&allowed, allowed.empty() ? "" : ", ", route.method);
  }
  return nullptr;
}

HttpResponse Failure(const Call& call, const absl::Status& status) {
  const int http = HttpStatusOf(status.code());
  const auto log = http == 500 ? LogError : LogDebug;
  log("a request failed", {{"request", call.request_id},
                           {"method", call.request.method},
                           {"path", call.request.path},
                           {"code", absl::StatusCodeToString(status.code())},
                           {"error", std::string(status.message())}});
  return ProblemOf(status, call.request_id);
}

HttpResponse JsonAnswer(const Call& call, int status, const google::protobuf::Message& message) {
  auto json = ToJson(message);
  if (!json.ok()) return Failure(call, json.status());
  HttpResponse response;
  response.status = status;
  response.content_type = "application/json";
  response.headers.emplace_back("Cache-Control", "no-store");
  response.body = *std::move(json);
  return response;
}

HttpResponse NoContent() {
  HttpResponse response;
  response.status = 204;
  response.headers.emplace_back("Cache-Control", "no-store");
  return response;
}

}  // namespace aislewatch::gateway
