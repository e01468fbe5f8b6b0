// What stands between the HTTP listener and the routes: who may go on, limits, headers, metrics,
// and the console's files.
//
// Thread-safe; Handle blocks as long as its route does.
#pragma once

#include <functional>
#include <optional>
#include <string>

#include "common/base/clock.h"
#include "common/base/metrics.h"
#include "services/gateway/adapters/site.h"
#include "services/gateway/core/client_address.h"
#include "services/gateway/core/rate_limiter.h"
#include "services/gateway/http/route.h"

namespace aislewatch::gateway {

struct GatewayOptions {
  /// Requests without a credential act for the cluster itself; for a loopback listener alone.
  bool allow_anonymous = false;
  /// Requests per second of one caller; of one address ten times that.
  double requests_per_second = 50;
  TrustedProxies proxies;
  /// Called before a route that needs the services; may block for a moment. May be empty.
  std::function<void()> before_calls;
};

/// Headers of every answer: what a browser may do with it.
Fields SecurityHeaders();

class Gateway {
 public:
  /// `site` may be null. All outlive the gateway.
  Gateway(const RouteTable& table, const Site* site, GatewayOptions options, Metrics& metrics,
          Clock& clock = RealClock());

  HttpResponse Handle(HttpRequest request);

 private:
  HttpResponse Dispatch(const HttpRequest& request, const std::string& request_id,
                        std::string& route_name);
  HttpResponse Api(const Route& route, PathParams params, const HttpRequest& request,
                   const std::string& request_id);
  /// Nothing where the caller may go on.
  std::optional<HttpResponse> Refusal(const Route& route, const HttpRequest& request,
                                      const Credential& credential);
  HttpResponse Static(const HttpRequest& request) const;

  const RouteTable& table_;
  const Site* const site_;
  const GatewayOptions options_;
  Metrics& metrics_;
  RateLimiter by_caller_;
  RateLimiter by_address_;
};

}  // namespace aislewatch::gateway
