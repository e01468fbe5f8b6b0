// Webhooks and what is on its way to them. Plain values; enumerations carry the numbers of
// aislewatch.v1.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "absl/time/time.h"
#include "services/events/core/incident.h"

namespace aislewatch::events {

/// A receiver of incidents over HTTP.
struct Webhook {
  std::string webhook_id;  // UUID
  std::string name;
  std::string url;
  /// Stores, cameras, kinds and least severity; the rest is not looked at.
  IncidentFilter filter;
  bool enabled = true;
  absl::Time create_time;
  uint32_t waiting = 0;    // Deliveries that wait for a try.
  uint32_t dead = 0;       // Deliveries that were given up.
  std::string last_error;  // Why the last try failed; empty where it did not.
};

/// A webhook with the key of its signatures, which no answer but that of its creation has.
struct WebhookWithSecret {
  Webhook webhook;
  std::string secret;
  std::string secret_fault;  // Why the secret cannot be read, with the remedy; then it is empty.
};

enum class DeliveryState : int { kUnspecified = 0, kWaiting = 1, kDelivered = 2, kDead = 3 };
inline constexpr int kLastDeliveryState = 3;

/// One event on its way to one webhook.
struct Delivery {
  std::string delivery_id;  // UUID; also the event's id.
  std::string webhook_id;
  std::string incident_id;
  /// Of a transition; kUnspecified for a review.
  TransitionKind transition_kind = TransitionKind::kUnspecified;
  DeliveryState state = DeliveryState::kUnspecified;
  uint32_t attempts = 0;
  int last_status = 0;  // HTTP; 0 where there was no answer.
  std::string last_error;
  absl::Time create_time;
  std::optional<absl::Time> next_attempt_time;  // Unset unless waiting.
};

/// What an event tells; exactly one of transition and review is set.
struct Occurrence {
  std::string incident_id;
  std::string store_id;
  std::string camera_id;
  std::optional<Transition> transition;
  std::optional<Review> review;
};

/// A delivery that this replica shall try now.
struct DueDelivery {
  std::string delivery_id;
  std::string webhook_id;
  std::string url;
  std::string secret;
  std::string secret_fault;  // As in WebhookWithSecret.
  uint32_t attempts = 0;     // With the one to come.
  absl::Duration age;        // Since the event was taken up, or put back by hand.
  bool failing = false;      // The webhook's last try failed.
  Occurrence occurrence;
};

/// How a try ended.
struct DeliveryOutcome {
  DeliveryState state = DeliveryState::kUnspecified;
  absl::Duration retry_in;  // Where it waits again.
  int status = 0;           // HTTP; 0 where there was no answer.
  std::string error;        // Empty where it was delivered.
};

}  // namespace aislewatch::events
