// Who did what: values, and what a store of them must do.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "services/events/core/access.h"

namespace aislewatch::events {

/// Something that somebody did, or tried.
struct AuditEntry {
  std::string entry_id;  // UUID
  uint64_t number = 0;   // Given by the store; rises.
  absl::Time time;
  std::string principal;
  Role role = Role::kUnspecified;
  bool is_token = false;
  std::string action;  // The call.
  std::string target;  // "incident ID", "camera ID", "user NAME", ...
  std::string result;  // Name of a status code.
};

/// Which entries. Empty and unset means all.
struct AuditQuery {
  std::string principal;  // Without regard to case.
  std::string target;
  std::optional<absl::Time> from;
  std::optional<absl::Time> until;
};

/// As the stores of core/stores.h: thread-safe, blocks, UNAVAILABLE.
class AuditStore {
 public:
  virtual ~AuditStore() = default;

  /// All or nothing; each id once.
  virtual absl::Status Append(const std::vector<AuditEntry>& entries) = 0;
  /// Newest first, those with numbers below `before` only, at most `limit`.
  virtual absl::StatusOr<std::vector<AuditEntry>> List(const AuditQuery& query,
                                                       std::optional<uint64_t> before,
                                                       size_t limit) = 0;
};

}  // namespace aislewatch::events
