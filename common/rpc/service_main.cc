#include "common/rpc/service_main.h"

#include <csignal>
#include <cstdio>
#include <string>

#include <CLI/CLI.hpp>

#include "absl/strings/str_cat.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/clock.h"
#include "common/base/log.h"
#include "common/config/flags.h"

namespace aislewatch {
namespace {

int Fail(ServiceApp& app, const absl::Status& status) {
  std::fprintf(stderr, "aislewatch-%s: %s\n", std::string(app.name()).c_str(),
               std::string(status.message()).c_str());
  return 1;
}

sigset_t TerminationSignals() {
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGTERM);
  sigaddset(&signals, SIGINT);
  return signals;
}

}  // namespace

void ExportProcess(absl::string_view service, absl::Time start, Metrics& metrics) {
  metrics
      .GetGauge(absl::StrCat("aislewatch_", service, "_build_info"), "1, for the version that runs",
                {{"version", AISLEWATCH_VERSION}})
      .Set(1);
  metrics.GetGauge("process_start_time_seconds", "When the process started, in seconds since 1970")
      .Set(absl::ToDoubleSeconds(start - absl::UnixEpoch()));
}

int RunService(ServiceApp& app, int argc, char** argv) {
  const absl::Time start = absl::Now();
  // Before the first thread, so that every thread inherits the mask and sigwait alone sees them.
  const sigset_t signals = TerminationSignals();
  // Debian builds Abseil with its lock-order check on, which aborts the process on a possible
  // deadlock. Tests keep it; a service that watches a shop goes on.
  absl::SetMutexDeadlockDetectionMode(absl::OnDeadlockCycle::kIgnore);
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);
  signal(SIGPIPE, SIG_IGN);

  ServerOptions options;
  CLI::App flags(std::string(app.description()),
                 absl::StrCat("aislewatch-", app.name()));
  app.AddFlags(flags, options);
  AddServerFlags(flags, options);
  flags.set_version_flag("--version",
                         absl::StrCat("aislewatch-", app.name(), " ", AISLEWATCH_VERSION));
  AddFlagSources(flags, app.name());
  CLI11_PARSE(flags, argc, argv);
  InitLogging(app.name(), options.log_level);

  const auto serve = app.Prepare();
  if (!serve.ok()) return Fail(app, serve.status());
  if (!*serve) return 0;
  auto host = ServerHost::Create(options);
  if (!host.ok()) return Fail(app, host.status());
  ExportProcess(app.name(), start, (*host)->metrics());
  absl::Status started = app.Init(**host);
  if (started.ok()) started = (*host)->Start();
  if (!started.ok()) {
    app.Stop();  // What it has made already may hold instruments of the host, which ends first.
    return Fail(app, started);
  }
  app.Started(**host);
  LogInfo("listening", {{"grpc_port", absl::StrCat((*host)->port())},
                        {"metrics_port", absl::StrCat((*host)->metrics_port())}});

  int signal_number = 0;
  sigwait(&signals, &signal_number);
  LogInfo("draining", {{"signal", signal_number == SIGTERM ? "SIGTERM" : "SIGINT"}});
  const absl::Time deadline = absl::Now() + options.drain_deadline;
  (*host)->SetReady(false);
  app.Drain(deadline);
  (*host)->Shutdown(deadline);
  app.Stop();
  LogInfo("stopped");
  return 0;
}

}  // namespace aislewatch
