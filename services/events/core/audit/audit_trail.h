// Writes down who did what, and tells it.
//
// Note writes before it returns, so that what a caller was told is on record. While the database is
// away it keeps up to kMaxWaiting entries in memory, writes them with the next one or with Flush,
// and logs each that it has to drop (the oldest), as a process does that ends before. No call fails
// for it.
//
// Two things that would flood the record are thinned out: who looks at the same evidence again
// within kLookedAgain is noted once, since a player asks for a clip in many pieces; and of failed
// logins kFailedLoginsPerMinute are noted, the rest counted. Both by replica.
//
// Thread-safe; every method blocks on the store.
#pragma once

#include <deque>
#include <map>
#include <string>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/synchronization/mutex.h"
#include "common/base/clock.h"
#include "common/base/metrics.h"
#include "services/events/core/access.h"
#include "services/events/core/audit/audit.h"

namespace aislewatch::events {

/// A page of entries, newest first.
struct AuditPage {
  std::vector<AuditEntry> entries;
  std::string next_page_token;  // Empty on the last page.
};

class AuditTrail {
 public:
  static constexpr size_t kMaxWaiting = 10'000;
  static constexpr size_t kMaxTextBytes = 256;
  static constexpr absl::Duration kLookedAgain = absl::Minutes(10);
  static constexpr int kFailedLoginsPerMinute = 120;
  static constexpr uint32_t kDefaultPageSize = 100;
  static constexpr uint32_t kMaxPageSize = 500;

  /// What is passed must outlive it.
  AuditTrail(AuditStore& store, Metrics& metrics, Clock& clock = RealClock());
  /// Logs what was not written.
  ~AuditTrail();

  /// `who` did or tried `action` on `target`, and was answered with `code`. What callers sent is
  /// cut to kMaxTextBytes, and control characters are replaced.
  void Note(const Principal& who, absl::string_view action, absl::string_view target,
            absl::StatusCode code) ABSL_LOCKS_EXCLUDED(mutex_);
  /// Writes what waits: the database is back.
  void Flush() ABSL_LOCKS_EXCLUDED(mutex_);

  /// `page_size` 0 means the default. INVALID_ARGUMENT.
  absl::StatusOr<AuditPage> List(const AuditQuery& query, uint32_t page_size,
                                 const std::string& page_token);

 private:
  // Whether the entry is one too many; see above.
  bool TooMuch(const AuditEntry& entry) ABSL_LOCKS_EXCLUDED(mutex_);
  // Writes these; keeps them where that fails. Returns whether it did not.
  bool Write(std::vector<AuditEntry> entries) ABSL_LOCKS_EXCLUDED(mutex_);
  std::vector<AuditEntry> TakeWaiting() ABSL_LOCKS_EXCLUDED(mutex_);

  AuditStore& store_;
  Counter& lost_;
  Counter& suppressed_;
  Gauge& waiting_gauge_;
  Clock& clock_;

  absl::Mutex mutex_;
  std::deque<AuditEntry> waiting_ ABSL_GUARDED_BY(mutex_);  // Oldest first.
  std::map<std::string, absl::Time> looked_ ABSL_GUARDED_BY(mutex_);
  absl::Time minute_ ABSL_GUARDED_BY(mutex_) = absl::InfinitePast();
  int failed_logins_ ABSL_GUARDED_BY(mutex_) = 0;  // Since minute_.
};

}  // namespace aislewatch::events
