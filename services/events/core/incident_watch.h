// One watcher's way through the feed of changes.
//
// Not thread-safe: one call at a time. Next blocks on the store and holds at most one batch.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "services/events/core/incident.h"
#include "services/events/core/stores.h"

namespace aislewatch::events {

/// What a watcher is told: a change, or, where neither is set, only how far the feed was read.
struct WatchEvent {
  std::string cursor;  // Go on from here.
  std::optional<Transition> transition;
  std::optional<Review> review;
};

class IncidentWatch {
 public:
  /// Changes read at once.
  static constexpr size_t kBatch = 100;
  /// Changes that did not fit the filter after which the watcher is told a new cursor, so that it
  /// need not read them all again when it comes back.
  static constexpr uint64_t kTellCursorAfter = 1000;

  /// `cursor`: empty for "from now on", "0" for "from the beginning", or one that a watch gave.
  /// INVALID_ARGUMENT otherwise. `store` must outlive the watch.
  static absl::StatusOr<IncidentWatch> Create(EventStore& store, IncidentFilter filter,
                                              const std::string& cursor);

  /// What comes next; empty when there is nothing new. The first call of a watch "from now on"
  /// tells the cursor that it begins at. INVALID_ARGUMENT where the cursor lies ahead of the feed,
  /// which happens when it came from another database.
  absl::StatusOr<std::vector<WatchEvent>> Next();

 private:
  IncidentWatch(EventStore& store, IncidentFilter filter, std::optional<uint64_t> position)
      : store_(&store), filter_(std::move(filter)), position_(position) {}
  absl::StatusOr<std::vector<WatchEvent>> Begin();

  EventStore* store_;
  IncidentFilter filter_;
  std::optional<uint64_t> position_;  // Read up to here; unset before "now" is known.
  uint64_t told_ = 0;                 // The last cursor that the watcher knows.
};

}  // namespace aislewatch::events
