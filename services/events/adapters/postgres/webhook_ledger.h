// Inside of the event store: enters what is recorded into the ledger of webhook deliveries, in the
// transaction that records it.
#pragma once

#include <string>

#include "services/events/adapters/postgres/connection.h"

namespace aislewatch::events {

/// For each enabled webhook whose filter fits; `fresh` from TransitionsToJson, recorded already.
void EnterTransitions(Transaction& transaction, const std::string& fresh);
/// Likewise, by the incident as it is now.
void EnterReview(Transaction& transaction, const std::string& review_id,
                 const std::string& incident_id, absl::Time opened_time);

}  // namespace aislewatch::events
