// A gRPC server with what every service of Aislewatch has: health, reflection, metrics, limits.
//
// Health (grpc.health.v1): "liveness" is SERVING from Start to Shutdown; "readiness" and "" follow
// SetReady. They are served on the main port and, if asked for, on a plaintext port of their own.
// Thread-safe after Start.
#pragma once

#include <atomic>
#include <memory>
#include <string>

#include <grpcpp/server.h>
#include <grpcpp/server_builder.h>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/base/metrics.h"
#include "common/concurrency/thread_pool.h"
#include "common/rpc/channel.h"

namespace CLI {
class App;
}

namespace aislewatch {

struct ServerOptions {
  /// HOST:PORT; port 0 takes a free one.
  std::string listen = "0.0.0.0:50051";
  /// HOST:PORT of /metrics; port 0 takes a free one; empty serves none.
  std::string metrics_listen = "0.0.0.0:9090";
  /// HOST:PORT of a plaintext port with health alone; empty means none.
  std::string health_listen;
  /// Where to write "grpc=PORT", "metrics=PORT", "health=PORT" and what AddPort named once bound; empty
  /// means nowhere.
  std::string port_file;
  /// With `ca`, clients must present a certificate that it signed.
  TlsFiles tls;
  /// A connection is told to go away after this, so that new replicas get streams.
  absl::Duration max_connection_age = absl::Minutes(30);
  /// What an old connection's streams get before they are cut.
  absl::Duration connection_grace = absl::Seconds(20);
  /// From SIGTERM to the last answer.
  absl::Duration drain_deadline = absl::Seconds(10);
  /// Threads for work that must not block gRPC's; >= 1.
  int worker_threads = 4;
  std::string log_level = "info";
};

/// Adds the flags above.
void AddServerFlags(CLI::App& app, ServerOptions& options);

class ServerHost {
 public:
  /// Binds the metrics port. UNAVAILABLE where that fails.
  static absl::StatusOr<std::unique_ptr<ServerHost>> Create(ServerOptions options);
  ~ServerHost();

  /// Adds a service, which must outlive the host. Before Start only.
  void AddService(grpc::Service* service);
  /// A port that the service has bound by itself, for the port file. Before Start only.
  void AddPort(const std::string& name, int port);
  /// Binds and serves, not ready yet. UNAVAILABLE where a port is taken.
  absl::Status Start();
  void SetReady(bool ready);
  bool ready() const;
  /// Not ready, then ends: calls get until `deadline` to finish, then they are cancelled. The
  /// health port answers until then and cuts who still watches it. Blocks. Idempotent.
  void Shutdown(absl::Time deadline);

  /// Ports that were bound; 0 before Start.
  int port() const { return port_; }
  int health_port() const { return health_port_; }
  int metrics_port() const;
  const ServerOptions& options() const { return options_; }
  Metrics& metrics();
  /// For sessions and for unary calls that block.
  ThreadPool& workers() { return *workers_; }
  /// An in-process channel, for tests.
  std::shared_ptr<grpc::Channel> InProcessChannel();

 private:
  struct Exposition;
  explicit ServerHost(ServerOptions options);
  absl::Status WritePortFile() const;

  const ServerOptions options_;
  std::unique_ptr<Exposition> exposition_;
  std::unique_ptr<ThreadPool> workers_;
  grpc::ServerBuilder builder_;
  std::string further_ports_;  // Lines of the port file.
  std::unique_ptr<grpc::Server> server_;
  std::unique_ptr<grpc::Server> health_server_;
  int port_ = 0;
  int health_port_ = 0;
  std::atomic<bool> ready_ = false;
};

}  // namespace aislewatch
