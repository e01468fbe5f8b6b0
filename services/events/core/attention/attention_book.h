// Adding visits up and telling the sums: what AttentionService does, without the network.
//
// Thread-safe; every method blocks on the store. What lies outside of the caller's scope is refused
// when it is added and is not there when it is read.
#pragma once

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "services/events/core/access.h"
#include "services/events/core/attention/attention.h"

namespace aislewatch::events {

/// INVALID_ARGUMENT names every visit that is wrong, and all that is.
absl::Status CheckVisits(const std::vector<ZoneVisit>& visits);

class AttentionBook {
 public:
  static constexpr size_t kMaxVisitsPerCall = 500;
  static constexpr size_t kMaxSums = 20'000;

  /// `store` must outlive the book.
  explicit AttentionBook(AttentionStore& store) : store_(store) {}

  /// INVALID_ARGUMENT; PERMISSION_DENIED where a visit lies outside of the scope.
  absl::StatusOr<RecordResult> Record(const std::vector<ZoneVisit>& visits,
                                      const Principal& caller);
  /// INVALID_ARGUMENT also where there are more than kMaxSums.
  absl::StatusOr<std::vector<AttentionSum>> List(AttentionQuery query, const Principal& caller);

 private:
  AttentionStore& store_;
};

}  // namespace aislewatch::events
