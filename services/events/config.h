// The flags of event storage beyond those of every service.
#pragma once

#include <string>

#include "absl/status/statusor.h"
#include "absl/time/time.h"

namespace CLI {
class App;
}

namespace aislewatch::events {

struct Config {
  /// For libpq. May hold a password: never logged.
  std::string database;
  /// Connections for calls; one more watches for changes.
  int pool_size = 8;
  /// Longest time that one statement may take.
  absl::Duration statement_timeout = absl::Seconds(10);
  /// Bring the schema up to date and end.
  bool migrate_only = false;
};

void AddFlags(CLI::App& app, Config& config);

/// The connection string with time-outs and session settings. INVALID_ARGUMENT says what is wrong
/// with the flags.
absl::StatusOr<std::string> Conninfo(const Config& config);

}  // namespace aislewatch::events
