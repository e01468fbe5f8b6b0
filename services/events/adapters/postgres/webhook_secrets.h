// Inside of the webhook store: how secrets become columns and back. Pure functions; thread-safe.
#pragma once

#include <string>

#include "services/events/adapters/postgres/stored_secret.h"

namespace aislewatch::events {

/// How a secret is stored; in clear without `secrets`, which may be null.
absl::StatusOr<StoredSecret> SealWebhookSecret(const std::string& webhook_id,
                                               const std::string& secret, const SecretBox* secrets);
/// FAILED_PRECONDITION or DATA_LOSS where it cannot be opened.
absl::StatusOr<std::string> OpenWebhookSecret(const std::string& webhook_id,
                                              const StoredSecret& stored, const SecretBox* secrets);

struct WebhookSecret {
  std::string value;
  std::string fault;  // Why it cannot be read, with the remedy; then value is empty.
};
WebhookSecret ReadWebhookSecret(const std::string& webhook_id, const StoredSecret& stored,
                                const SecretBox* secrets);

}  // namespace aislewatch::events
