// Flags that say where a cluster is, or how to run one, for all commands that need one.
#pragma once

#include <grpcpp/channel.h>

#include <CLI/CLI.hpp>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "cli/cluster/local_cluster.h"
#include "common/rpc/channel.h"

namespace aislewatch {

/// For commands that run a cluster of their own.
struct RunClusterFlags {
  /// Empty takes a temporary folder that is removed at the end.
  std::string data_dir;
  std::vector<std::string> model_repositories;
  /// "SERVICE:--flag=value".
  std::vector<std::string> service_flags;
};

void AddRunClusterFlags(CLI::App& command, RunClusterFlags& flags);

/// INVALID_ARGUMENT names a service flag that is none.
absl::StatusOr<LocalClusterOptions> MakeClusterOptions(const RunClusterFlags& flags,
                                                       const std::string& bin_dir);

/// For commands that talk to a running service: its address by flag, or where `up` left it.
struct FindServiceFlags {
  std::string address;
  std::string data_dir;
  /// For a service that `address` names; what `up` runs listens in plaintext on the loopback.
  TlsFiles tls;
  /// For event storage: file with an API token; empty takes $AISLEWATCH_TOKEN, where it is set.
  std::string token_file;
};

/// `service`: "events" or "ingest"; the flags are --events or --ingest, and those of TLS.
void AddFindServiceFlags(CLI::App& command, const std::string& service, FindServiceFlags& flags);

/// --token-file alone, for commands that find event storage in another way.
void AddTokenFlag(CLI::App& command, FindServiceFlags& flags);

/// NOT_FOUND says how to name or start a cluster.
absl::StatusOr<std::shared_ptr<grpc::Channel>> FindService(const std::string& service,
                                                           const FindServiceFlags& flags);

/// Where `up` keeps its data unless told otherwise: $AISLEWATCH_DATA_DIR or ./aislewatch-data.
std::string DefaultDataDir();

}  // namespace aislewatch
