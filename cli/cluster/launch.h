// What each service of a local cluster is given on its command line.
#pragma once

#include <map>
#include <string>
#include <vector>

namespace aislewatch {

/// A service as the others see it; ports are 0 until it has bound them.
struct LaunchedService {
  std::string name;
  std::string port_file;
  int port = 0;
  int metrics_port = 0;
  int http_port = 0;
};

/// What all services of a cluster share.
struct LaunchPlan {
  std::string bin_dir;
  std::string data_dir;
  std::vector<std::string> model_repositories;
  /// libpq connection string.
  std::string database;
  /// What event storage encrypts secrets and signs exports with; empty where the database has keys
  /// of its own, or none.
  std::string secrets_key_file;
  std::string site_key;
  /// Whether ingest runs the registry's cameras.
  bool leases = true;
  /// Whether newer versions of models come to serve.
  bool newer_models = false;
  /// Whether everybody is asked for a credential, and ingest's token then.
  bool require_credentials = false;
  std::string ingest_token_file;
  std::string http_listen;
  std::string console;
  /// Further flags by service; they win over those that are chosen here, as do flags in the
  /// environment (AISLEWATCH_SERVICE_FLAG).
  std::map<std::string, std::vector<std::string>> flags;
};

/// Program and flags of `service`. `all` has every service that runs, in the order of
/// kServiceNames; those before it have bound their ports.
std::vector<std::string> LaunchArguments(const LaunchPlan& plan, const LaunchedService& service,
                                         const std::vector<LaunchedService>& all);

}  // namespace aislewatch
