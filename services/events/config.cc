#include "services/events/config.h"

#include <CLI/CLI.hpp>
#include <fstream>
#include <iostream>

#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "common/config/flags.h"
#include "services/events/adapters/postgres/connection.h"

namespace aislewatch::events {
namespace {

void AddRetentionFlags(CLI::App& app, RetentionPolicy& policy) {
  AddDurationFlag(app, "--retain-info", policy.info_evidence,
                  "How long evidence of incidents of severity info is kept; 0 is for ever");
  AddDurationFlag(app, "--retain-warning", policy.warning_evidence, "Likewise of severity warning");
  AddDurationFlag(app, "--retain-critical", policy.critical_evidence,
                  "Likewise of severity critical");
  AddDurationFlag(app, "--retain-incidents", policy.incidents,
                  "How long incidents are kept at all; 0 is for ever");
  AddDurationFlag(app, "--retain-deliveries", policy.deliveries,
                  "How long ended deliveries to webhooks are kept; 0 is for ever");
  AddDurationFlag(app, "--retain-audit", policy.audit,
                  "How long the audit log is kept; 0 is for ever");
  AddDurationFlag(app, "--fail-pending-after", policy.pending_evidence,
                  "When evidence that was announced and did not come counts as failed; 0 is never");
  AddDurationFlag(app, "--retain-attention", policy.attention,
                  "How long the hourly sums of shoppers' attention are kept; 0 is for ever");
}

}  // namespace

void AddFlags(CLI::App& app, Config& config) {
  // No default is captured and none is shown: --help must not print a password.
  app.add_option("--database", config.database,
                 "PostgreSQL, as libpq takes it: \"host=... dbname=... user=...\" or "
                 "postgresql://...; a password is better given by the environment variable");
  app.add_option("--pool-size", config.pool_size, "Connections to the database for calls")
      ->check(CLI::Range(1, 1000))
      ->capture_default_str();
  AddDurationFlag(app, "--statement-timeout", config.statement_timeout,
                  "Longest time that one statement may take", absl::Milliseconds(100));
  app.add_flag("--webhooks-allow-http", config.webhook_targets.allow_http,
               "Let webhooks have http:// addresses");
  app.add_flag("--webhooks-allow-private", config.webhook_targets.allow_private,
               "Let webhooks go to loopback and private addresses");
  app.add_option("--webhooks-ca", config.webhooks_ca,
                 "PEM with the authorities that receivers are checked by; the system's otherwise")
      ->check(CLI::ExistingFile);
  app.add_option("--site-key", config.site_key,
                 "PEM with the Ed25519 key that signs exports of incidents");
  app.add_option(
      "--secrets-key-file", config.secrets_key_file,
      "Keys that encrypt passwords of cameras and secrets of webhooks in the database, a line "
      "\"ID BASE64\" each, the newest first; without it they are stored in clear");
  app.add_option("--evidence-directory", config.evidence_directory,
                 "Where new evidence keeps its bytes, a directory that every replica has; in the "
                 "database otherwise");
  AddRetentionFlags(app, config.retention);
  app.add_flag("--migrate-only", config.migrate_only, "Bring the schema up to date and end");
  app.add_flag("--require-credentials", config.require_credentials,
               "Refuse calls without a session or an API token; without this flag they may do "
               "everything");
  CLI::Option* admin = app.add_option("--create-admin", config.create_admin,
                                      "Add a user of this name who may do everything, with the "
                                      "password in --password-file, and end");
  CLI::Option* file = app.add_option("--password-file", config.password_file,
                                     "File whose first line is the password; - is standard input");
  admin->needs(file);
  file->needs(admin);
}

absl::StatusOr<std::string> Conninfo(const Config& config) {
  if (config.database.empty()) {
    return absl::InvalidArgumentError(
        "--database (or AISLEWATCH_EVENTS_DATABASE) is missing; give a connection string such as "
        "\"host=db.example dbname=aislewatch user=aislewatch\"");
  }
  DatabaseOptions options;
  options.conninfo = config.database;
  options.statement_timeout = config.statement_timeout;
  return CompleteConninfo(options);
}

absl::StatusOr<std::string> ReadPassword(const std::string& path) {
  std::ifstream file;
  if (path != "-") file.open(path);
  std::istream& in = path == "-" ? std::cin : file;
  std::string line;
  if (!in || !std::getline(in, line)) {
    return absl::InvalidArgumentError(
        absl::StrCat("--password-file ", path, ": there is no line to read"));
  }
  return std::string(absl::StripSuffix(line, "\r"));
}

}  // namespace aislewatch::events
