// The gateway's flags.
#pragma once

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "common/rpc/tls.h"
#include "services/gateway/core/stream_pace.h"

namespace CLI {
class App;
}

namespace aislewatch::gateway {

struct Config {
  /// HOST:PORT of HTTP.
  std::string http_listen = "0.0.0.0:8080";
  /// PEM files; empty means plain HTTP.
  std::string http_certificate;
  std::string http_key;
  /// Event storage: HOST:PORT or dns:///NAME:PORT.
  std::string events;
  /// Ingest, likewise, or several; empty offers no live view.
  std::vector<std::string> ingest;
  TlsFiles dial;
  /// Folder of the built console; empty serves the API alone.
  std::string console;
  bool allow_anonymous = false;
  bool insecure_cookies = false;
  int http_threads = 320;
  int max_streams = 240;
  StreamPace pace;
  double requests_per_second = 50;
  double logins_per_minute = 10;
  /// NAME=HOST:PORT of /metrics, for the page "System".
  std::vector<std::string> services;
  std::string grafana_url;
  /// Addresses of proxies whose X-Forwarded-For is believed.
  std::vector<std::string> trusted_proxies;
};

/// Adds the flags to `app`; they write into `config`, which must outlive the parsing.
void AddFlags(CLI::App& app, Config& config);

/// INVALID_ARGUMENT names everything that cannot work.
absl::Status Validate(const Config& config);

}  // namespace aislewatch::gateway
