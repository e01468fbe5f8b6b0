// Webhooks and their ledger in PostgreSQL. Thread-safe; blocks; see
// core/webhooks/webhook_stores.h for the contract.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "services/events/adapters/postgres/pool.h"
#include "services/events/adapters/postgres/stored_secret.h"
#include "services/events/core/webhooks/webhook_stores.h"

namespace aislewatch::events {

class PostgresWebhookStore : public WebhookStore {
 public:
  /// `pool` and `secrets` must outlive the store. `secrets` may be null: then secrets are stored as
  /// they are, and those that are encrypted cannot be read.
  explicit PostgresWebhookStore(Pool& pool, const SecretBox* secrets = nullptr)
      : pool_(pool), secrets_(secrets) {}

  absl::StatusOr<Webhook> Create(const WebhookWithSecret& webhook, size_t most) override;
  absl::StatusOr<Webhook> Update(const Webhook& webhook) override;
  absl::Status Delete(const std::string& webhook_id) override;
  absl::StatusOr<std::vector<Webhook>> List() override;
  absl::StatusOr<WebhookWithSecret> Get(const std::string& webhook_id) override;
  absl::StatusOr<std::vector<Delivery>> ListDeliveries(const std::string& webhook_id,
                                                       DeliveryState state,
                                                       const std::optional<DeliveryPosition>& after,
                                                       size_t limit) override;
  absl::Status Retry(const std::string& delivery_id) override;
  absl::StatusOr<std::vector<DueDelivery>> Claim(const ClaimRequest& request) override;
  absl::Status Finish(const DueDelivery& delivery, const DeliveryOutcome& outcome) override;

  /// Encrypts the secrets of all webhooks that are in clear or encrypted with another than the
  /// first key; logs those that cannot be read. May run at several replicas at once.
  absl::StatusOr<SealCounts> SealSecrets();

 private:
  Pool& pool_;
  const SecretBox* const secrets_;
};

}  // namespace aislewatch::events
