// The whole cluster on one machine, as real processes over loopback gRPC.
//
// `aislewatch up`, `analyze`, `bench cluster` and the evaluators run the same programs that
// Kubernetes does; there is no second code path. Services get free ports on 127.0.0.1; PostgreSQL
// listens on a unix socket only. A service that dies is started again, with back-off, on the port
// that it had, so that streams find it.
//
// Thread-safe. Start and Stop block. Where this process is killed, the services die with it.
#pragma once

#include <grpcpp/channel.h>

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"
#include "cli/cluster/launch.h"
#include "cli/cluster/local_access.h"
#include "cli/cluster/temporary_folder.h"
#include "common/process/child_process.h"
#include "common/process/private_postgres.h"
#include "common/rpc/credential.h"

namespace aislewatch {

/// The services by their short names, each after those whose addresses its flags name.
inline constexpr const char* kServiceNames[] = {"events", "pose",   "classifier",
                                                "fusion", "ingest", "gateway"};

struct LocalClusterOptions {
  /// Folder with the programs aislewatch-pose and so on.
  std::string bin_dir;
  /// Database, outbox and logs; created when absent, kept at the end. Empty takes a temporary
  /// folder that is removed.
  std::string data_dir;
  /// Model repositories, in the order of search.
  std::vector<std::string> model_repositories;
  /// Services to run; the gateway and ingest need all others, the stages none. PostgreSQL runs with
  /// events.
  std::vector<std::string> services = {"events", "pose", "classifier", "fusion", "ingest"};
  /// Whether ingest runs the registry's cameras; without, it only takes frames that are pushed.
  bool leases = true;
  /// Whether newer versions of models come to serve while it runs. What measures must not have its
  /// model change half way.
  bool newer_models = false;
  /// Further flags by service.
  std::map<std::string, std::vector<std::string>> flags;
  /// How long everything may take until it is ready: models load and warm up, on a machine that may
  /// be busy. A service that ends is noticed at once.
  absl::Duration start_timeout = absl::Minutes(5);
  /// A database elsewhere (libpq connection string); empty runs a private one in data_dir.
  std::string database;
  /// HOST:PORT of the gateway's HTTP port; port 0 takes a free one. Whoever reaches a loopback
  /// address may do everything; elsewhere, and with require_credentials, people log in.
  std::string http_listen = "127.0.0.1:0";
  /// Folder of the built console; empty serves the API alone.
  std::string console;
  /// Event storage asks everybody for a credential; the first start adds an admin.
  bool require_credentials = false;
  /// The admin's name, and the file with the password; empty makes one up.
  std::string admin = "admin";
  std::string admin_password_file;
};

/// What `up` shows of a service.
struct ServiceProcess {
  std::string name;
  std::string address;          // HOST:PORT of gRPC.
  std::string metrics_address;  // HOST:PORT of /metrics.
  int http_port = 0;            // Of the gateway; 0 for others.
  pid_t pid = 0;
  int restarts = 0;
};

class LocalCluster {
 public:
  /// Starts everything and returns once all services are ready. Errors name the service and have
  /// the end of its log.
  static absl::StatusOr<std::unique_ptr<LocalCluster>> Start(const LocalClusterOptions& options);
  /// Stops what runs.
  ~LocalCluster();
  LocalCluster(const LocalCluster&) = delete;
  LocalCluster& operator=(const LocalCluster&) = delete;

  /// A channel to a service that was started; NOT_FOUND otherwise.
  absl::StatusOr<std::shared_ptr<grpc::Channel>> Channel(const std::string& service) const;
  std::vector<ServiceProcess> Processes() const;
  /// The private PostgreSQL; null where the database is elsewhere or events does not run.
  PrivatePostgres* postgres() { return postgres_.get(); }
  /// The admin and the tokens; null without require_credentials.
  const LocalAccess* access() const { return access_.get(); }
  /// SIGTERM in the order of the flow, so that ingest hands over what it has; then PostgreSQL.
  void Stop();

 private:
  struct Service;

  explicit LocalCluster(const LocalClusterOptions& options);
  absl::Status StartAll();
  absl::Status Spawn(Service& service);
  std::string Database() const;
  absl::Status BeginAccess(absl::Time deadline);
  absl::Status FinishAccess(absl::Time deadline);
  absl::Status AwaitPortsOfOthers(const Service& service, absl::Time deadline);
  absl::Status AwaitPorts(Service& service, absl::Time deadline);
  absl::Status AwaitReady(Service& service, absl::Time deadline);
  LaunchPlan Plan() const;
  std::string InDataDir(absl::string_view name) const;
  std::string LogTail(const Service& service) const;
  const Service* Find(const std::string& name) const;
  void Supervise();

  LocalClusterOptions options_;               // Constant after StartAll.
  std::optional<TemporaryFolder> temporary_;  // Goes when everything has stopped.
  std::string run_dir_;
  std::unique_ptr<PrivatePostgres> postgres_;
  // Constant after StartAll.
  std::unique_ptr<LocalAccess> access_;
  CredentialSource events_credential_;

  mutable absl::Mutex mutex_;
  std::vector<std::unique_ptr<Service>> services_;  // The vector is constant after StartAll.
  bool stopping_ ABSL_GUARDED_BY(mutex_) = false;
  std::thread supervisor_;
};

/// The gRPC port of a service that a cluster in `data_dir` bound last; 0 where there is none.
int ReadServicePort(const std::string& data_dir, const std::string& service);

/// Default model repositories: $AISLEWATCH_MODEL_REPOSITORY (colon separated), or models/pretrained
/// and build/models of the source tree that `bin_dir` was built from, or
/// /usr/share/aislewatch/models.
std::vector<std::string> DefaultModelRepositories(const std::string& bin_dir);

/// The built console: $AISLEWATCH_CONSOLE, build/console of the source tree that `bin_dir` was
/// built from, or /usr/share/aislewatch/console; empty where there is none.
std::string DefaultConsole(const std::string& bin_dir);

}  // namespace aislewatch
