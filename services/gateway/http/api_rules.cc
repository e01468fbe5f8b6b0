// What zones and rules would have raised on what a camera saw of late.
#include <memory>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/synchronization/notification.h"
#include "services/gateway/core/problem.h"
#include "services/gateway/http/api.h"
#include "services/gateway/http/unary_route.h"

namespace aislewatch::gateway {
namespace {

// A little more than ingest takes.
constexpr absl::Duration kPreviewTimeout = absl::Seconds(65);
// How often it is looked whether the client still waits.
constexpr absl::Duration kPreviewLook = absl::Milliseconds(100);

// Who may change a camera's rules may try some.
absl::Status MayTryRules(const ApiContext& api, const Call& call) {
  AW_ASSIGN_OR_RETURN(const v1::Principal caller, CallerOf(api, call));
  if (caller.role() != v1::ROLE_ADMIN) {
    return absl::PermissionDeniedError("only an admin may try rules");
  }
  AW_RETURN_IF_ERROR(MaySee(api, call.credential.secret, {call.params.at("id")}));
  if (api.has_ingest) return absl::OkStatus();
  return absl::UnimplementedError("the gateway was started without --ingest");
}

// Asks a replica; CANCELLED as soon as the client has gone, so that a page that was closed does not
// keep the camera's one preview.
absl::Status Ask(IngestReplica& replica, const Call& call, const v1::PreviewRulesRequest& request,
                 v1::PreviewRulesResponse& response) {
  grpc::ClientContext context;
  Prepare(context, "", kPreviewTimeout);
  absl::Notification done;
  grpc::Status status;
  replica.stub->async()->PreviewRules(&context, &request, &response, [&](grpc::Status given) {
    status = std::move(given);
    done.Notify();
  });
  while (!done.WaitForNotificationWithTimeout(kPreviewLook)) {
    if (call.request.awaited && !call.request.awaited()) context.TryCancel();
  }
  return FromGrpc(status);
}

// Asks one replica after the other: which of them runs the camera, only it knows. NOT_FOUND where
// none does, UNAVAILABLE where one that may is away.
absl::StatusOr<v1::PreviewRulesResponse> AskReplicas(const ApiContext& api, const Call& call,
                                                     const v1::PreviewRulesRequest& request) {
  absl::Status why = absl::NotFoundError("the camera is not running");
  for (const std::shared_ptr<IngestReplica>& replica : api.replicas.List()) {
    v1::PreviewRulesResponse response;
    const absl::Status status = Ask(*replica, call, request, response);
    if (status.ok()) return response;
    if (absl::IsNotFound(status)) continue;
    // Another one may run it still.
    why = status;
    if (!absl::IsUnavailable(status) && !absl::IsUnimplemented(status)) return why;
  }
  return why;
}

HttpResponse PreviewRules(const ApiContext& api, const UnarySpec& spec, const Call& call) {
  if (const absl::Status may = MayTryRules(api, call); !may.ok()) return Failure(call, may);
  v1::PreviewRulesRequest request;
  if (const absl::Status status = FillRequest(spec, {}, call, request); !status.ok()) {
    return Failure(call, status);
  }
  const auto response = AskReplicas(api, call, request);
  if (response.ok()) return JsonAnswer(call, 200, *response);
  if (!absl::IsNotFound(response.status())) return Failure(call, response.status());
  HttpResponse problem =
      Problem(503, "the camera is not running, so nobody can look back; enable it and try again");
  problem.headers.emplace_back("Retry-After", "2");
  return problem;
}

}  // namespace

void AddRuleRoutes(const ApiContext& api, RouteTable& table) {
  UnarySpec spec = {
      "POST",
      absl::StrCat(kApi, "/cameras/{id}/rules/preview"),
      "What zones and rules would have raised on what the camera saw on the last day; "
      "changes nothing; for admins",
      "cameras",
      {{"id", "camera_id"}},
      ""};
  RouteDoc doc;
  doc.summary = spec.summary;
  doc.tag = spec.tag;
  doc.body = v1::PreviewRulesRequest::descriptor();
  doc.answer = v1::PreviewRulesResponse::descriptor();
  const PathTemplate path(spec.path);
  table.Add(
      {"POST", path, Guard::kCaller, std::move(doc),
       [api, spec = std::move(spec)](const Call& call) { return PreviewRules(api, spec, call); }});
}

}  // namespace aislewatch::gateway
