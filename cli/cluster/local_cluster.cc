#include "cli/cluster/local_cluster.h"

#include <algorithm>
#include <cstdlib>
#include <deque>
#include <filesystem>
#include <fstream>
#include <thread>
#include <utility>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "absl/time/clock.h"
#include "cli/cluster/key_files.h"
#include "cli/cluster/launch.h"
#include "common/base/log.h"
#include "common/base/status.h"
#include "common/rpc/channel.h"
#include "common/rpc/health.h"

namespace aislewatch {
namespace {

constexpr absl::Duration kPoll = absl::Milliseconds(20);
constexpr absl::Duration kRestartPause = absl::Milliseconds(200);
constexpr absl::Duration kLongestRestartPause = absl::Seconds(10);
// A service that ran for so long is taken to have been healthy; its back-off starts anew.
constexpr absl::Duration kHealthyAfter = absl::Seconds(30);
constexpr int kLogTailLines = 12;

// "grpc=PORT\nmetrics=PORT\n..." as ServerHost writes it.
std::map<std::string, int> ReadPortFile(const std::string& path) {
  std::map<std::string, int> ports;
  std::ifstream file(path);
  for (std::string line; std::getline(file, line);) {
    const std::vector<std::string> parts = absl::StrSplit(line, '=');
    int port = 0;
    if (parts.size() == 2 && absl::SimpleAtoi(parts[1], &port)) ports[parts[0]] = port;
  }
  return ports;
}

}  // namespace

// Ports are kept over restarts.
struct LocalCluster::Service : LaunchedService {
  std::string log_file;
  // Guarded by the cluster's mutex, as ports are.
  std::unique_ptr<ChildProcess> process;
  int restarts = 0;
  absl::Time started;
  absl::Time restart_at = absl::InfiniteFuture();
  absl::Duration pause = kRestartPause;
  std::shared_ptr<grpc::Channel> channel;
};

int ReadServicePort(const std::string& data_dir, const std::string& service) {
  const auto ports = ReadPortFile(absl::StrCat(data_dir, "/run/", service, ".ports"));
  const auto it = ports.find("grpc");
  return it == ports.end() ? 0 : it->second;
}

std::vector<std::string> DefaultModelRepositories(const std::string& bin_dir) {
  if (const char* set = std::getenv("AISLEWATCH_MODEL_REPOSITORY"); set != nullptr && *set != 0) {
    return absl::StrSplit(set, ':');
  }
  std::vector<std::string> found;
  const std::filesystem::path root = std::filesystem::path(bin_dir) / ".." / ".." / "..";
  for (const std::filesystem::path& candidate :
       {root / "models" / "pretrained", root / "build" / "models",
        std::filesystem::path("/usr/share/aislewatch/models")}) {
    std::error_code error;
    const auto canonical = std::filesystem::canonical(candidate, error);
    if (!error) found.push_back(canonical.string());
  }
  return found;
}

std::string DefaultConsole(const std::string& bin_dir) {
  if (const char* set = std::getenv("AISLEWATCH_CONSOLE"); set != nullptr && *set != 0) return set;
  for (const std::filesystem::path& candidate :
       {std::filesystem::path(bin_dir) / ".." / ".." / "console",
        std::filesystem::path("/usr/share/aislewatch/console")}) {
    std::error_code error;
    if (std::filesystem::exists(candidate / "index.html", error)) {
      return std::filesystem::canonical(candidate, error).string();
    }
  }
  return "";
}

LocalCluster::LocalCluster(const LocalClusterOptions& options) : options_(options) {}

absl::StatusOr<std::unique_ptr<LocalCluster>> LocalCluster::Start(
    const LocalClusterOptions& options) {
  std::unique_ptr<LocalCluster> cluster(new LocalCluster(options));
  AW_RETURN_IF_ERROR(cluster->StartAll());
  return cluster;
}

LocalCluster::~LocalCluster() { Stop(); }

absl::Status LocalCluster::StartAll() {
  const absl::Time deadline = absl::Now() + options_.start_timeout;
  if (options_.data_dir.empty()) {
    AW_ASSIGN_OR_RETURN(TemporaryFolder folder, TemporaryFolder::Create());
    options_.data_dir = folder.path();
    temporary_.emplace(std::move(folder));
  }
  run_dir_ = absl::StrCat(options_.data_dir, "/run");
  std::error_code error;
  std::filesystem::create_directories(run_dir_, error);
  std::filesystem::create_directories(absl::StrCat(options_.data_dir, "/log"), error);
  if (error) {
    return absl::InvalidArgumentError(absl::StrCat("cannot create ", options_.data_dir, ": ",
                                                   error.message(),
                                                   "; choose another folder with --data-dir"));
  }
  const auto runs = [this](const char* name) {
    return std::count(options_.services.begin(), options_.services.end(), name) > 0;
  };
  if (runs("events") && options_.database.empty()) {
    PrivatePostgres::Options postgres;
    postgres.directory = absl::StrCat(options_.data_dir, "/postgres");
    AW_ASSIGN_OR_RETURN(postgres_, PrivatePostgres::Start(postgres));
    AW_RETURN_IF_ERROR(EnsureSecretsKey(InDataDir("secrets.key")));
    AW_RETURN_IF_ERROR(EnsureSiteKey(InDataDir("site-key.pem")));
  }
  AW_RETURN_IF_ERROR(BeginAccess(deadline));
  for (const char* name : kServiceNames) {
    if (!runs(name)) continue;
    auto service = std::make_unique<Service>();
    service->name = name;
    service->port_file = absl::StrCat(run_dir_, "/", name, ".ports");
    service->log_file = absl::StrCat(options_.data_dir, "/log/", name, ".log");
    std::filesystem::remove(service->port_file, error);
    services_.push_back(std::move(service));
  }
  for (auto& service : services_) {
    AW_RETURN_IF_ERROR(AwaitPortsOfOthers(*service, deadline));
    if (service->name == "ingest") AW_RETURN_IF_ERROR(FinishAccess(deadline));
    AW_RETURN_IF_ERROR(Spawn(*service));
  }
  for (auto& service : services_) {
    AW_RETURN_IF_ERROR(AwaitPorts(*service, deadline));
    AW_RETURN_IF_ERROR(AwaitReady(*service, deadline));
  }
  supervisor_ = std::thread([this] { Supervise(); });
  return absl::OkStatus();
}

std::string LocalCluster::Database() const {
  return postgres_ != nullptr ? postgres_->connection_string() : options_.database;
}

absl::Status LocalCluster::BeginAccess(absl::Time deadline) {
  if (!options_.require_credentials) return absl::OkStatus();
  LocalAccess::Options access;
  access.folder = CredentialsFolder(options_.data_dir);
  access.admin = options_.admin;
  access.password_file = options_.admin_password_file;
  access_ = std::make_unique<LocalAccess>(access);
  return access_->CreateAdmin(absl::StrCat(options_.bin_dir, "/aislewatch-events"), Database(),
                              deadline);
}

// Ingest's token, before it starts; and calls of this process carry the one of its commands.
absl::Status LocalCluster::FinishAccess(absl::Time deadline) {
  if (access_ == nullptr) return absl::OkStatus();
  for (auto& service : services_) {
    if (service->name != "events") continue;
    AW_RETURN_IF_ERROR(AwaitReady(*service, deadline));
    AW_RETURN_IF_ERROR(access_->MakeTokens(service->channel, deadline));
    AW_ASSIGN_OR_RETURN(events_credential_, CredentialFromFile(access_->command_token_file()));
    AW_RETURN_IF_ERROR(AwaitPorts(*service, deadline));  // Makes the channel anew.
  }
  return absl::OkStatus();
}

// Flags of ingest and of the gateway name the addresses of those before them.
absl::Status LocalCluster::AwaitPortsOfOthers(const Service& service, absl::Time deadline) {
  if (service.name != "ingest" && service.name != "gateway") return absl::OkStatus();
  for (auto& other : services_) {
    if (other.get() == &service) break;
    AW_RETURN_IF_ERROR(AwaitPorts(*other, deadline));
  }
  return absl::OkStatus();
}

LaunchPlan LocalCluster::Plan() const {
  LaunchPlan plan;
  plan.bin_dir = options_.bin_dir;
  plan.data_dir = options_.data_dir;
  plan.model_repositories = options_.model_repositories;
  plan.database = Database();
  // A database of somebody else has keys of its own, or none.
  if (postgres_ != nullptr) {
    plan.secrets_key_file = InDataDir("secrets.key");
    plan.site_key = InDataDir("site-key.pem");
  }
  plan.leases = options_.leases;
  plan.newer_models = options_.newer_models;
  plan.require_credentials = access_ != nullptr;
  if (access_ != nullptr) plan.ingest_token_file = access_->ingest_token_file();
  plan.http_listen = options_.http_listen;
  plan.console = options_.console;
  plan.flags = options_.flags;
  return plan;
}

std::string LocalCluster::InDataDir(absl::string_view name) const {
  return absl::StrCat(options_.data_dir, "/", name);
}

absl::Status LocalCluster::Spawn(Service& service) {
  std::vector<LaunchedService> all;
  LaunchedService self;
  {
    absl::MutexLock lock(&mutex_);
    for (const auto& other : services_) all.push_back(*other);
    self = service;
  }
  ChildProcess::Options child;
  child.argv = LaunchArguments(Plan(), self, all);
  child.log_file = service.log_file;
  AW_ASSIGN_OR_RETURN(auto process, ChildProcess::Spawn(child));
  absl::MutexLock lock(&mutex_);
  service.process = std::move(process);
  service.started = absl::Now();
  return absl::OkStatus();
}

std::string LocalCluster::LogTail(const Service& service) const {
  std::ifstream file(service.log_file);
  std::deque<std::string> tail;
  for (std::string line; std::getline(file, line);) {
    tail.push_back(std::move(line));
    if (tail.size() > kLogTailLines) tail.pop_front();
  }
  return absl::StrCat("the end of ", service.log_file, ":\n  ", absl::StrJoin(tail, "\n  "));
}

absl::Status LocalCluster::AwaitPorts(Service& service, absl::Time deadline) {
  while (absl::Now() < deadline) {
    const auto ports = ReadPortFile(service.port_file);
    if (ports.count("grpc") > 0 && ports.count("metrics") > 0) {
      absl::MutexLock lock(&mutex_);
      service.port = ports.at("grpc");
      service.metrics_port = ports.at("metrics");
      if (const auto http = ports.find("http"); http != ports.end()) {
        service.http_port = http->second;
      }
      AW_ASSIGN_OR_RETURN(
          service.channel,
          MakeChannel(absl::StrCat("127.0.0.1:", service.port), TlsFiles(),
                      service.name == "events" ? events_credential_ : CredentialSource()));
      return absl::OkStatus();
    }
    if (const auto exit = service.process->exit_status(); exit.has_value()) {
      return absl::UnavailableError(
          absl::StrCat("aislewatch-", service.name, " ", exit->ToString(), "; ", LogTail(service)));
    }
    service.process->Wait(kPoll);
  }
  return absl::DeadlineExceededError(
      absl::StrCat("aislewatch-", service.name, " did not listen in time; ", LogTail(service)));
}

absl::Status LocalCluster::AwaitReady(Service& service, absl::Time deadline) {
  while (absl::Now() < deadline) {
    const auto serving = IsServing(service.channel, "readiness", deadline);
    if (serving.ok() && *serving) return absl::OkStatus();
    if (const auto exit = service.process->Wait(kPoll); exit.has_value()) {
      return absl::UnavailableError(
          absl::StrCat("aislewatch-", service.name, " ", exit->ToString(), "; ", LogTail(service)));
    }
  }
  return absl::DeadlineExceededError(
      absl::StrCat("aislewatch-", service.name, " was not ready in time; ", LogTail(service)));
}

// Starts again what has ended: services with back-off, PostgreSQL at once (its own recovery takes
// what time it needs).
void LocalCluster::Supervise() {
  const auto stopping = [this]() ABSL_SHARED_LOCKS_REQUIRED(mutex_) { return stopping_; };
  while (true) {
    std::vector<Service*> due;
    {
      absl::MutexLock lock(&mutex_);
      if (mutex_.AwaitWithTimeout(absl::Condition(&stopping), kPoll * 5)) return;
      const absl::Time now = absl::Now();
      for (auto& service : services_) {
        if (service->process != nullptr && service->process->running()) continue;
        if (service->restart_at == absl::InfiniteFuture()) {
          if (now - service->started > kHealthyAfter) service->pause = kRestartPause;
          service->restart_at = now + service->pause;
          service->pause = std::min(service->pause * 2, kLongestRestartPause);
          LogWarning("service ended; starting it again", {{"name", service->name}});
        }
        if (now >= service->restart_at) {
          service->restart_at = absl::InfiniteFuture();
          ++service->restarts;
          due.push_back(service.get());
        }
      }
    }
    if (postgres_ != nullptr && !postgres_->running()) {
      LogWarning("PostgreSQL ended; starting it again");
      if (const auto status = postgres_->Restart(); !status.ok()) {
        LogError("PostgreSQL does not start", {{"error", std::string(status.message())}});
      }
    }
    for (Service* service : due) {
      if (const auto status = Spawn(*service); !status.ok()) {
        LogError("service does not start", {{"error", std::string(status.message())}});
      }
    }
  }
}

void LocalCluster::Stop() {
  {
    absl::MutexLock lock(&mutex_);
    stopping_ = true;
  }
  if (supervisor_.joinable()) supervisor_.join();
  // Ingest first: it has answers to wait for and an outbox to flush. Then the rest at once.
  const auto terminate = [](Service& service) {
    if (service.process != nullptr) service.process->Terminate(absl::Seconds(15));
  };
  for (auto& service : services_) {
    if (service->name == "ingest") terminate(*service);
  }
  for (auto& service : services_) {
    if (service->process != nullptr) service->process->Signal(SIGTERM);
  }
  for (auto& service : services_) terminate(*service);
  if (postgres_ != nullptr) postgres_->Stop();
  std::error_code ignored;
  for (auto& service : services_) std::filesystem::remove(service->port_file, ignored);
}

const LocalCluster::Service* LocalCluster::Find(const std::string& name) const {
  for (const auto& service : services_) {
    if (service->name == name) return service.get();
  }
  return nullptr;
}

absl::StatusOr<std::shared_ptr<grpc::Channel>> LocalCluster::Channel(
    const std::string& name) const {
  const Service* service = Find(name);
  if (service == nullptr) return absl::NotFoundError(absl::StrCat(name, " was not started"));
  absl::MutexLock lock(&mutex_);
  return service->channel;
}

std::vector<ServiceProcess> LocalCluster::Processes() const {
  absl::MutexLock lock(&mutex_);
  std::vector<ServiceProcess> processes;
  for (const auto& service : services_) {
    processes.push_back({service->name, absl::StrCat("127.0.0.1:", service->port),
                         absl::StrCat("127.0.0.1:", service->metrics_port), service->http_port,
                         service->process == nullptr ? 0 : service->process->pid(),
                         service->restarts});
  }
  return processes;
}

}  // namespace aislewatch
