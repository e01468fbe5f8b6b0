#include "cli/cluster/cluster_flags.h"

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "cli/cluster/local_access.h"
#include "common/base/status.h"
#include "common/rpc/credential.h"

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
                       "\" must begin with events:, pose:, classifier:, fusion:, ingest: "
                       "or gateway:"));
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
  if (service == "events") AddTokenFlag(command, flags);
}

void AddTokenFlag(CLI::App& command, FindServiceFlags& flags) {
  command.add_option("--token-file", flags.token_file,
                     "File with an API token, where event storage asks for one; or set "
                     "AISLEWATCH_TOKEN");
}

namespace {

// What calls of event storage carry; null where nothing is.
absl::StatusOr<CredentialSource> FindCredential(const FindServiceFlags& flags) {
  if (!flags.token_file.empty()) return CredentialFromFile(flags.token_file);
  const char* set = std::getenv("AISLEWATCH_TOKEN");
  if (set == nullptr || *set == 0) {
    // What `up --require-credentials` left for commands on its machine; never sent elsewhere.
    const std::string file = flags.address.empty() ? CommandTokenFile(flags.data_dir) : "";
    if (file.empty()) return CredentialSource();
    return CredentialFromFile(file);
  }
  const std::string token(absl::StripAsciiWhitespace(set));
  // gRPC aborts the process that sends anything else.
  if (!std::all_of(token.begin(), token.end(), [](char c) { return absl::ascii_isgraph(c); })) {
    return absl::InvalidArgumentError(
        "AISLEWATCH_TOKEN is no token; it has spaces or controls in it");
  }
  return FixedCredential(token);
}

}  // namespace

absl::StatusOr<std::shared_ptr<grpc::Channel>> FindService(const std::string& service,
                                                           const FindServiceFlags& flags) {
  CredentialSource credential;
  if (service == "events") {
    AW_ASSIGN_OR_RETURN(credential, FindCredential(flags));
  }
  if (!flags.address.empty()) {
    return MakeChannel(flags.address, flags.tls, std::move(credential));
  }
  if (flags.tls.enabled()) {
    return absl::InvalidArgumentError(
        absl::StrCat("--tls-ca, --tls-certificate and --tls-key are for a service that --", service,
                     " HOST:PORT names; what `aislewatch up` runs listens without TLS"));
  }
  const int port = ReadServicePort(flags.data_dir, service);
  if (port == 0) {
    return absl::NotFoundError(absl::StrCat("no running cluster in ", flags.data_dir,
                                            "; start one with `aislewatch up`, or name the service "
                                            "with --",
                                            service, " HOST:PORT"));
  }
  return MakeChannel(absl::StrCat("127.0.0.1:", port), TlsFiles(), std::move(credential));
}

}  // namespace aislewatch
