// Routes that are one call of a service: JSON in, the call, JSON out.
#pragma once

#include <grpcpp/client_context.h>

#include <functional>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "common/base/status.h"
#include "common/rpc/convert.h"
#include "services/gateway/adapters/backends.h"
#include "services/gateway/core/problem.h"
#include "services/gateway/http/route.h"

namespace aislewatch::gateway {

/// How a request becomes a message.
struct UnarySpec {
  std::string method;
  std::string path;
  std::string summary;
  std::string tag;
  /// Name in the path and the string field that it fills, for example {"id", "camera.camera_id"}.
  std::vector<std::pair<std::string, std::string>> params;
  /// The message field that the body is; "" for the whole request; unset where there is no body.
  std::optional<std::string> body;
  /// Fields that the query may set; a message stands for its fields.
  std::vector<std::string> query;
  /// 204 drops the answer.
  int success = 200;
  absl::Duration timeout = absl::Seconds(10);
  /// Whether the service gets the caller's credential: all of event storage's do.
  bool forwards_credential = true;
  /// Last changes to the request, or what is wrong with it.
  std::function<absl::Status(const Call&, google::protobuf::Message&)> amend;
};

/// Fills `message` from body, path and query.
absl::Status FillRequest(const UnarySpec& spec, const std::vector<QueryField>& query,
                         const Call& call, google::protobuf::Message& message);

/// `stub` outlives the route.
template <class Stub, class Request, class Response>
Route UnaryRoute(UnarySpec spec, Stub& stub,
                 grpc::Status (Stub::*method)(grpc::ClientContext*, const Request&, Response*)) {
  RouteDoc doc;
  doc.summary = spec.summary;
  doc.tag = spec.tag;
  doc.query = QueryFieldsOf(Request::descriptor(), spec.query);
  if (spec.body) {
    Request request;
    doc.body = MutableField(request, *spec.body)->GetDescriptor();
  }
  doc.success = spec.success;
  if (spec.success == 204) {
    doc.media_type.clear();
  } else {
    doc.answer = Response::descriptor();
  }
  const std::vector<QueryField> query = doc.query;
  const std::string http_method = spec.method;
  const PathTemplate path(spec.path);
  RouteHandler handle = [spec = std::move(spec), query, &stub, method](const Call& call) {
    Request request;
    if (const absl::Status status = FillRequest(spec, query, call, request); !status.ok()) {
      return Failure(call, status);
    }
    grpc::ClientContext context;
    Prepare(context, spec.forwards_credential ? call.credential.secret : "", spec.timeout);
    Response response;
    const absl::Status status = FromGrpc((stub.*method)(&context, request, &response));
    if (!status.ok()) return Failure(call, status);
    return spec.success == 204 ? NoContent() : JsonAnswer(call, spec.success, response);
  };
  return Route{http_method, path, Guard::kCaller, std::move(doc), std::move(handle)};
}

}  // namespace aislewatch::gateway
