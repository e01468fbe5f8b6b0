// A PostgreSQL server of one's own: for `aislewatch up` on one machine, and for tests.
//
// Nobody else can reach it: it listens on a unix socket in a directory that only its user may
// enter, and on no TCP port. Inside that directory every connection is trusted. It needs
// PostgreSQL's server programs (Debian: postgresql), found in PATH or /usr/lib/postgresql/*/bin.
//
// PostgreSQL refuses to run as root. Where this process is root, the server runs as the user
// `postgres` and the directory is handed to that user.
//
// Start, Stop, Kill and Restart block; they may not be called at the same time. The rest is
// thread-safe. The destructor stops the server; where this process is killed, the server shuts
// down by itself.
#pragma once

#include <sys/types.h>

#include <memory>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/process/child_process.h"

namespace aislewatch {

/// Owns a PostgreSQL server and its data directory's use.
class PrivatePostgres {
 public:
  struct Options {
    /// Where everything lies: data/, the server's log postgres.log and, where the path is short
    /// enough for a unix socket, socket/. Created when absent. Required.
    std::string directory;
    /// Whether a commit waits for the disk. Without it commits survive the server's death but not
    /// the machine's: for tests.
    bool durable = true;
    /// The account that the server runs as where this process is root.
    std::string user_when_root = "postgres";
    /// How long the server may take until it answers, recovery after a crash included; > 0.
    absl::Duration start_timeout = absl::Seconds(60);
  };

  /// Whether PostgreSQL's server programs are on this machine.
  static bool Installed();

  /// Makes the data directory where there is none, takes care of what a killed server left behind,
  /// starts the server and waits until it answers.
  /// NOT_FOUND: PostgreSQL is not installed. INVALID_ARGUMENT: the directory cannot be used.
  /// FAILED_PRECONDITION: another process uses the directory, or the server ended; the message has
  /// the end of its log.
  /// DEADLINE_EXCEEDED: it did not answer in time.
  static absl::StatusOr<std::unique_ptr<PrivatePostgres>> Start(const Options& options);

  PrivatePostgres(const PrivatePostgres&) = delete;
  PrivatePostgres& operator=(const PrivatePostgres&) = delete;
  ~PrivatePostgres();

  /// For libpq: socket directory, user and database. The same over restarts; holds no secret.
  const std::string& connection_string() const { return connection_string_; }
  const std::string& log_file() const { return log_file_; }
  /// Of the postmaster; 0 where it was stopped.
  pid_t pid() const { return server_ == nullptr ? 0 : server_->pid(); }
  bool running() const { return server_ != nullptr && server_->running(); }

  /// Fast shutdown: open transactions are rolled back, connections closed, a checkpoint written.
  /// Kills where that takes longer than `grace`. Idempotent.
  void Stop(absl::Duration grace = absl::Seconds(30));
  /// SIGKILL to the postmaster, as a crash would. The next Restart recovers.
  void Kill();
  /// Starts it again after Stop, Kill or a crash; stops it first where it runs. Errors as Start.
  absl::Status Restart();

 private:
  explicit PrivatePostgres(const Options& options) : options_(options) {}
  absl::Status Prepare();
  absl::Status LockDirectory(const std::string& directory);
  absl::Status InitializeCluster();
  absl::Status StartServer();
  absl::Status AwaitReady();

  const Options options_;
  // Locked (flock) for as long as this object uses the directory; the kernel unlocks it when the
  // process dies.
  int lock_fd_ = -1;
  // Set by Prepare, constant after it.
  std::string programs_;  // Folder of initdb and postgres.
  std::string data_directory_;
  std::string socket_directory_;
  std::string temporary_socket_directory_;  // Removed at the end; empty where there is none.
  std::string log_file_;
  std::string connection_string_;
  std::string run_as_;  // Empty means this process's own user.

  std::unique_ptr<ChildProcess> server_;
};

}  // namespace aislewatch
