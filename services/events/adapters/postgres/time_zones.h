// Inside of the stores: which time zones there are. PostgreSQL brings a database of them, or uses
// the one of its machine; the images of services have none.
#pragma once

#include <set>
#include <string>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/synchronization/mutex.h"
#include "services/events/adapters/postgres/connection.h"

namespace aislewatch::events {

/// Owned by a store. Thread-safe; Check blocks on the database.
class TimeZones {
 public:
  /// INVALID_ARGUMENT where PostgreSQL knows no time zone of that name. PostgreSQL reads all of
  /// its zones for that, some tenths of a second, so what it knows is remembered.
  absl::Status Check(Transaction& transaction, const std::string& name);

 private:
  absl::Mutex mutex_;
  /// No more than PostgreSQL has, about 1200.
  std::set<std::string> known_ ABSL_GUARDED_BY(mutex_) = {"UTC"};
};

}  // namespace aislewatch::events
