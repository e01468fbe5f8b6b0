#include "common/rpc/server_host.h"

#include <cstdio>
#include <fstream>
#include <utility>

#include <CLI/CLI.hpp>
#include <grpcpp/ext/proto_server_reflection_plugin.h>
#include <grpcpp/health_check_service_interface.h>
#include <grpcpp/security/server_credentials.h>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "common/base/log.h"
#include "common/base/status.h"
#include "common/config/flags.h"
#include "common/telemetry/prometheus_metrics.h"

namespace aislewatch {
namespace {

constexpr char kLiveness[] = "liveness";
constexpr char kReadiness[] = "readiness";

void SetServing(grpc::Server* server, const std::string& name, bool serving) {
  if (server == nullptr || server->GetHealthCheckService() == nullptr) return;
  server->GetHealthCheckService()->SetServingStatus(name, serving);
}

absl::Status CannotListen(const std::string& address, const char* flag) {
  return absl::UnavailableError(
      absl::StrCat("cannot listen on ", address, "; is it taken? Choose another with ", flag));
}

}  // namespace

struct ServerHost::Exposition {
  std::unique_ptr<PrometheusMetrics> metrics;
};

void AddServerFlags(CLI::App& app, ServerOptions& options) {
  app.add_option("--listen", options.listen, "Address of the gRPC port; port 0 takes a free one")
      ->capture_default_str();
  app.add_option("--metrics-listen", options.metrics_listen, "Address of the /metrics port; empty serves none")
      ->capture_default_str();
  app.add_option("--health-listen", options.health_listen,
                 "Address of a plaintext port with health alone; empty means none");
  app.add_option("--port-file", options.port_file, "Write the bound ports to this file");
  app.add_option("--tls-ca", options.tls.ca,
                 "PEM file; clients must present a certificate signed by it");
  app.add_option("--tls-certificate", options.tls.certificate, "PEM file of the certificate");
  app.add_option("--tls-key", options.tls.key, "PEM file of the certificate's key");
  AddDurationFlag(app, "--max-connection-age", options.max_connection_age,
                  "Connections are told to go away after this", absl::Seconds(1));
  AddDurationFlag(app, "--connection-grace", options.connection_grace,
                  "Time that an old connection's streams get");
  AddDurationFlag(app, "--drain-deadline", options.drain_deadline,
                  "Time from SIGTERM to the last answer");
  app.add_option("--worker-threads", options.worker_threads, "Threads for work that may block")
      ->check(CLI::Range(1, 256))
      ->capture_default_str();
  app.add_option("--log-level", options.log_level, "debug, info, warn or error")
      ->check(CLI::IsMember({"debug", "info", "warn", "error"}))
      ->capture_default_str();
}

ServerHost::ServerHost(ServerOptions options)
    : options_(std::move(options)), exposition_(std::make_unique<Exposition>()) {}

absl::StatusOr<std::unique_ptr<ServerHost>> ServerHost::Create(ServerOptions options) {
  KeepCallbackThreads();
  std::unique_ptr<ServerHost> host(new ServerHost(std::move(options)));
  AW_ASSIGN_OR_RETURN(host->exposition_->metrics,
                      PrometheusMetrics::Create(host->options_.metrics_listen));
  host->workers_ = std::make_unique<ThreadPool>(host->options_.worker_threads);
  return host;
}

ServerHost::~ServerHost() { Shutdown(absl::Now()); }

void ServerHost::AddService(grpc::Service* service) { builder_.RegisterService(service); }

void ServerHost::AddPort(const std::string& name, int port) {
  absl::StrAppend(&further_ports_, name, "=", port, "\n");
}

absl::Status ServerHost::Start() {
  grpc::EnableDefaultHealthCheckService(true);
  grpc::reflection::InitProtoReflectionServerBuilderPlugin();
  AW_ASSIGN_OR_RETURN(const auto credentials, MakeServerCredentials(options_.tls));
  builder_.AddListeningPort(options_.listen, credentials, &port_);
  builder_.SetMaxReceiveMessageSize(kMaxMessageBytes);
  builder_.SetMaxSendMessageSize(kMaxMessageBytes);
  builder_.AddChannelArgument(GRPC_ARG_MAX_CONNECTION_AGE_MS,
                              static_cast<int>(absl::ToInt64Milliseconds(options_.max_connection_age)));
  builder_.AddChannelArgument(GRPC_ARG_MAX_CONNECTION_AGE_GRACE_MS,
                              static_cast<int>(absl::ToInt64Milliseconds(options_.connection_grace)));
  // Half of what channels (channel.cc) do, so that a ping that came late earns no too_many_pings.
  builder_.AddChannelArgument(GRPC_ARG_HTTP2_MIN_RECV_PING_INTERVAL_WITHOUT_DATA_MS, 2'500);
  builder_.AddChannelArgument(GRPC_ARG_KEEPALIVE_PERMIT_WITHOUT_CALLS, 1);
  // Two servers on one port would share it silently, and each see half of the streams.
  builder_.AddChannelArgument(GRPC_ARG_ALLOW_REUSEPORT, 0);
  server_ = builder_.BuildAndStart();
  if (server_ == nullptr || port_ == 0) return CannotListen(options_.listen, "--listen");
  if (!options_.health_listen.empty()) {
    grpc::ServerBuilder health;
    health.AddListeningPort(options_.health_listen, grpc::InsecureServerCredentials(),
                            &health_port_);
    health.AddChannelArgument(GRPC_ARG_ALLOW_REUSEPORT, 0);
    health_server_ = health.BuildAndStart();
    if (health_server_ == nullptr || health_port_ == 0) {
      return CannotListen(options_.health_listen, "--health-listen");
    }
  }
  for (grpc::Server* server : {server_.get(), health_server_.get()}) {
    SetServing(server, kLiveness, true);
  }
  SetReady(false);
  return WritePortFile();
}

// Written beside and moved, so that a reader never sees half of it.
absl::Status ServerHost::WritePortFile() const {
  if (options_.port_file.empty()) return absl::OkStatus();
  const std::string temporary = options_.port_file + ".tmp";
  {
    std::ofstream file(temporary);
    file << "grpc=" << port_ << "\nmetrics=" << metrics_port() << "\nhealth=" << health_port_
         << "\n" << further_ports_;
    if (!file.flush()) return absl::UnavailableError(absl::StrCat("cannot write ", temporary));
  }
  if (std::rename(temporary.c_str(), options_.port_file.c_str()) != 0) {
    return absl::UnavailableError(absl::StrCat("cannot write ", options_.port_file));
  }
  return absl::OkStatus();
}

void ServerHost::SetReady(bool ready) {
  ready_ = ready;
  for (grpc::Server* server : {server_.get(), health_server_.get()}) {
    SetServing(server, kReadiness, ready);
    SetServing(server, "", ready);
  }
}

bool ServerHost::ready() const { return ready_; }

void ServerHost::Shutdown(absl::Time deadline) {
  if (server_ != nullptr) {
    SetReady(false);
    server_->Shutdown(absl::ToChronoTime(deadline));
    server_->Wait();
    server_.reset();
  }
  if (health_server_ != nullptr) {
    // A Health/Watch never ends by itself. Its watchers have heard NOT_SERVING, so nothing is
    // gained by waiting for them, not even until the deadline.
    health_server_->Shutdown(absl::ToChronoTime(absl::Now()));
    health_server_->Wait();
    health_server_.reset();
  }
}

int ServerHost::metrics_port() const { return exposition_->metrics->port(); }
Metrics& ServerHost::metrics() { return *exposition_->metrics; }

std::shared_ptr<grpc::Channel> ServerHost::InProcessChannel() {
  return server_->InProcessChannel(grpc::ChannelArguments());
}

}  // namespace aislewatch
