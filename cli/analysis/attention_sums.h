// Whether event storage counts what fusion told.
//
// Visits go from fusion through ingest's outbox to event storage, which keeps nothing of them but
// sums. Adding up what was told and asking for the sums shows whether any were lost, or counted
// twice, on the way.
#pragma once

#include <grpcpp/channel.h>

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <tuple>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "absl/types/span.h"
#include "aislewatch/v1/attention.pb.h"
#include "aislewatch/v1/types.pb.h"

namespace aislewatch {

/// Visits of one zone, added up as AttentionSum has them.
struct AttentionTotals {
  uint64_t passers_by = 0;
  uint64_t looked = 0;
  uint64_t entered = 0;
  uint64_t looked_and_entered = 0;
  absl::Duration looking_time;
  absl::Duration dwell;

  void Add(const AttentionTotals& other);
};

/// By camera, zone and kind of zone.
using AttentionByZone =
    std::map<std::tuple<std::string, std::string, v1::ZoneKind>, AttentionTotals>;

AttentionByZone AddUp(absl::Span<const v1::ZoneVisit> visits);
void AddTo(AttentionByZone& sums, const AttentionByZone& others);

/// One sentence for each zone of which `told` and `stored` differ; times by more than a
/// microsecond a visit, to which they are stored. Empty where they agree.
std::vector<std::string> Differences(const AttentionByZone& told, const AttentionByZone& stored);

/// What event storage has of these cameras; everything within `from` and `until`. Blocks.
absl::StatusOr<AttentionByZone> StoredAttention(const std::shared_ptr<grpc::Channel>& events,
                                                const std::vector<std::string>& cameras,
                                                absl::Time from, absl::Time until);

/// Waits until event storage has what was `told`; it comes through the outbox. DATA_LOSS with the
/// differences that are left at the deadline. Asks once where that is over. Blocks.
absl::Status AwaitAttention(const std::shared_ptr<grpc::Channel>& events,
                            const std::vector<std::string>& cameras, absl::Time from,
                            absl::Time until, const AttentionByZone& told, absl::Time deadline);

}  // namespace aislewatch
