// aislewatch up: the whole cluster on this machine, until Ctrl-C.

#include <arpa/inet.h>
#include <grpcpp/client_context.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <cstdio>
#include <ctime>
#include <memory>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "aislewatch/v1/cameras.grpc.pb.h"
#include "aislewatch/v1/events.grpc.pb.h"
#include "cli/camera_registry.h"
#include "cli/cluster/cluster_config.h"
#include "cli/cluster/cluster_flags.h"
#include "cli/commands/commands.h"
#include "cli/events_client.h"
#include "common/base/status.h"
#include "common/config/flags.h"
#include "common/rpc/convert.h"

namespace aislewatch {
namespace {

struct UpFlags {
  RunClusterFlags cluster;
  std::string config;
  std::vector<std::string> sources;
  std::string database;
  std::string http_listen;
  std::string console;
  bool require_credentials = false;
  std::string admin_password_file;
  absl::Duration run_for = absl::InfiniteDuration();
};

// Points a camera of --camera at its source, new or known: zones, rules and whatever else was set
// meanwhile stay.
absl::Status PutSource(v1::CameraRegistryService::Stub& stub, const v1::Camera& camera) {
  absl::StatusOr<v1::Camera> known = GetCamera(stub, camera.camera_id());
  if (absl::IsNotFound(known.status())) return PutCamera(stub, camera);
  if (known.ok()) {
    known->set_source_url(camera.source_url());
    known->set_loop(camera.loop());
    known = UpdateCamera(stub, *known);
  }
  return Annotate(known.status(), absl::StrCat("camera ", camera.camera_id()));
}

// An id can come from one of both alone.
absl::Status CheckApart(const std::vector<v1::Camera>& file, const std::vector<v1::Camera>& named) {
  for (const v1::Camera& one : file) {
    for (const v1::Camera& other : named) {
      if (one.camera_id() == other.camera_id()) {
        return absl::InvalidArgumentError(
            absl::StrCat("the file of --config has a ", one.camera_id(),
                         ", which is what --camera calls its own; name it otherwise there"));
      }
    }
  }
  return absl::OkStatus();
}

// Prints transitions as they are recorded, and goes on from its cursor when the stream breaks.
class IncidentPrinter {
 public:
  explicit IncidentPrinter(std::shared_ptr<grpc::Channel> events)
      : stub_(v1::EventStorageService::NewStub(std::move(events))), thread_([this] { Run(); }) {}
  ~IncidentPrinter() {
    {
      absl::MutexLock lock(&mutex_);
      stopping_ = true;
      if (context_ != nullptr) context_->TryCancel();
    }
    thread_.join();
  }

 private:
  void Run() {
    while (true) {
      grpc::ClientContext context;
      {
        absl::MutexLock lock(&mutex_);
        if (stopping_) return;
        context_ = &context;
      }
      v1::WatchIncidentsRequest request;
      request.set_cursor(cursor_);
      context.set_wait_for_ready(true);
      const auto reader = stub_->WatchIncidents(&context, request);
      v1::WatchIncidentsResponse response;
      while (reader->Read(&response)) {
        cursor_ = response.cursor();
        if (response.has_transition()) Print(response.transition());
      }
      (void)reader->Finish();
      const auto stopping = [this]() ABSL_SHARED_LOCKS_REQUIRED(mutex_) { return stopping_; };
      absl::MutexLock lock(&mutex_);
      context_ = nullptr;
      if (mutex_.AwaitWithTimeout(absl::Condition(&stopping), absl::Seconds(1))) return;
    }
  }

  static void Print(const v1::IncidentTransition& transition) {
    if (transition.kind() == v1::TRANSITION_KIND_UPDATED) return;
    const v1::Incident& incident = transition.incident();
    std::printf(
        "%s  %-6s %-9s %-16s %-20s risk %.2f  %s\n",
        absl::FormatTime("%H:%M:%S", FromProto(transition.time()), absl::LocalTimeZone()).c_str(),
        transition.kind() == v1::TRANSITION_KIND_OPENED ? "opened" : "closed",
        SeverityName(incident.severity()).c_str(), KindName(incident.kind()).c_str(),
        incident.camera_id().c_str(), incident.peak_risk(), incident.incident_id().c_str());
    std::fflush(stdout);
  }

  const std::unique_ptr<v1::EventStorageService::Stub> stub_;
  std::string cursor_;
  absl::Mutex mutex_;
  grpc::ClientContext* context_ ABSL_GUARDED_BY(mutex_) = nullptr;
  bool stopping_ ABSL_GUARDED_BY(mutex_) = false;
  std::thread thread_;
};

void PrintProcesses(const LocalCluster& cluster) {
  std::printf("%-12s %-22s %-28s %s\n", "service", "grpc", "metrics", "pid");
  for (const ServiceProcess& process : cluster.Processes()) {
    std::printf("%-12s %-22s http://%-21s %d\n", process.name.c_str(), process.address.c_str(),
                absl::StrCat(process.metrics_address, "/metrics").c_str(), process.pid);
  }
}

// The port that people guess, where it is free.
constexpr int kUsualHttpPort = 8080;

std::string UsualHttpListen() {
  const int probe = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  const int yes = 1;
  setsockopt(probe, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof(yes));
  sockaddr_in address = {};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  address.sin_port = htons(kUsualHttpPort);
  const bool free = bind(probe, reinterpret_cast<sockaddr*>(&address), sizeof(address)) == 0;
  close(probe);
  return absl::StrCat("127.0.0.1:", free ? kUsualHttpPort : 0);
}

void PrintConsole(const LocalCluster& cluster, const LocalClusterOptions& options) {
  std::string host = options.http_listen.substr(0, options.http_listen.rfind(':'));
  if (host.empty() || host == "0.0.0.0" || host == "[::]") host = "localhost";
  for (const ServiceProcess& process : cluster.Processes()) {
    if (process.http_port == 0) continue;
    std::printf("%s http://%s:%d/\n",
                options.console.empty() ? "API (no console is built)" : "console", host.c_str(),
                process.http_port);
  }
}

// A password that was made up is shown once, here, and kept nowhere.
void PrintAccess(const LocalCluster& cluster) {
  const LocalAccess* access = cluster.access();
  if (access == nullptr) return;
  if (access->new_password().empty()) {
    std::printf("people log in, machines send a token; `aislewatch users` and `tokens` add more\n");
    return;
  }
  std::printf(
      "log in as %s with the password %s (shown only now; `aislewatch users set %s --password` "
      "changes it)\n",
      access->admin().c_str(), access->new_password().c_str(), access->admin().c_str());
}

/// Returns when one of `signals` comes or `length` is over. Others interrupt sigtimedwait too: a
/// service that dies, for example, which is no reason to stop.
void WaitForSignal(const sigset_t& signals, absl::Duration length) {
  const absl::Time end = absl::Now() + length;
  while (true) {
    const timespec wait = absl::ToTimespec(std::max(end - absl::Now(), absl::ZeroDuration()));
    if (sigtimedwait(&signals, nullptr, &wait) >= 0 || errno != EINTR) return;
  }
}

absl::Status Run(const UpFlags& options, const std::string& bin_dir) {
  // Before the first thread: sigwait below must be the only one to see them.
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGTERM);
  sigaddset(&signals, SIGINT);
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);

  std::vector<v1::Camera> cameras;
  if (!options.config.empty()) {
    AW_ASSIGN_OR_RETURN(cameras, ReadClusterConfig(options.config));
  }
  AW_ASSIGN_OR_RETURN(const std::vector<v1::Camera> named, CamerasOfSources(options.sources));
  AW_RETURN_IF_ERROR(CheckApart(cameras, named));
  AW_ASSIGN_OR_RETURN(LocalClusterOptions cluster_options,
                      MakeClusterOptions(options.cluster, bin_dir));
  cluster_options.database = options.database;
  cluster_options.services.push_back("gateway");
  cluster_options.newer_models = true;
  cluster_options.http_listen =
      options.http_listen.empty() ? UsualHttpListen() : options.http_listen;
  cluster_options.console = options.console.empty() ? DefaultConsole(bin_dir) : options.console;
  cluster_options.require_credentials = options.require_credentials;
  cluster_options.admin_password_file = options.admin_password_file;
  std::fprintf(stderr, "starting the cluster in %s...\n", cluster_options.data_dir.c_str());
  AW_ASSIGN_OR_RETURN(const auto cluster, LocalCluster::Start(cluster_options));
  AW_ASSIGN_OR_RETURN(const auto events, cluster->Channel("events"));
  const auto registry = v1::CameraRegistryService::NewStub(events);
  for (const v1::Camera& camera : cameras) AW_RETURN_IF_ERROR(PutCamera(*registry, camera));
  for (const v1::Camera& camera : named) AW_RETURN_IF_ERROR(PutSource(*registry, camera));
  PrintProcesses(*cluster);
  PrintConsole(*cluster, cluster_options);
  PrintAccess(*cluster);
  std::printf("logs in %s/log; Ctrl-C stops everything\n", cluster_options.data_dir.c_str());
  std::fflush(stdout);

  const IncidentPrinter printer(events);
  if (options.run_for == absl::InfiniteDuration()) {
    int signal_number = 0;
    sigwait(&signals, &signal_number);
  } else {
    WaitForSignal(signals, options.run_for);
  }
  std::fprintf(stderr, "stopping...\n");
  return absl::OkStatus();
}

}  // namespace

void AddUpCommand(CLI::App& parent, CommandContext& context) {
  auto options = std::make_shared<UpFlags>();
  CLI::App* command =
      parent.add_subcommand("up", "Runs the whole cluster on this machine until Ctrl-C");
  command->footer(
      "Examples:\n  aislewatch up --camera rtsp://USER:PASSWORD@HOST/STREAM\n"
      "  aislewatch up --config deploy/cluster.example.yaml");
  command->add_option("--config", options->config, "YAML file with cameras, zones and rules");
  command->add_option("--camera", options->sources,
                      "Watch this: a video file, which is repeated, rtsp://..., http://..., or "
                      "device:N; as often as there are cameras, which are called camera-1, "
                      "camera-2, ... in this order");
  command->add_option("--database", options->database,
                      "libpq connection string of a PostgreSQL elsewhere; default: a private one");
  command->add_option(
      "--http-listen", options->http_listen,
      "Address of the console and the API; default: 127.0.0.1:8080, or a free port where "
      "that is taken. Who reaches a loopback address may do everything; elsewhere people "
      "log in");
  command->add_option("--console", options->console,
                      "Folder of the built console; default: the one beside this program");
  CLI::Option* require = command->add_flag("--require-credentials", options->require_credentials,
                                           "People log in and machines send a token, on loopback "
                                           "addresses, too. The first start adds a user "
                                           "admin and prints its password");
  command
      ->add_option("--admin-password-file", options->admin_password_file,
                   "File with that password, instead of one that is made up")
      ->needs(require);
  AddDurationFlag(*command, "--for", options->run_for, "Stop by itself after this");
  options->cluster.data_dir = DefaultDataDir();
  AddRunClusterFlags(*command, options->cluster);
  command->callback([&context, options] {
    context.run = [&context, options] { return Run(*options, context.bin_dir); };
  });
}

}  // namespace aislewatch
