#include "services/events/app.h"

#include <CLI/CLI.hpp>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/base/log.h"
#include "common/base/status.h"
#include "services/events/adapters/archive/zip_writer.h"
#include "services/events/adapters/http/curl_transport.h"
#include "services/events/adapters/postgres/access_store.h"
#include "services/events/adapters/postgres/attention_store.h"
#include "services/events/adapters/postgres/audit_store.h"
#include "services/events/adapters/postgres/camera_store.h"
#include "services/events/adapters/postgres/database_keeper.h"
#include "services/events/adapters/postgres/event_store.h"
#include "services/events/adapters/postgres/evidence_store.h"
#include "services/events/adapters/postgres/evidence_volume.h"
#include "services/events/adapters/postgres/lease_store.h"
#include "services/events/adapters/postgres/migrator.h"
#include "services/events/adapters/postgres/retention_store.h"
#include "services/events/adapters/postgres/webhook_store.h"
#include "services/events/core/access_control.h"
#include "services/events/core/export/incident_export.h"
#include "services/events/core/retention/retention.h"
#include "services/events/core/secret_box.h"
#include "services/events/core/webhooks/webhook_book.h"
#include "services/events/core/webhooks/webhook_dispatcher.h"
#include "services/events/rpc/access_gate.h"
#include "services/events/rpc/access_service.h"
#include "services/events/rpc/attention_service.h"
#include "services/events/rpc/camera_registry_service.h"
#include "services/events/rpc/event_storage_service.h"
#include "services/events/rpc/export_stream.h"
#include "services/events/rpc/webhook_convert.h"
#include "services/events/rpc/webhook_service.h"

namespace aislewatch::events {
namespace {

// Calls that run or wait for a connection; about a second's worth of a busy database.
constexpr int kMaxWaitingCalls = 256;
// Calls that hash passwords, 32 MiB and a tenth of a second of a processor each.
constexpr int kPasswordThreads = 2;
constexpr int kMaxWaitingPasswords = 32;

// Once, without retrying: whoever starts it decides what a failure means.
absl::Status MigrateOnly(const std::string& conninfo) {
  try {
    Connection connection(conninfo);
    AW_ASSIGN_OR_RETURN(const int applied, Migrate(connection));
    LogInfo("schema is up to date", {{"database", DescribeConninfo(conninfo)},
                                     {"applied", absl::StrCat(applied)},
                                     {"version", absl::StrCat(EmbeddedMigrations().size())}});
    return absl::OkStatus();
  } catch (...) {
    return CurrentFailure().status;
  }
}

// The first user, who can then add others. Migrates before.
absl::Status CreateAdmin(const Config& config, const std::string& conninfo) {
  AW_ASSIGN_OR_RETURN(const std::string password, ReadPassword(config.password_file));
  AW_RETURN_IF_ERROR(MigrateOnly(conninfo));
  FakeMetrics metrics;  // Nobody asks a program that ends.

  Pool pool(conninfo, 1, config.statement_timeout, metrics);
  pool.Open();
  PostgresAccessStore store(pool);
  AccessControl access(store);
  User user;
  user.name = config.create_admin;
  user.role = Role::kAdmin;
  AW_RETURN_IF_ERROR(access.CreateUser(user, password).status());
  LogInfo("added an admin", {{"user", user.name}});
  return absl::OkStatus();
}

}  // namespace

// In the order in which they depend on each other; destroyed the other way round.
struct EventsApp::Parts {
  Parts(const Config& config, const std::string& conninfo, ServerHost& host,
        std::shared_ptr<const SiteKey> site_key, std::shared_ptr<const SecretBox> secret_box)
      : secrets(std::move(secret_box)),
        pool(conninfo, config.pool_size, config.statement_timeout, host.metrics()),
        volume(config.evidence_directory.empty()
                   ? nullptr
                   : std::make_unique<EvidenceVolume>(pool, config.evidence_directory)),
        events(pool),
        evidence(pool, volume.get()),
        cameras(pool, secrets.get()),
        leases(pool, secrets.get()),
        access_store(pool),
        access(access_store),
        gate(access, config.require_credentials),
        audit_store(pool),
        audit(audit_store, host.metrics()),
        password_threads(kPasswordThreads),
        calls(host.workers(), host.metrics(), kMaxWaitingCalls, gate, &audit),
        password_calls(password_threads, host.metrics(), kMaxWaitingPasswords, gate, &audit),
        event_rpc(events, evidence, signal, calls, host.metrics()),
        camera_rpc(cameras, leases, calls),
        access_rpc(access, audit, calls, password_calls),
        exporter({std::move(site_key), [] { return std::make_unique<ZipWriter>(); }, HistoryToJson,
                  EvidenceToJson}),
        retention(pool, volume.get()),
        webhooks(pool, secrets.get()),
        http({.targets = config.webhook_targets, .ca_file = config.webhooks_ca}),
        webhook_book(webhooks, http, config.webhook_targets),
        webhook_rpc(webhook_book, calls),
        attention(pool),
        attention_rpc(attention, calls) {
    event_rpc.EnableExports(exporter);
  }

  // Each time that the database is there.
  void Prepare() {
    if (volume != nullptr) {
      // The service goes on without: cameras and incidents need no evidence.
      const absl::Status usable = volume->Use().status();
      if (!usable.ok())
        LogError("evidence cannot be stored", {{"reason", std::string(usable.message())}});
    }
    audit.Flush();
    Warn(cameras.SealPasswords().status(), "passwords of cameras were not encrypted");
    Warn(webhooks.SealSecrets().status(), "secrets of webhooks were not encrypted");
  }

  static void Warn(const absl::Status& status, absl::string_view what) {
    if (status.ok()) return;
    LogWarning(absl::StrCat(what, "; the next connection tries again"),
               {{"reason", std::string(status.message())}});
  }

  const std::shared_ptr<const SecretBox> secrets;
  Pool pool;
  const std::unique_ptr<EvidenceVolume> volume;
  PostgresEventStore events;
  PostgresEvidenceStore evidence;
  PostgresCameraStore cameras;
  PostgresLeaseStore leases;
  ChangeSignal signal;
  PostgresAccessStore access_store;
  AccessControl access;
  AccessGate gate;
  PostgresAuditStore audit_store;
  AuditTrail audit;
  ThreadPool password_threads;
  BlockingCalls calls;
  BlockingCalls password_calls;
  EventStorageRpc event_rpc;
  CameraRegistryRpc camera_rpc;
  AccessRpc access_rpc;
  IncidentExporter exporter;
  PostgresRetentionStore retention;
  PostgresWebhookStore webhooks;
  CurlTransport http;
  WebhookBook webhook_book;
  WebhookRpc webhook_rpc;
  PostgresAttentionStore attention;
  AttentionRpc attention_rpc;
  std::unique_ptr<WebhookDispatcher> dispatcher;
  std::unique_ptr<RetentionJob> retention_job;
  std::unique_ptr<DatabaseKeeper> keeper;
};

EventsApp::EventsApp() = default;
EventsApp::~EventsApp() = default;

void EventsApp::AddFlags(CLI::App& app, ServerOptions& server) {
  server.listen = "0.0.0.0:50055";
  server.metrics_listen = "0.0.0.0:9095";
  server.worker_threads = config_.pool_size;
  events::AddFlags(app, config_);
}

absl::StatusOr<bool> EventsApp::Prepare() {
  AW_ASSIGN_OR_RETURN(conninfo_, Conninfo(config_));
  if (config_.migrate_only) AW_RETURN_IF_ERROR(MigrateOnly(conninfo_));
  const bool create_admin = !config_.create_admin.empty();
  if (create_admin) AW_RETURN_IF_ERROR(CreateAdmin(config_, conninfo_));
  return !config_.migrate_only && !create_admin;
}

absl::Status EventsApp::Init(ServerHost& host) {
  std::shared_ptr<const SiteKey> site_key;
  if (!config_.site_key.empty()) {
    AW_ASSIGN_OR_RETURN(site_key, SiteKey::Load(config_.site_key));
  }
  std::shared_ptr<const SecretBox> secrets;
  if (!config_.secrets_key_file.empty()) {
    AW_ASSIGN_OR_RETURN(secrets, SecretBox::Load(config_.secrets_key_file));
  }
  parts_ =
      std::make_unique<Parts>(config_, conninfo_, host, std::move(site_key), std::move(secrets));
  host.AddService(&parts_->event_rpc);
  host.AddService(&parts_->camera_rpc);
  host.AddService(&parts_->access_rpc);
  host.AddService(&parts_->webhook_rpc);
  host.AddService(&parts_->attention_rpc);
  return absl::OkStatus();
}

void EventsApp::Started(ServerHost& host) {
  DatabaseKeeper::Options options;
  options.conninfo = conninfo_;
  parts_->keeper =
      std::make_unique<DatabaseKeeper>(std::move(options), parts_->pool, parts_->signal,
                                       parts_->evidence, host.metrics(), [this, &host](bool ready) {
                                         if (ready) parts_->Prepare();
                                         host.SetReady(ready && !draining_);
                                       });
  parts_->dispatcher = std::make_unique<WebhookDispatcher>(
      WebhookDispatcher::Options(), parts_->webhooks, parts_->http, OccurrenceToJson,
      parts_->signal, host.metrics());
  parts_->retention_job = std::make_unique<RetentionJob>(
      RetentionJob::Options{.policy = config_.retention}, parts_->retention, host.metrics());
}

void EventsApp::Drain(absl::Time deadline) {
  draining_ = true;
  parts_->event_rpc.Drain();
  // What waits for a receiver may end; half of the time is left to the calls.
  const absl::Time now = absl::Now();
  parts_->dispatcher->Stop(now + (deadline - now) / 2);
}

void EventsApp::Stop() {
  if (parts_ == nullptr) return;  // The site key could not be read.
  parts_->retention_job.reset();
  parts_->dispatcher.reset();
  parts_->audit.Flush();  // While there is a pool.
  parts_->keeper.reset();
}

}  // namespace aislewatch::events
