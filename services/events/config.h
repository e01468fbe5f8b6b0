// The flags of event storage beyond those of every service.
#pragma once

#include <string>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "services/events/core/retention/retention.h"
#include "services/events/core/webhooks/webhook_target.h"

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
  /// Where webhooks may go, and by whom their certificates must be signed.
  WebhookTargets webhook_targets;
  std::string webhooks_ca;
  /// PEM with the Ed25519 key that signs exports; empty means that nothing can be exported.
  std::string site_key;
  /// Keys that encrypt passwords of cameras and secrets of webhooks; empty means that they are
  /// stored in clear.
  std::string secrets_key_file;
  /// Where new evidence keeps its bytes; empty means in the database.
  std::string evidence_directory;
  RetentionPolicy retention;
  /// Bring the schema up to date and end.
  bool migrate_only = false;
  /// Refuse calls without a credential; else they are the installation's own.
  bool require_credentials = false;
  /// Add this user as an admin of the whole installation and end.
  std::string create_admin;
  /// Where that user's password lies.
  std::string password_file;
};

void AddFlags(CLI::App& app, Config& config);

/// The connection string with time-outs and session settings. INVALID_ARGUMENT says what is wrong
/// with the flags.
absl::StatusOr<std::string> Conninfo(const Config& config);

/// The first line of a file, or of the standard input for "-". INVALID_ARGUMENT where there is
/// none.
absl::StatusOr<std::string> ReadPassword(const std::string& path);

}  // namespace aislewatch::events
