// Logging in and out.
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "aislewatch/v1/access.pb.h"
#include "services/gateway/core/problem.h"
#include "services/gateway/http/api.h"
#include "services/gateway/http/unary_route.h"

namespace aislewatch::gateway {
namespace {

constexpr char kSessionSchema[] =
    R"({"type":"object","properties":{"principal":{"$ref":"#/components/schemas/Principal"},)"
    R"("csrfToken":{"type":"string","description":"Value for the header X-CSRF-Token; empty for a bearer token."}}})";

Counter& LoginsTotal(Metrics& metrics, const char* result) {
  return metrics.GetCounter("aislewatch_gateway_logins_total", "Logins by result",
                            {{"result", result}});
}

HttpResponse SessionAnswer(const Call& call, const v1::Principal& principal,
                           const std::string& csrf_token) {
  const auto json = ToJson(principal);
  if (!json.ok()) return Failure(call, json.status());
  HttpResponse response;
  response.content_type = "application/json";
  response.headers.emplace_back("Cache-Control", "no-store");
  response.body =
      absl::StrCat("{\"principal\":", *json, ",\"csrfToken\":", JsonString(csrf_token), "}");
  return response;
}

HttpResponse TooManyLogins(absl::Duration wait) {
  HttpResponse response =
      Problem(429, "too many logins were tried; wait a little before the next one");
  response.headers.emplace_back(
      "Retry-After", absl::StrCat(absl::ToInt64Seconds(absl::Ceil(wait, absl::Seconds(1)))));
  return response;
}

HttpResponse Login(const ApiContext& api, const Call& call) {
  if (call.request.body.empty()) return Problem(400, "send {\"name\": ..., \"password\": ...}");
  v1::LoginRequest request;
  if (const absl::Status status = FromJson(call.request.body, request); !status.ok()) {
    // Not the parser's words: they may quote the password.
    return Problem(400, "the body must be {\"name\": \"...\", \"password\": \"...\"} as JSON");
  }
  const absl::Duration wait =
      std::max(api.logins_by_address.Take(call.request.peer),
               api.logins_by_name.Take(absl::AsciiStrToLower(request.name().substr(0, 128))));
  if (wait > absl::ZeroDuration()) {
    LoginsTotal(api.metrics, "limited").Add();
    return TooManyLogins(wait);
  }
  grpc::ClientContext context;
  Prepare(context, "", absl::Seconds(10));
  v1::LoginResponse login;
  const absl::Status status = FromGrpc(api.storage.access->Login(&context, request, &login));
  if (absl::IsUnauthenticated(status)) {
    LoginsTotal(api.metrics, "refused").Add();
    return Problem(401, "the name or the password is wrong");
  }
  if (!status.ok()) {
    LoginsTotal(api.metrics, absl::IsResourceExhausted(status) ? "locked" : "failed").Add();
    return Failure(call, status);
  }
  LoginsTotal(api.metrics, "ok").Add();
  HttpResponse response = SessionAnswer(call, login.principal(), CsrfToken(login.session()));
  response.headers.emplace_back("Set-Cookie", SessionCookie(login.session(), api.secure_cookies));
  return response;
}

HttpResponse TellSession(const ApiContext& api, const Call& call) {
  const auto principal = CallerOf(api, call);
  if (!principal.ok()) return Failure(call, principal.status());
  return SessionAnswer(call, *principal,
                       call.credential.from_cookie ? CsrfToken(call.credential.secret) : "");
}

HttpResponse Logout(const ApiContext& api, const Call& call) {
  HttpResponse response = NoContent();
  response.headers.emplace_back("Set-Cookie", EndedSessionCookie(api.secure_cookies));
  if (call.credential.secret.empty()) return response;
  grpc::ClientContext context;
  Prepare(context, call.credential.secret, absl::Seconds(10));
  v1::LogoutResponse logout;
  const absl::Status status = FromGrpc(api.storage.access->Logout(&context, {}, &logout));
  // One that has ended already is as good.
  return status.ok() || absl::IsUnauthenticated(status) ? response : Failure(call, status);
}

}  // namespace

absl::StatusOr<v1::Principal> CallerOf(const ApiContext& api, const Call& call) {
  if (!call.credential.secret.empty() || !api.allow_anonymous) {
    return Authenticate(api.storage, call.credential.secret);
  }
  v1::Principal principal;
  principal.set_name("anonymous");
  principal.set_role(v1::ROLE_ADMIN);
  return principal;
}

void AddSessionRoutes(const ApiContext& api, RouteTable& table) {
  // Alerts ask for their rates, which a counter that begins with its first event would hide.
  for (const char* result : {"ok", "refused", "locked", "limited", "failed"}) {
    LoginsTotal(api.metrics, result).Add(0);
  }
  const std::string path = absl::StrCat(kApi, "/session");
  RouteDoc login;
  login.summary = "Log in; sets the session's cookie";
  login.tag = "session";
  login.body = v1::LoginRequest::descriptor();
  login.answer_schema = kSessionSchema;
  login.mentioned = {v1::Principal::descriptor()};
  table.Add({"POST", PathTemplate(path), Guard::kLogin, login,
             [api](const Call& call) { return Login(api, call); }});
  RouteDoc tell;
  tell.summary = "Who the caller is";
  tell.tag = "session";
  tell.answer_schema = kSessionSchema;
  tell.mentioned = {v1::Principal::descriptor()};
  table.Add({"GET", PathTemplate(path), Guard::kCaller, tell,
             [api](const Call& call) { return TellSession(api, call); }});
  RouteDoc logout;
  logout.summary = "Log out";
  logout.tag = "session";
  logout.success = 204;
  logout.media_type.clear();
  table.Add({"DELETE", PathTemplate(path), Guard::kCaller, logout,
             [api](const Call& call) { return Logout(api, call); }});
  UnarySpec password;
  password.method = "POST";
  password.path = path + "/password";
  password.summary = "Change the caller's own password";
  password.tag = "session";
  password.body = "";
  password.success = 204;
  table.Add(UnaryRoute(password, *api.storage.access, &v1::AccessService::Stub::ChangePassword));
}

void AddAccessRoutes(const ApiContext& api, RouteTable& table) {
  using Stub = v1::AccessService::Stub;
  Stub& stub = *api.storage.access;
  const std::string users = absl::StrCat(kApi, "/users");
  const std::string tokens = absl::StrCat(kApi, "/tokens");
  table.Add(UnaryRoute({"GET", users, "Users", "access"}, stub, &Stub::ListUsers));
  table.Add(UnaryRoute({"POST", users, "Add a user", "access", {}, "", {}, 201}, stub,
                       &Stub::CreateUser));
  table.Add(
      UnaryRoute({"PUT", users + "/{name}", "Change a user", "access", {{"name", "user.name"}}, ""},
                 stub, &Stub::UpdateUser));
  table.Add(UnaryRoute({"DELETE",
                        users + "/{name}",
                        "Remove a user",
                        "access",
                        {{"name", "name"}},
                        std::nullopt,
                        {},
                        204},
                       stub, &Stub::DeleteUser));
  table.Add(
      UnaryRoute({"GET",
                  absl::StrCat(kApi, "/audit"),
                  "Who did what, newest first, by page",
                  "access",
                  {},
                  std::nullopt,
                  {"principal", "target", "from_time", "until_time", "page_size", "page_token"}},
                 stub, &Stub::ListAuditEntries));
  table.Add(
      UnaryRoute({"GET", tokens, "Tokens of machines", "access"}, stub, &Stub::ListApiTokens));
  table.Add(UnaryRoute({"POST",
                        tokens,
                        "Make a token; its secret is in this answer alone",
                        "access",
                        {},
                        "",
                        {},
                        201},
                       stub, &Stub::CreateApiToken));
  table.Add(UnaryRoute({"DELETE",
                        tokens + "/{id}",
                        "Revoke a token",
                        "access",
                        {{"id", "token_id"}},
                        std::nullopt,
                        {},
                        204},
                       stub, &Stub::RevokeApiToken));
}

}  // namespace aislewatch::gateway
