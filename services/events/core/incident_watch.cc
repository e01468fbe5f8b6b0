#include "services/events/core/incident_watch.h"

#include <limits>
#include <utility>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "common/base/status.h"
#include "services/events/core/incident_validation.h"

namespace aislewatch::events {

absl::StatusOr<IncidentWatch> IncidentWatch::Create(EventStore& store, IncidentFilter filter,
                                                    const std::string& cursor) {
  AW_RETURN_IF_ERROR(CheckFilter(filter));
  std::optional<uint64_t> position;
  if (!cursor.empty()) {
    uint64_t number = 0;
    if (!absl::SimpleAtoi(cursor, &number) ||
        number > static_cast<uint64_t>(std::numeric_limits<int64_t>::max())) {
      return absl::InvalidArgumentError(
          absl::StrCat("cursor \"", cursor.substr(0, 40),
                       "\" is not one that a watch gave; leave it empty to watch from now on, or "
                       "send \"0\" to watch from the beginning"));
    }
    position = number;
  }
  IncidentWatch watch(store, std::move(filter), position);
  watch.told_ = position.value_or(0);
  return watch;
}

absl::StatusOr<std::vector<WatchEvent>> IncidentWatch::Begin() {
  AW_ASSIGN_OR_RETURN(const uint64_t now, store_->LastChange());
  position_ = told_ = now;
  return std::vector<WatchEvent>{{absl::StrCat(now), std::nullopt, std::nullopt}};
}

absl::StatusOr<std::vector<WatchEvent>> IncidentWatch::Next() {
  if (!position_.has_value()) return Begin();
  auto batch = store_->ReadChanges(filter_, *position_, kBatch);
  if (absl::IsOutOfRange(batch.status())) {
    return absl::InvalidArgumentError(absl::StrCat(
        "cursor ", *position_,
        " lies ahead of the last change; it comes from another database. "
        "Send \"0\" to watch from the beginning, or leave it empty to watch from now on"));
  }
  if (!batch.ok()) return batch.status();
  std::vector<WatchEvent> events;
  for (Change& change : batch->changes) {
    told_ = change.number;
    events.push_back(
        {absl::StrCat(change.number), std::move(change.transition), std::move(change.review)});
  }
  position_ = batch->read_up_to;
  if (*position_ - told_ >= kTellCursorAfter) {
    told_ = *position_;
    events.push_back({absl::StrCat(told_), std::nullopt, std::nullopt});
  }
  return events;
}

}  // namespace aislewatch::events
