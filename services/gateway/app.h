// Puts the gateway together.
#pragma once

#include <memory>

#include "common/rpc/service_main.h"
#include "services/gateway/config.h"

namespace aislewatch::gateway {

/// See ServiceApp for who calls what when. The gRPC port has health and reflection alone.
class GatewayApp : public ServiceApp {
 public:
  GatewayApp();
  ~GatewayApp() override;

  absl::string_view name() const override { return "gateway"; }
  absl::string_view description() const override {
    return "Serves the REST API and the console over HTTP\n"
           "Example: aislewatch-gateway --events 127.0.0.1:50055 --ingest 127.0.0.1:50051 "
           "--console /usr/share/aislewatch/console";
  }
  void AddFlags(CLI::App& app, ServerOptions& server) override;
  absl::StatusOr<bool> Prepare() override;
  /// Binds the HTTP port. The services behind need not be there.
  absl::Status Init(ServerHost& host) override;
  /// Accepts connections and is ready, also while event storage is away: then requests are told so.
  void Started(ServerHost& host) override;
  /// Ends streams, so that browsers come back elsewhere, and finishes requests.
  void Drain(absl::Time deadline) override;
  void Stop() override;

  /// After Init.
  int http_port() const;

 private:
  struct Parts;
  Config config_;
  std::unique_ptr<Parts> parts_;
};

}  // namespace aislewatch::gateway
