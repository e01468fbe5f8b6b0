// The routes of /api/v1, by subject. Each function adds its routes to the table.
#pragma once

#include <string>
#include <vector>

#include "aislewatch/v1/ingest.grpc.pb.h"
#include "common/base/metrics.h"
#include "services/gateway/adapters/backends.h"
#include "services/gateway/adapters/ingest_replicas.h"
#include "services/gateway/adapters/metrics_scraper.h"
#include "services/gateway/core/live_hub.h"
#include "services/gateway/core/rate_limiter.h"
#include "services/gateway/core/stream_pace.h"
#include "services/gateway/core/stream_slots.h"
#include "services/gateway/http/route.h"

namespace aislewatch::gateway {

/// Where every route of the API begins.
inline constexpr char kApi[] = "/api/v1";

/// What the routes work with; outlives them.
struct ApiContext {
  EventStorage& storage;
  StreamSlots& slots;
  StreamPace pace;
  Metrics& metrics;
  /// Whether cookies are for HTTPS alone.
  bool secure_cookies = true;
  /// Whether requests without a credential act for the cluster itself.
  bool allow_anonymous = false;
  /// Logins, by client address and by name.
  RateLimiter& logins_by_address;
  RateLimiter& logins_by_name;
  /// Ingest; without it there is no live view and no probe.
  bool has_ingest = false;
  v1::FrameIngestService::Stub& ingest;
  LiveHub* live = nullptr;
  IngestReplicas& replicas;
  /// For the page "System".
  MetricsScraper& scraper;
  std::string grafana_url;
};

/// Every route below and openapi.json, in an order in which none hides another.
void AddApi(const ApiContext& api, RouteTable& table);

void AddHealthRoutes(const ApiContext& api, RouteTable& table);
/// Logging in and out, users, tokens and the audit log.
void AddSessionRoutes(const ApiContext& api, RouteTable& table);
void AddAccessRoutes(const ApiContext& api, RouteTable& table);
/// Incidents: list, get, review, hold, evidence, export, and the stream of changes.
void AddIncidentRoutes(const ApiContext& api, RouteTable& table);
void AddIncidentStreamRoute(const ApiContext& api, RouteTable& table);
void AddEvidenceRoutes(const ApiContext& api, RouteTable& table);
void AddCameraRoutes(const ApiContext& api, RouteTable& table);
/// Live frames, pictures and their streams.
void AddLiveRoutes(const ApiContext& api, RouteTable& table);
/// What zones and rules would have raised.
void AddRuleRoutes(const ApiContext& api, RouteTable& table);
/// The services, and the probe of sources.
void AddSystemRoutes(const ApiContext& api, RouteTable& table);
/// Shoppers' attention, also as a table.
void AddAttentionRoutes(const ApiContext& api, RouteTable& table);
void AddWebhookRoutes(const ApiContext& api, RouteTable& table);

/// Who calls. Without a credential, where that is allowed, an admin called "anonymous".
absl::StatusOr<v1::Principal> CallerOf(const ApiContext& api, const Call& call);

/// Whether the caller may see the cameras: event storage knows. Blocks.
absl::Status MaySee(const ApiContext& api, const std::string& secret,
                    const std::vector<std::string>& camera_ids);

}  // namespace aislewatch::gateway
