// The table of routes: what is served, and what openapi.json says of it. One entry makes both.
#pragma once

#include <google/protobuf/descriptor.h>

#include <functional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "services/gateway/adapters/json.h"
#include "services/gateway/core/credential.h"
#include "services/gateway/core/http_message.h"
#include "services/gateway/core/path_template.h"

namespace aislewatch::gateway {

/// A request on its way to a handler. Values; `request` lives as long as the handler runs.
struct Call {
  const HttpRequest& request;
  PathParams params;
  Credential credential;
  /// Leads from an answer to the log.
  std::string request_id;
};

using RouteHandler = std::function<HttpResponse(const Call&)>;

enum class Guard {
  /// Anybody.
  kOpen,
  /// Anybody, but not from a page of another site: logging in.
  kLogin,
  /// Who shows a credential, and with a cookie the CSRF token for changes.
  kCaller,
};

/// A query parameter that is no field of a message.
struct ExtraParameter {
  std::string name;
  /// OpenAPI schema as JSON, for example {"type":"boolean"}.
  std::string schema;
  std::string description;
};

/// What openapi.json says of a route beyond its method and path.
struct RouteDoc {
  std::string summary;
  std::string tag;
  std::vector<QueryField> query;
  std::vector<ExtraParameter> extra;
  /// Null where there is no body.
  const google::protobuf::Descriptor* body = nullptr;
  /// Null where `media_type` says it all; with media_type "" there is no answer body.
  const google::protobuf::Descriptor* answer = nullptr;
  std::string media_type = "application/json";
  int success = 200;
  /// The answer's schema as JSON where there is no message for it.
  std::string answer_schema;
  /// Messages that the schema refers to.
  std::vector<const google::protobuf::Descriptor*> mentioned;
};

struct Route {
  std::string method;
  PathTemplate path;
  Guard guard = Guard::kCaller;
  RouteDoc doc;
  RouteHandler handle;
};

/// Filled while the gateway is made, then constant.
class RouteTable {
 public:
  void Add(Route route) { routes_.push_back(std::move(route)); }
  const std::vector<Route>& routes() const { return routes_; }

  /// The first route that fits, and its parameters. Null with the methods in `allowed` where the
  /// path is known for others, null and "" where it is not known. HEAD finds GET.
  const Route* Find(absl::string_view method, absl::string_view path, PathParams& params,
                    std::string& allowed) const;

 private:
  std::vector<Route> routes_;
};

/// The error of a call as a response; what is nobody's fault outside is logged with its request id.
HttpResponse Failure(const Call& call, const absl::Status& status);

/// A message as the answer's JSON.
HttpResponse JsonAnswer(const Call& call, int status, const google::protobuf::Message& message);

/// 204.
HttpResponse NoContent();

}  // namespace aislewatch::gateway
