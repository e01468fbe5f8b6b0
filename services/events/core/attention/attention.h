// Shoppers' attention: visits to zones, and their sums. Plain values, and what stores must do.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/scene/scene.h"
#include "services/events/core/stores.h"

namespace aislewatch::events {

/// One person near one zone.
struct ZoneVisit {
  std::string visit_id;  // UUID
  std::string camera_id;
  std::string store_id;
  std::string zone_id;
  ZoneKind zone_kind = ZoneKind::kUnspecified;
  std::optional<absl::Time> begin_time;
  std::optional<absl::Time> end_time;
  absl::Duration looking_time;
  bool looked = false;
  bool entered = false;
  bool looked_before_entering = false;
  absl::Duration dwell;
};

/// How long the period of a sum is; numbered as aislewatch.v1.AttentionStep.
enum class AttentionStep : int { kUnspecified = 0, kHour = 1, kDay = 2, kTotal = 3 };
inline constexpr int kLastAttentionStep = 3;

/// Which sums. Empty lists mean all.
struct AttentionQuery {
  std::vector<std::string> store_ids;
  std::vector<std::string> camera_ids;
  std::vector<ZoneKind> zone_kinds;
  absl::Time from;   // Hours that begin at or after this,
  absl::Time until;  // and before this.
  AttentionStep step = AttentionStep::kHour;
  std::string time_zone = "UTC";  // For days.
};

/// Sums of one zone over one step.
struct AttentionSum {
  std::string store_id;
  std::string camera_id;
  std::string zone_id;
  ZoneKind zone_kind = ZoneKind::kUnspecified;
  absl::Time start_time;
  uint64_t passers_by = 0;
  uint64_t looked = 0;
  uint64_t entered = 0;
  uint64_t looked_and_entered = 0;
  absl::Duration looking_time;
  absl::Duration dwell;
};

/// Sums of visits. As the stores of core/stores.h: thread-safe, blocks, UNAVAILABLE.
class AttentionStore {
 public:
  virtual ~AttentionStore() = default;

  /// Adds visits, all or nothing, each id once for as long as ids are kept.
  virtual absl::StatusOr<RecordResult> RecordVisits(const std::vector<ZoneVisit>& visits) = 0;
  /// By time, store, camera, zone and kind, at most `limit`. INVALID_ARGUMENT where the time zone
  /// is not known.
  virtual absl::StatusOr<std::vector<AttentionSum>> ListSums(const AttentionQuery& query,
                                                             size_t limit) = 0;
};

}  // namespace aislewatch::events
