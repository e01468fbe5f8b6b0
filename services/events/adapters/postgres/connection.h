// A connection to PostgreSQL and a transaction on it; hides what differs between libpqxx versions.
//
// Not thread-safe. Everything blocks and throws what libpqxx throws; Pool turns that into statuses.
#pragma once

#include <pqxx/pqxx>
#include <set>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "services/events/adapters/postgres/sql.h"

namespace aislewatch::events {

/// How to reach the database.
struct DatabaseOptions {
  /// For libpq: "host=... dbname=..." or postgresql://... May hold a password: never log it.
  std::string conninfo;
  /// Longest time that one statement may take, waiting for locks included; > 0.
  absl::Duration statement_timeout = absl::Seconds(10);
  /// Longest time that connecting may take, whole seconds >= 2; and after it a peer that does not
  /// acknowledge what was sent counts as gone.
  absl::Duration connect_timeout = absl::Seconds(5);
};

/// What a connection is opened with: the conninfo with our time-outs and session settings, which
/// give way to those that it names itself. INVALID_ARGUMENT where libpq cannot read it.
absl::StatusOr<std::string> CompleteConninfo(const DatabaseOptions& options);

/// Which database, without the password: "aislewatch on db.example:5432". For logs.
std::string DescribeConninfo(const std::string& conninfo);

/// An open connection with its prepared statements.
class Connection {
 public:
  /// `conninfo` from CompleteConninfo. Throws pqxx::broken_connection.
  explicit Connection(const std::string& conninfo) : connection_(conninfo) {}

  pqxx::connection& raw() { return connection_; }
  bool is_open() const { return connection_.is_open(); }

 private:
  friend class Transaction;
  pqxx::connection connection_;
  std::set<std::string> prepared_;
};

/// A READ COMMITTED transaction; rolled back unless Commit has returned.
class Transaction {
 public:
  explicit Transaction(Connection& connection) : connection_(connection), work_(connection.raw()) {}

  /// Runs a prepared statement.
  pqxx::result Run(const Statement& statement, const Params& params = {});
  /// Runs SQL as it stands, also several statements: for migrations and LISTEN.
  pqxx::result RunScript(const std::string& sql) { return work_.exec(sql); }
  void Commit() { work_.commit(); }

 private:
  Connection& connection_;
  pqxx::work work_;
};

/// What an exception means.
struct Failure {
  /// UNAVAILABLE where the database is away, busy or timed out; ABORTED for what deserves another
  /// try at once (deadlock); RESOURCE_EXHAUSTED for a full disk; INVALID_ARGUMENT for values that
  /// it cannot hold; else INTERNAL.
  absl::Status status;
  /// The connection is of no use any more.
  bool connection_lost = false;
};

/// For a catch-all handler: the exception that is being handled.
Failure CurrentFailure();

}  // namespace aislewatch::events
