#include "services/events/adapters/postgres/pool.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "common/base/status.h"

namespace aislewatch::events {

Pool::Pool(std::string conninfo, int size, absl::Duration acquire_timeout, Metrics& metrics)
    : conninfo_(std::move(conninfo)),
      size_(size),
      acquire_timeout_(acquire_timeout),
      used_gauge_(metrics.GetGauge("aislewatch_events_pool_used_connections",
                                   "Connections to the database that calls use")),
      timeouts_(metrics.GetCounter("aislewatch_events_pool_timeouts_total",
                                   "Calls that waited in vain for a connection")),
      closed_(absl::UnavailableError("the database has not been reached yet; try again")) {
  metrics
      .GetGauge("aislewatch_events_pool_size_connections",
                "Connections to the database that calls may use at a time")
      .Set(size);
}

void Pool::Open() {
  absl::MutexLock lock(&mutex_);
  closed_ = absl::OkStatus();
}

void Pool::Close(absl::Status reason) {
  std::vector<std::unique_ptr<Connection>> idle;  // Closed after unlocking: that takes time.
  absl::MutexLock lock(&mutex_);
  closed_ = std::move(reason);
  idle.swap(idle_);
}

absl::Status Pool::Run(absl::FunctionRef<absl::Status(Transaction&)> body) {
  Attempt attempt;
  for (int i = 0; i < kAttempts; ++i) {
    attempt = RunOnce(body);
    if (!attempt.repeat) break;
  }
  return attempt.status;
}

Pool::Attempt Pool::RunOnce(absl::FunctionRef<absl::Status(Transaction&)> body) {
  auto connection = Acquire();
  if (!connection.ok()) return {connection.status()};
  Attempt attempt;
  Failure failure;
  bool committing = false;
  try {
    Transaction transaction(**connection);
    attempt.status = body(transaction);
    if (attempt.status.ok()) {
      committing = true;
      transaction.Commit();
    }
  } catch (...) {
    failure = CurrentFailure();
    attempt.status = failure.status;
  }
  const bool lost = failure.connection_lost || !(*connection)->is_open();
  attempt.repeat = !committing && (lost || absl::IsAborted(failure.status));
  Release(lost ? nullptr : *std::move(connection));
  return attempt;
}

absl::StatusOr<std::unique_ptr<Connection>> Pool::Acquire() {
  {
    absl::MutexLock lock(&mutex_);
    const auto free = [this]() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) {
      return !closed_.ok() || in_use_ < size_;
    };
    if (!mutex_.AwaitWithTimeout(absl::Condition(&free), acquire_timeout_)) {
      timeouts_.Add();
      return absl::UnavailableError(
          absl::StrCat("all ", size_,
                       " connections to the database are in use; try again, and "
                       "raise --pool-size where this happens often"));
    }
    if (!closed_.ok()) return closed_;
    used_gauge_.Set(++in_use_);
    if (!idle_.empty()) {
      auto connection = std::move(idle_.back());
      idle_.pop_back();
      return connection;
    }
  }
  try {
    return std::make_unique<Connection>(conninfo_);
  } catch (...) {
    Release(nullptr);
    return CurrentFailure().status;
  }
}

void Pool::Release(std::unique_ptr<Connection> connection) {
  std::vector<std::unique_ptr<Connection>> broken;  // Closed after unlocking.
  absl::MutexLock lock(&mutex_);
  used_gauge_.Set(--in_use_);
  if (connection == nullptr) {
    broken.swap(idle_);
  } else if (closed_.ok()) {
    idle_.push_back(std::move(connection));
  }
}

}  // namespace aislewatch::events
