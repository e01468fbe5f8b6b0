#include "services/events/adapters/postgres/webhook_ledger.h"

#include <string>

#include "absl/strings/str_cat.h"

namespace aislewatch::events {
namespace {

// Whether webhook w is to be told of what t is.
constexpr char kFits[] =
    " w.enabled AND (w.store_ids IS NULL OR t.store_id = ANY (w.store_ids))"
    " AND (w.camera_ids IS NULL OR t.camera_id = ANY (w.camera_ids))"
    " AND (w.kinds IS NULL OR t.kind = ANY (w.kinds))"
    " AND (w.min_severity IS NULL OR t.severity >= w.min_severity)";

}  // namespace

void EnterTransitions(Transaction& transaction, const std::string& fresh) {
  // KEY SHARE: a webhook that is removed at this moment is left out instead of failing the
  // recording by its foreign key.
  static const Statement insert{
      "ledger_transitions",
      absl::StrCat("INSERT INTO webhook_deliveries (webhook_id, incident_id, opened_time,"
                   "   transition_number, transition_kind, review_state)"
                   " SELECT w.webhook_id, t.incident_id, t.opened_time, t.number,"
                   "   t.transition_kind, i.review_state"
                   " FROM webhooks w CROSS JOIN jsonb_to_recordset($1::jsonb) AS t(ordinal int,"
                   "   incident_id uuid, opened_time timestamptz, number int, store_id text,"
                   "   camera_id text, kind smallint, severity smallint, transition_kind smallint)"
                   " JOIN incidents i ON i.incident_id = t.incident_id"
                   "   AND i.opened_time = t.opened_time"
                   " WHERE",
                   kFits, " ORDER BY t.ordinal FOR KEY SHARE OF w ON CONFLICT DO NOTHING")};
  transaction.Run(insert, Params().Text(fresh));
}

void EnterReview(Transaction& transaction, const std::string& review_id,
                 const std::string& incident_id, absl::Time opened_time) {
  static const Statement insert{
      "ledger_review",
      absl::StrCat("INSERT INTO webhook_deliveries (webhook_id, incident_id, opened_time,"
                   "   review_id, review_state)"
                   " SELECT w.webhook_id, t.incident_id, t.opened_time, $1, t.review_state"
                   " FROM webhooks w CROSS JOIN incidents t"
                   " WHERE t.incident_id = $2 AND t.opened_time = $3 AND",
                   kFits, " FOR KEY SHARE OF w ON CONFLICT DO NOTHING")};
  transaction.Run(insert, Params().Text(review_id).Text(incident_id).Time(opened_time));
}

}  // namespace aislewatch::events
