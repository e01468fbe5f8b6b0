// Adding, changing and testing webhooks, and their deliveries: what WebhookService does, without
// the network.
//
// Thread-safe; every method blocks on the store, Test on the receiver. Errors are those of
// WebhookStore, and INVALID_ARGUMENT for what the caller got wrong.
#pragma once

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "common/base/clock.h"
#include "services/events/core/webhooks/webhook.h"
#include "services/events/core/webhooks/webhook_stores.h"
#include "services/events/core/webhooks/webhook_target.h"

namespace aislewatch::events {

struct DeliveryPage {
  std::vector<Delivery> deliveries;
  std::string next_page_token;  // Empty on the last page.
};

class WebhookBook {
 public:
  static constexpr size_t kMaxWebhooks = 100;
  static constexpr uint32_t kDefaultPageSize = 50;
  static constexpr uint32_t kMaxPageSize = 500;

  /// What is passed must outlive the book.
  WebhookBook(WebhookStore& store, WebhookTransport& transport, WebhookTargets targets,
              Clock& clock = RealClock())
      : store_(store), transport_(transport), targets_(targets), clock_(clock) {}

  /// Gives it an id and a secret. RESOURCE_EXHAUSTED beyond kMaxWebhooks.
  absl::StatusOr<WebhookWithSecret> Create(Webhook webhook);
  absl::StatusOr<Webhook> Update(const Webhook& webhook);
  absl::Status Delete(const std::string& webhook_id);
  absl::StatusOr<std::vector<Webhook>> List() { return store_.List(); }
  /// Sends a test event now, whether or not the webhook is enabled; status 0 where nobody answered.
  absl::StatusOr<DeliveryOutcome> Test(const std::string& webhook_id);
  absl::StatusOr<DeliveryPage> ListDeliveries(const std::string& webhook_id, DeliveryState state,
                                              uint32_t page_size, const std::string& page_token);
  absl::Status Retry(const std::string& delivery_id);

 private:
  absl::Status Check(const Webhook& webhook) const;

  WebhookStore& store_;
  WebhookTransport& transport_;
  const WebhookTargets targets_;
  Clock& clock_;
};

}  // namespace aislewatch::events
