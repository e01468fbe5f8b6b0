#include "services/events/adapters/postgres/database_keeper.h"

#include <poll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/base/log.h"
#include "common/base/status.h"
#include "services/events/adapters/postgres/migrator.h"

namespace aislewatch::events {

DatabaseKeeper::DatabaseKeeper(Options options, Pool& pool, ChangeSignal& signal,
                               EvidenceStore& evidence, Metrics& metrics,
                               std::function<void(bool)> on_ready, Clock& clock)
    : options_(std::move(options)),
      pool_(pool),
      signal_(signal),
      evidence_(evidence),
      ready_gauge_(metrics.GetGauge("aislewatch_events_database_ready",
                                    "1 while the database can be used, else 0")),
      connections_lost_(metrics.GetCounter("aislewatch_events_database_lost_total",
                                           "Times that the database went away")),
      on_ready_(std::move(on_ready)),
      clock_(clock),
      wake_fd_(eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)),
      thread_([this] { Run(); }) {}

DatabaseKeeper::~DatabaseKeeper() {
  {
    absl::MutexLock lock(&mutex_);
    stopping_ = true;
    stopped_.SignalAll();
  }
  eventfd_write(wake_fd_, 1);
  thread_.join();
  close(wake_fd_);
}

bool DatabaseKeeper::stopping() const {
  absl::MutexLock lock(&mutex_);
  return stopping_;
}

bool DatabaseKeeper::Pause(absl::Duration duration) {
  const absl::Time until = clock_.Now() + duration;
  absl::MutexLock lock(&mutex_);
  while (!stopping_ && clock_.Now() < until) clock_.WaitUntil(stopped_, mutex_, until);
  return !stopping_;
}

void DatabaseKeeper::Run() {
  absl::Duration pause = options_.first_pause;
  const std::string database = DescribeConninfo(options_.conninfo);
  do {
    served_ = false;
    const absl::Status status = Serve();
    if (stopping()) break;
    pool_.Close(absl::UnavailableError(absl::StrCat("event storage has no database at present (",
                                                    database, "): ", status.message(),
                                                    "; keep what was to be stored and try again")));
    if (served_) {
      ready_gauge_.Set(0);
      connections_lost_.Add();
      on_ready_(false);
      pause = options_.first_pause;
    }
    LogWarning("database is away", {{"database", database},
                                    {"reason", std::string(status.message())},
                                    {"next_try_in", absl::FormatDuration(pause)}});
    if (!Pause(pause)) break;
    pause = std::min(2 * pause, options_.longest_pause);
  } while (true);
  pool_.Close(absl::UnavailableError("event storage is shutting down; try another replica"));
}

absl::Status DatabaseKeeper::Serve() {
  try {
    Connection connection(options_.conninfo);
    AW_RETURN_IF_ERROR(Migrate(connection).status());
    {
      Transaction transaction(connection);
      transaction.RunScript("LISTEN aislewatch_changes");
      transaction.Commit();
    }
    pool_.Open();
    served_ = true;
    ready_gauge_.Set(1);
    LogInfo("database is ready", {{"database", DescribeConninfo(options_.conninfo)}});
    on_ready_(true);
    // What happened before the LISTEN told nobody.
    signal_.Notify();
    Listen(connection);
    return absl::OkStatus();
  } catch (...) {
    return CurrentFailure().status;
  }
}

void DatabaseKeeper::Listen(Connection& connection) {
  const Statement check{"keeper_check", "SELECT 1"};
  absl::Time next_sweep = clock_.Now();
  while (!stopping()) {
    Sweep(next_sweep);
    pollfd fds[2] = {{connection.raw().sock(), POLLIN, 0}, {wake_fd_, POLLIN, 0}};
    const int ready =
        poll(fds, 2, static_cast<int>(absl::ToInt64Milliseconds(options_.check_interval)));
    if (stopping()) return;
    if (ready == 0) {
      Transaction transaction(connection);
      transaction.Run(check);
      transaction.Commit();
      signal_.Notify();
    } else if (connection.raw().get_notifs() > 0) {
      signal_.Notify();
    }
    if (!connection.is_open()) throw pqxx::broken_connection("the server closed the connection");
  }
}

void DatabaseKeeper::Sweep(absl::Time& next_sweep) {
  if (clock_.Now() < next_sweep) return;
  next_sweep = clock_.Now() + options_.sweep_interval;
  const auto freed = evidence_.SweepUploads(options_.abandoned_after);
  if (!freed.ok()) {
    LogWarning("cannot free abandoned uploads",
               {{"reason", std::string(freed.status().message())}});
  } else if (*freed > 0) {
    LogInfo("freed abandoned uploads", {{"count", absl::StrCat(*freed)}});
  }
}

}  // namespace aislewatch::events
