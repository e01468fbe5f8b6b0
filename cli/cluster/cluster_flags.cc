#include "cli/cluster/cluster_flags.h"

#include <cstdlib>
#include <filesystem>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "common/base/status.h"
#include "common/rpc/channel.h"

namespace aislewatch {

void AddRunClusterFlags(CLI::App& command, RunClusterFlags& flags) {
  CLI::Option* data_dir =
      command.add_option("--data-dir", flags.data_dir, "Keep database, outbox and logs here");
  if (flags.data_dir.empty()) {
    data_dir->default_str("a temporary folder");
  } else {
    data_dir->capture_default_str();
  }
  command.add_option("--model-repository", flags.model_repositories,
                     "Folder of models; may be given several times");
  command.add_option("--service-flag", flags.service_flags,
                     "Flag for one service, for example pose:--max-batch=4");
}

absl::StatusOr<LocalClusterOptions> MakeClusterOptions(const RunClusterFlags& flags,
                                                       const std::string& bin_dir) {
  LocalClusterOptions options;
  options.bin_dir = bin_dir;
  options.data_dir = flags.data_dir;
  options.model_repositories = flags.model_repositories.empty() ? DefaultModelRepositories(bin_dir)
                                                                : flags.model_repositories;
  for (const std::string& flag : flags.service_flags) {
    bool known = false;
    for (const char* service : kServiceNames) {
      const std::string prefix = absl::StrCat(service, ":");
      if (!absl::StartsWith(flag, prefix)) continue;
      options.flags[service].push_back(flag.substr(prefix.size()));
      known = true;
    }
    if (!known) {
      return absl::InvalidArgumentError(
          absl::StrCat("--service-flag \"", flag,
                       "\" must begin with events:, pose:, classifier:, fusion: or "
                       "ingest:"));
    }
  }
  return options;
}

std::string DefaultDataDir() {
  const char* set = std::getenv("AISLEWATCH_DATA_DIR");
  if (set != nullptr && *set != 0) return set;
  return (std::filesystem::current_path() / "aislewatch-data").string();
}

void AddFindServiceFlags(CLI::App& command, const std::string& service, FindServiceFlags& flags) {
  flags.data_dir = DefaultDataDir();
  command.add_option(absl::StrCat("--", service), flags.address,
                     absl::StrCat("HOST:PORT of the ", service, " service"));
  command
      .add_option("--data-dir", flags.data_dir,
                  "Data folder of a running `aislewatch up`, to find the service by")
      ->capture_default_str();
  AddDialFlags(command, "", flags.tls);
}

absl::StatusOr<std::shared_ptr<grpc::Channel>> FindService(const std::string& service,
                                                           const FindServiceFlags& flags) {
  if (!flags.address.empty()) return MakeChannel(flags.address, flags.tls);
  const int port = ReadServicePort(flags.data_dir, service);
  if (port == 0) {
    return absl::NotFoundError(absl::StrCat("no running cluster in ", flags.data_dir,
                                            "; start one with `aislewatch up`, or name the service "
                                            "with --",
                                            service, " HOST:PORT"));
  }
  return MakeChannel(absl::StrCat("127.0.0.1:", port));
}

}  // namespace aislewatch
