#include "services/events/core/incident_log.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "common/base/ids.h"
#include "common/base/status.h"
#include "services/events/core/incident_validation.h"
#include "services/events/core/page_token.h"

namespace aislewatch::events {

absl::StatusOr<RecordResult> IncidentLog::Record(const std::vector<Transition>& transitions) {
  AW_RETURN_IF_ERROR(CheckTransitions(transitions));
  return store_.Record(transitions);
}

absl::StatusOr<IncidentHistory> IncidentLog::Get(const std::string& incident_id) {
  AW_RETURN_IF_ERROR(CheckUuid(incident_id, "incident_id"));
  return store_.Get(incident_id);
}

absl::StatusOr<IncidentPage> IncidentLog::List(const IncidentFilter& filter, uint32_t page_size,
                                               const std::string& page_token) {
  AW_RETURN_IF_ERROR(CheckFilter(filter));
  if (page_size == 0) page_size = kDefaultPageSize;
  if (page_size > kMaxPageSize) {
    return absl::InvalidArgumentError(
        absl::StrCat("page_size ", page_size, " is too large; at most ", kMaxPageSize));
  }
  const std::string query = CanonicalQuery(filter);
  std::optional<IncidentPosition> after;
  if (!page_token.empty()) {
    AW_ASSIGN_OR_RETURN(const std::string position, DecodePageToken(query, page_token));
    AW_ASSIGN_OR_RETURN(after, PositionFromText(position));
  }
  IncidentPage page;
  // One more than asked for tells whether there is another page.
  AW_ASSIGN_OR_RETURN(page.incidents, store_.List(filter, after, page_size + 1));
  if (page.incidents.size() > page_size) {
    page.incidents.resize(page_size);
    const Incident& last = page.incidents.back();
    page.next_page_token =
        EncodePageToken(query, PositionToText({*last.opened_time, last.incident_id}));
  }
  return page;
}

absl::StatusOr<Incident> IncidentLog::SetHold(const std::string& incident_id, bool hold) {
  AW_RETURN_IF_ERROR(CheckUuid(incident_id, "incident_id"));
  return store_.SetHold(incident_id, hold);
}

absl::StatusOr<Review> IncidentLog::AddReview(Review review) {
  AW_RETURN_IF_ERROR(CheckReview(review));
  // Made here, not in the database, so that the store may repeat the insertion.
  review.review_id = NewUuid();
  return store_.AddReview(review);
}

}  // namespace aislewatch::events
