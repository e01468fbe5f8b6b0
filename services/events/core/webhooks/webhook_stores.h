// What webhooks need of a database and of the network, one interface for each role.
//
// Implementations are thread-safe and block. The store's methods may return UNAVAILABLE while the
// database is away; the same call may be made again. Time is the database's.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "services/events/core/webhooks/webhook.h"

namespace aislewatch::events {

/// Where a delivery stands in lists: newest first, then by id, descending.
struct DeliveryPosition {
  absl::Time create_time;
  std::string delivery_id;
};

/// Webhooks and the ledger of deliveries. An EventStore enters a delivery for each enabled webhook
/// whose filter fits, in the transaction that records the transition or review.
class WebhookStore {
 public:
  virtual ~WebhookStore() = default;

  /// Idempotent by webhook_id. RESOURCE_EXHAUSTED where there are `most` already.
  virtual absl::StatusOr<Webhook> Create(const WebhookWithSecret& webhook, size_t most) = 0;
  /// Name, URL, filter and enabled. NOT_FOUND.
  virtual absl::StatusOr<Webhook> Update(const Webhook& webhook) = 0;
  /// With its deliveries. NOT_FOUND.
  virtual absl::Status Delete(const std::string& webhook_id) = 0;
  /// By name.
  virtual absl::StatusOr<std::vector<Webhook>> List() = 0;
  /// NOT_FOUND. A secret that cannot be read is told as its fault.
  virtual absl::StatusOr<WebhookWithSecret> Get(const std::string& webhook_id) = 0;
  /// Newest first, those after `after` only, at most `limit`. kUnspecified means every state.
  /// NOT_FOUND where there is no such webhook.
  virtual absl::StatusOr<std::vector<Delivery>> ListDeliveries(
      const std::string& webhook_id, DeliveryState state,
      const std::optional<DeliveryPosition>& after, size_t limit) = 0;
  /// Makes a dead delivery wait again, due now, as if it were new. One that waits already becomes
  /// due. NOT_FOUND; FAILED_PRECONDITION where it was delivered.
  virtual absl::Status Retry(const std::string& delivery_id) = 0;

  /// Deliveries that are due, at most one of each webhook and none of those in `busy`; at most
  /// `most`, and at most `most_failing` of webhooks whose last try failed. They are this caller's
  /// for `lease`; whoever has not called Finish by then has lost them to anybody who asks.
  struct ClaimRequest {
    std::vector<std::string> busy;
    int most = 0;
    int most_failing = 0;
    absl::Duration lease;
  };
  virtual absl::StatusOr<std::vector<DueDelivery>> Claim(const ClaimRequest& request) = 0;
  /// Writes down how a try ended. OK, too, where the delivery is gone or was claimed by another
  /// since; then only a success counts.
  virtual absl::Status Finish(const DueDelivery& delivery, const DeliveryOutcome& outcome) = 0;
};

struct HttpRequest {
  std::string url;
  std::vector<std::string> headers;  // "Name: value".
  std::string body;
};

struct HttpAnswer {
  int status = 0;     // 0 where there was none.
  std::string error;  // Why there was none, for people.
};

/// Sends requests.
class WebhookTransport {
 public:
  virtual ~WebhookTransport() = default;
  /// Blocks until the answer's status is known or time is up. Follows no redirect.
  virtual HttpAnswer Post(const HttpRequest& request) = 0;
  /// Ends what is under way, and everything after it, with an error.
  virtual void Cancel() = 0;
};

}  // namespace aislewatch::events
