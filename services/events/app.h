// Event storage put together: pool, stores, services, and the keeper of its database.
//
// All calls come from the main thread.
#pragma once

#include <atomic>
#include <memory>
#include <string>

#include "common/rpc/service_main.h"
#include "services/events/config.h"

namespace aislewatch::events {

class EventsApp : public ServiceApp {
 public:
  EventsApp();
  ~EventsApp() override;

  absl::string_view name() const override { return "events"; }
  absl::string_view description() const override {
    return "Keeps incidents, evidence, reviews and cameras in PostgreSQL, and leases cameras to "
           "ingest.";
  }
  void AddFlags(CLI::App& app, ServerOptions& server) override;
  /// Reads the connection string; with --migrate-only or --create-admin, does that and is done.
  absl::StatusOr<bool> Prepare() override;
  absl::Status Init(ServerHost& host) override;
  /// Ready only once the database has been reached and migrated, which may be much later.
  void Started(ServerHost& host) override;
  void Drain(absl::Time deadline) override;
  void Stop() override;

 private:
  struct Parts;

  Config config_;
  std::atomic<bool> draining_ = false;
  std::string conninfo_;
  std::unique_ptr<Parts> parts_;
};

}  // namespace aislewatch::events
