#include "services/gateway/app.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "common/base/log.h"
#include "common/base/status.h"
#include "common/rpc/channel.h"
#include "services/gateway/adapters/backends.h"
#include "services/gateway/adapters/grpc_live_source.h"
#include "services/gateway/adapters/ingest_replicas.h"
#include "services/gateway/adapters/metrics_scraper.h"
#include "services/gateway/adapters/site.h"
#include "services/gateway/http/api.h"
#include "services/gateway/http/gateway.h"
#include "services/gateway/http/http_server.h"
#include "services/gateway/http/openapi.h"

namespace aislewatch::gateway {
namespace {

RateLimiter::Options LoginLimit(double per_minute) {
  return {std::max(1.0, per_minute), per_minute / 60};
}

std::vector<ScrapeTarget> ScrapeTargets(const std::vector<std::string>& services) {
  std::vector<ScrapeTarget> targets;
  for (const std::string& service : services) targets.push_back(ParseScrapeTarget(service));
  return targets;
}

}  // namespace

// In the order in which they depend on each other; destroyed the other way round.
struct GatewayApp::Parts {
  Parts(const Config& config, const std::shared_ptr<grpc::Channel>& events,
        const std::shared_ptr<grpc::Channel>& ingest_channel, Metrics& metrics)
      : storage(events),
        ingest(v1::FrameIngestService::NewStub(ingest_channel)),
        replicas(config.ingest, config.dial),
        live_source(replicas),
        live(live_source, timers),
        scraper(ScrapeTargets(config.services)),
        slots(config.max_streams),
        logins_by_address(LoginLimit(config.logins_per_minute)),
        logins_by_name(LoginLimit(config.logins_per_minute)) {
    const ApiContext api = {storage,
                            slots,
                            config.pace,
                            metrics,
                            !config.insecure_cookies,
                            config.allow_anonymous,
                            logins_by_address,
                            logins_by_name,
                            !config.ingest.empty(),
                            *ingest,
                            config.ingest.empty() ? nullptr : &live,
                            replicas,
                            scraper,
                            config.grafana_url};
    AddApi(api, table);
  }

  EventStorage storage;
  const std::unique_ptr<v1::FrameIngestService::Stub> ingest;
  IngestReplicas replicas;
  GrpcLiveSource live_source;
  TimerQueue timers;
  LiveHub live;
  MetricsScraper scraper;
  StreamSlots slots;
  RateLimiter logins_by_address;
  RateLimiter logins_by_name;
  RouteTable table;
  std::unique_ptr<Site> site;
  std::unique_ptr<Gateway> gateway;
  std::unique_ptr<HttpServer> http;
};

GatewayApp::GatewayApp() = default;
GatewayApp::~GatewayApp() = default;

void GatewayApp::AddFlags(CLI::App& app, ServerOptions& server) {
  server.listen = "0.0.0.0:50056";
  server.metrics_listen = "0.0.0.0:9096";
  server.worker_threads = 1;
  gateway::AddFlags(app, config_);
}

absl::StatusOr<bool> GatewayApp::Prepare() {
  AW_RETURN_IF_ERROR(Validate(config_));
  return true;
}

absl::Status GatewayApp::Init(ServerHost& host) {
  AW_ASSIGN_OR_RETURN(const auto events, MakeChannel(config_.events, config_.dial));
  std::shared_ptr<grpc::Channel> ingest = events;  // Never asked where --ingest is missing.
  if (!config_.ingest.empty()) {
    AW_ASSIGN_OR_RETURN(ingest, MakeChannel(config_.ingest.front(), config_.dial));
  }
  parts_ = std::make_unique<Parts>(config_, events, ingest, host.metrics());
  host.metrics()
      .GetGauge("aislewatch_gateway_max_streams", "Streams that may be open at once")
      .Set(config_.max_streams);
  AW_ASSIGN_OR_RETURN(const TrustedProxies proxies, TrustedProxies::Parse(config_.trusted_proxies));
  if (!config_.console.empty()) {
    AW_ASSIGN_OR_RETURN(parts_->site, Site::Load(config_.console));
  }
  parts_->gateway = std::make_unique<Gateway>(
      parts_->table, parts_->site.get(),
      GatewayOptions{config_.allow_anonymous, config_.requests_per_second, proxies,
                     [storage = &parts_->storage] { AwaitConnection(*storage); }},
      host.metrics());
  HttpServerOptions http;
  http.listen = config_.http_listen;
  http.certificate = config_.http_certificate;
  http.key = config_.http_key;
  http.threads = config_.http_threads;
  http.headers = SecurityHeaders();
  AW_ASSIGN_OR_RETURN(parts_->http,
                      HttpServer::Create(
                          std::move(http),
                          [gateway = parts_->gateway.get()](const HttpRequest& request) {
                            return gateway->Handle(request);
                          },
                          host.metrics()));
  host.AddPort("http", parts_->http->port());
  return absl::OkStatus();
}

void GatewayApp::Started(ServerHost& host) {
  parts_->http->Start();
  host.SetReady(true);
  LogInfo("serving HTTP", {{"http_port", absl::StrCat(parts_->http->port())},
                           {"tls", config_.http_certificate.empty() ? "no" : "yes"},
                           {"console", config_.console.empty() ? "none" : config_.console}});
  if (config_.allow_anonymous) LogWarning("requests without a credential may do everything");
}

int GatewayApp::http_port() const { return parts_->http->port(); }

void GatewayApp::Drain(absl::Time deadline) { parts_->http->Stop(deadline); }

void GatewayApp::Stop() { parts_.reset(); }

}  // namespace aislewatch::gateway
