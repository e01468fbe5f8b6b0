#include "cli/cluster/launch.h"

#include <algorithm>
#include <cstdlib>
#include <thread>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"

namespace aislewatch {
namespace {

using Services = std::vector<LaunchedService>;

// What another machine cannot reach.
bool IsLoopback(const std::string& listen) {
  return absl::StartsWith(listen, "127.") || absl::StartsWith(listen, "localhost:") ||
         absl::StartsWith(listen, "[::1]:");
}

std::string AddressOf(int port) { return absl::StrCat("127.0.0.1:", port); }

// The flags of one service while they are put together.
class Flags {
 public:
  Flags(const LaunchPlan& plan, const LaunchedService& service) : service_(service.name) {
    if (const auto it = plan.flags.find(service.name); it != plan.flags.end()) given_ = it->second;
    argv_ = {absl::StrCat(plan.bin_dir, "/aislewatch-", service.name)};
    Set("listen", AddressOf(service.port));
    Set("metrics-listen", AddressOf(service.metrics_port));
    Set("port-file", service.port_file);
  }

  void Set(absl::string_view flag) { argv_.push_back(absl::StrCat("--", flag)); }
  template <class Value>
  void Set(absl::string_view flag, const Value& value) {
    argv_.push_back(absl::StrCat("--", flag, "=", value));
  }

  // What fits one machine, unless the user gave another.
  template <class Value>
  void Choose(absl::string_view flag, const Value& value) {
    const std::string name = absl::StrCat("--", flag);
    if (std::any_of(given_.begin(), given_.end(), [&](const std::string& one) {
          return one == name || absl::StartsWith(one, name + "=");
        })) {
      return;
    }
    const std::string variable = absl::AsciiStrToUpper(
        absl::StrReplaceAll(absl::StrCat("aislewatch-", service_, "-", flag), {{"-", "_"}}));
    if (std::getenv(variable.c_str()) == nullptr) Set(flag, value);
  }

  std::vector<std::string> Finish() && {
    argv_.insert(argv_.end(), given_.begin(), given_.end());
    return std::move(argv_);
  }

 private:
  const std::string service_;
  std::vector<std::string> given_;
  std::vector<std::string> argv_;
};

void GiveEvents(const LaunchPlan& plan, Flags& flags) {
  flags.Set("database", plan.database);
  if (plan.require_credentials) flags.Set("require-credentials");
  if (!plan.secrets_key_file.empty()) flags.Choose("secrets-key-file", plan.secrets_key_file);
  if (!plan.site_key.empty()) flags.Choose("site-key", plan.site_key);
}

void GiveIngest(const LaunchPlan& plan, const Services& all, Flags& flags) {
  for (const LaunchedService& other : all) {
    if (other.name != "ingest" && other.name != "gateway") {
      flags.Set(other.name, AddressOf(other.port));
    }
  }
  flags.Set("outbox", absl::StrCat(plan.data_dir, "/outbox.sqlite"));
  flags.Choose("image-encoding", "bgr");
  if (!plan.leases) flags.Set("no-leases");
  if (plan.require_credentials) flags.Set("events-token-file", plan.ingest_token_file);
}

void GiveGateway(const LaunchPlan& plan, const LaunchedService& service, const Services& all,
                 Flags& flags) {
  const std::string& listen = plan.http_listen;
  flags.Set("http-listen",
            service.http_port == 0
                ? listen
                : absl::StrCat(listen.substr(0, listen.rfind(':')), ":", service.http_port));
  flags.Set("insecure-cookies");
  if (IsLoopback(listen) && !plan.require_credentials) flags.Set("allow-anonymous");
  if (!plan.console.empty()) flags.Set("console", plan.console);
  for (const LaunchedService& other : all) {
    if (other.name == service.name) continue;
    if (other.name == "events" || other.name == "ingest") {
      flags.Set(other.name, AddressOf(other.port));
    }
    flags.Set("service", absl::StrCat(other.name, "=", AddressOf(other.metrics_port)));
  }
}

}  // namespace

std::vector<std::string> LaunchArguments(const LaunchPlan& plan, const LaunchedService& service,
                                         const Services& all) {
  Flags flags(plan, service);
  if (service.name == "pose" || service.name == "classifier" || service.name == "fusion") {
    for (const std::string& folder : plan.model_repositories) {
      flags.Set("model-repository", folder);
    }
    if (!plan.newer_models) flags.Choose("model-refresh", "0s");
  }
  if (service.name == "pose") {
    // The machine is ours; in Kubernetes a pod's share is for its flags to say.
    flags.Choose("inference-threads", std::clamp(std::thread::hardware_concurrency(), 1U, 4U));
  }
  if (service.name == "events") GiveEvents(plan, flags);
  if (service.name == "ingest") GiveIngest(plan, all, flags);
  if (service.name == "gateway") GiveGateway(plan, service, all, flags);
  return std::move(flags).Finish();
}

}  // namespace aislewatch
