// The life of a service process, the same for all of them.
//
// flags → log → Prepare → metrics → Init (load models, register services) → listen → ready → wait
// for SIGTERM or SIGINT → not ready → Drain → gRPC shutdown → Stop → exit 0. Errors before "ready"
// are printed and end the process with 1; bad flags with CLI11's codes. --version and --help print
// and end it with 0.
#pragma once

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "common/base/metrics.h"
#include "common/rpc/server_host.h"

namespace CLI {
class App;
}

namespace aislewatch {

/// What differs between services. All calls come from the main thread.
class ServiceApp {
 public:
  virtual ~ServiceApp() = default;
  /// "pose": the program is aislewatch-pose, its environment AISLEWATCH_POSE_*.
  virtual absl::string_view name() const = 0;
  virtual absl::string_view description() const = 0;
  /// Adds flags beyond those of ServerOptions, and may change the defaults of those.
  virtual void AddFlags(CLI::App& app, ServerOptions& server) = 0;
  /// The flags have been read. False: what they asked for is done and there is nothing to serve, as
  /// with a flag such as --migrate-only; the process ends with 0.
  virtual absl::StatusOr<bool> Prepare() { return true; }
  /// Makes everything, adds gRPC services to `host`. May take long: models warm up here.
  virtual absl::Status Init(ServerHost& host) = 0;
  /// The host listens. Ready at once unless overridden by a service that must wait for others and
  /// calls SetReady by itself later.
  virtual void Started(ServerHost& host) { host.SetReady(true); }
  /// Stops taking work and finishes what was taken, by `deadline`.
  virtual void Drain(absl::Time deadline) = 0;
  /// The gRPC server has ended, or never began: threads and connections go, and so does whatever
  /// uses the host's metrics or workers, since the host is destroyed before the app.
  virtual void Stop() {}
};

/// The metrics aislewatch_<service>_build_info{version} and, under the name that Prometheus' own
/// clients give it, process_start_time_seconds.
void ExportProcess(absl::string_view service, absl::Time start, Metrics& metrics);

/// Runs `app` as described above and returns the process's exit code.
int RunService(ServiceApp& app, int argc, char** argv);

}  // namespace aislewatch
