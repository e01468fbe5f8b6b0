#include "services/gateway/http/gateway.h"

#include <exception>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "common/base/ids.h"
#include "common/base/log.h"
#include "services/gateway/core/byte_range.h"
#include "services/gateway/core/loopback.h"
#include "services/gateway/core/problem.h"

namespace aislewatch::gateway {
namespace {

constexpr char kNoConsole[] =
    "<!doctype html><html lang=\"en\"><meta charset=\"utf-8\"><title>Aislewatch</title>"
    "<h1>The console is not installed</h1>"
    "<p>This gateway serves the API alone: <a "
    "href=\"/api/v1/openapi.json\">/api/v1/openapi.json</a>. "
    "Start it with --console and the folder of the built console to see pages here.</p></html>";
constexpr double kBurstSeconds = 4;
constexpr double kAddressFactor = 10;

bool IsSafe(const std::string& method) { return method == "GET" || method == "HEAD"; }

HttpResponse TooMany(absl::Duration wait) {
  HttpResponse response = Problem(429, "too many requests; slow down");
  response.headers.emplace_back(
      "Retry-After", absl::StrCat(absl::ToInt64Seconds(absl::Ceil(wait, absl::Seconds(1)))));
  return response;
}

HttpResponse Unauthorized() {
  HttpResponse response = Problem(
      401, "log in with POST /api/v1/session, or send a token as Authorization: Bearer TOKEN");
  response.headers.emplace_back("WWW-Authenticate", "Bearer");
  return response;
}

}  // namespace

Fields SecurityHeaders() {
  return {
      {"Content-Security-Policy",
       "default-src 'self'; img-src 'self' blob: data:; media-src 'self' blob:; style-src 'self'; "
       "script-src 'self'; frame-ancestors 'none'; base-uri 'none'; form-action 'self'"},
      {"X-Content-Type-Options", "nosniff"},
      {"Referrer-Policy", "no-referrer"}};
}

Gateway::Gateway(const RouteTable& table, const Site* site, GatewayOptions options,
                 Metrics& metrics, Clock& clock)
    : table_(table),
      site_(site),
      options_(std::move(options)),
      metrics_(metrics),
      by_caller_({options_.requests_per_second * kBurstSeconds, options_.requests_per_second},
                 clock),
      by_address_({options_.requests_per_second * kBurstSeconds * kAddressFactor,
                   options_.requests_per_second * kAddressFactor},
                  clock) {}

HttpResponse Gateway::Handle(HttpRequest request) {
  request.peer = options_.proxies.ClientOf(request);
  const absl::Time start = absl::Now();
  const std::string request_id = NewUuid();
  std::string route = "none";
  HttpResponse response;
  try {
    response = Dispatch(request, request_id, route);
  } catch (const std::exception& error) {
    LogError("a request failed", {{"request", request_id}, {"error", error.what()}});
    response = ProblemOf(absl::InternalError(""), request_id);
  }
  response.headers.emplace_back("X-Request-ID", request_id);
  const absl::Duration took = absl::Now() - start;
  // Methods are bounded: a route has one, and what has none counts as OTHER.
  const std::string method = route == "none" && !IsSafe(request.method) ? "OTHER" : request.method;
  metrics_
      .GetCounter("aislewatch_gateway_requests_total", "Requests by route and status",
                  {{"method", method}, {"route", route}, {"code", absl::StrCat(response.status)}})
      .Add();
  metrics_
      .GetHistogram("aislewatch_gateway_request_seconds",
                    "Request to answer, or to the beginning of a stream", LatencyBuckets(),
                    {{"route", route}})
      .Observe(absl::ToDoubleSeconds(took));
  LogDebug("request", {{"request", request_id},
                       {"method", request.method},
                       {"path", request.path},
                       {"status", absl::StrCat(response.status)},
                       {"seconds", absl::StrCat(absl::ToDoubleSeconds(took))},
                       {"peer", request.peer}});
  return response;
}

HttpResponse Gateway::Dispatch(const HttpRequest& request, const std::string& request_id,
                               std::string& route_name) {
  if (options_.allow_anonymous && !IsLoopbackHost(request.Header("Host"))) {
    // A page elsewhere may have given its own name this machine's address.
    return Problem(421,
                   "this gateway serves its own machine alone; call it localhost or 127.0.0.1");
  }
  if (const auto wait = by_address_.Take(request.peer); wait > absl::ZeroDuration()) {
    return TooMany(wait);
  }
  PathParams params;
  std::string allowed;
  if (const Route* route = table_.Find(request.method, request.path, params, allowed)) {
    route_name = route->path.text();
    return Api(*route, std::move(params), request, request_id);
  }
  if (!allowed.empty()) {
    HttpResponse response =
        Problem(405, absl::StrCat(request.method, " is not offered here, but ", allowed, " is"));
    response.headers.emplace_back("Allow", allowed);
    return response;
  }
  if (absl::StartsWith(request.path, "/api/") || request.path == "/api") {
    return Problem(404, "there is no such address; see /api/v1/openapi.json for those there are");
  }
  route_name = "static";
  return Static(request);
}

std::optional<HttpResponse> Gateway::Refusal(const Route& route, const HttpRequest& request,
                                             const Credential& credential) {
  if (route.guard == Guard::kOpen) return std::nullopt;
  const bool browser_sends_it = credential.from_cookie || credential.secret.empty();
  if (!IsSafe(request.method) && browser_sends_it && IsCrossSite(request)) {
    return Problem(403, "a page of another site may not do this");
  }
  if (route.guard == Guard::kLogin) return std::nullopt;
  if (credential.secret.empty() && !options_.allow_anonymous) return Unauthorized();
  if (!IsSafe(request.method) && credential.from_cookie &&
      !SameSecret(request.Header(kCsrfHeader), CsrfToken(credential.secret))) {
    return Problem(403, absl::StrCat("the header ", kCsrfHeader,
                                     " is missing or wrong; GET /api/v1/session tells its value"));
  }
  // The address has its own limit; several people may share it.
  const std::string& caller = credential.secret.empty() ? request.peer : credential.secret;
  if (const auto wait = by_caller_.Take(caller); wait > absl::ZeroDuration()) return TooMany(wait);
  return std::nullopt;
}

HttpResponse Gateway::Api(const Route& route, PathParams params, const HttpRequest& request,
                          const std::string& request_id) {
  Credential credential = CredentialOf(request);
  if (auto refusal = Refusal(route, request, credential)) return *std::move(refusal);
  if (route.guard != Guard::kOpen && options_.before_calls) options_.before_calls();
  return route.handle(Call{request, std::move(params), std::move(credential), request_id});
}

HttpResponse Gateway::Static(const HttpRequest& request) const {
  if (!IsSafe(request.method)) {
    HttpResponse response = Problem(405, "pages can only be read");
    response.headers.emplace_back("Allow", "GET, HEAD");
    return response;
  }
  HttpResponse response;
  if (site_ == nullptr) {
    if (request.path != "/") return Problem(404, "there is no such page");
    response.content_type = "text/html; charset=utf-8";
    response.headers.emplace_back("Cache-Control", "no-store");
    response.body = kNoConsole;
    return response;
  }
  const auto path = PercentDecode(request.path, false);
  const SiteFile* file = path ? site_->Find(*path) : nullptr;
  if (file == nullptr) return Problem(404, "there is no such page");
  response.headers = {
      {"ETag", file->etag},
      {"Cache-Control", file->immutable ? "public, max-age=31536000, immutable" : "no-cache"}};
  if (NamesEtag(request.Header("If-None-Match"), file->etag)) {
    response.status = 304;
    return response;
  }
  response.content_type = file->content_type;
  response.body = file->bytes;
  return response;
}

}  // namespace aislewatch::gateway
