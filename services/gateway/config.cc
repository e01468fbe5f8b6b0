#include "services/gateway/config.h"

#include <CLI/CLI.hpp>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "common/config/flags.h"
#include "common/rpc/channel.h"
#include "services/gateway/core/client_address.h"
#include "services/gateway/core/loopback.h"

namespace aislewatch::gateway {

void AddFlags(CLI::App& app, Config& config) {
  app.add_option("--http-listen", config.http_listen,
                 "Address of the HTTP port; port 0 takes a free one")
      ->capture_default_str();
  app.add_option(
      "--http-certificate", config.http_certificate,
      "PEM file of the certificate; without it plain HTTP, for behind a proxy that does TLS");
  app.add_option("--http-key", config.http_key, "PEM file of the certificate's key");
  app.add_option("--events", config.events, "Event storage: HOST:PORT or dns:///NAME:PORT");
  app.add_option(
         "--ingest", config.ingest,
         "Ingest, likewise, or several separated by commas; every address of the names is asked "
         "for live pictures; without it there are none")
      ->delimiter(',');
  AddDialFlags(app, "dial-", config.dial);
  app.add_option("--console", config.console,
                 "Folder of the built console; without it the API alone is served");
  app.add_flag(
      "--allow-anonymous", config.allow_anonymous,
      "Requests without a credential may do everything; for trials on a loopback address alone");
  app.add_flag("--insecure-cookies", config.insecure_cookies,
               "Sessions also over plain HTTP; for trials on this machine");
  app.add_option("--http-threads", config.http_threads, "HTTP connections that are served at once")
      ->check(CLI::Range(4, 4096))
      ->capture_default_str();
  app.add_option("--max-streams", config.max_streams,
                 "Of these, streams of incidents and live pictures; fewer than --http-threads")
      ->check(CLI::Range(1, 4096))
      ->capture_default_str();
  AddDurationFlag(app, "--stream-heartbeat", config.pace.heartbeat,
                  "A stream with nothing to tell says so after this, so that proxies keep it",
                  absl::Milliseconds(100));
  AddDurationFlag(
      app, "--stream-check", config.pace.check_caller,
      "How often open streams ask event storage whether their caller may still see them",
      absl::Milliseconds(100));
  app.add_option("--requests-per-second", config.requests_per_second,
                 "Requests of one caller per second; of one address ten times that")
      ->check(CLI::Range(0.1, 1e6))
      ->capture_default_str();
  app.add_option("--logins-per-minute", config.logins_per_minute,
                 "Tries to log in per minute of one address, and of one name")
      ->check(CLI::Range(0.1, 1e6))
      ->capture_default_str();
  app.add_option(
         "--service", config.services,
         "NAME=HOST:PORT of a service's /metrics for the page \"System\", every address that HOST "
         "has; several, or separated by commas")
      ->delimiter(',');
  app.add_option("--grafana-url", config.grafana_url, "Address of Grafana for the page \"System\"");
  app.add_option("--trusted-proxies", config.trusted_proxies,
                 "Addresses or networks (10.0.0.0/8) of proxies whose X-Forwarded-For is believed, "
                 "separated by commas")
      ->delimiter(',');
}

absl::Status Validate(const Config& config) {
  std::vector<std::string> faults;
  if (config.events.empty()) faults.push_back("--events must name HOST:PORT of event storage");
  if (config.allow_anonymous && !IsLoopbackHost(config.http_listen)) {
    faults.push_back(
        absl::StrCat("--allow-anonymous lets everybody do everything, so --http-listen must be "
                     "a loopback address such as 127.0.0.1:8080, not ",
                     config.http_listen));
  }
  if (config.http_certificate.empty() != config.http_key.empty()) {
    faults.push_back("--http-certificate and --http-key belong together");
  }
  if (config.max_streams >= config.http_threads) {
    faults.push_back(
        "--max-streams must be below --http-threads, so that requests have threads left");
  }
  for (const std::string& service : config.services) {
    const size_t equals = service.find('=');
    if (equals == std::string::npos || equals == 0 ||
        !absl::StrContains(service.substr(equals), ":")) {
      faults.push_back(absl::StrCat("--service ", service, " must be NAME=HOST:PORT"));
    }
  }
  if (!config.grafana_url.empty() && !absl::StartsWith(config.grafana_url, "https://") &&
      !absl::StartsWith(config.grafana_url, "http://")) {
    faults.push_back("--grafana-url must begin with https:// or http://");
  }
  if (const auto proxies = TrustedProxies::Parse(config.trusted_proxies); !proxies.ok()) {
    faults.emplace_back(proxies.status().message());
  }
  if (faults.empty()) return absl::OkStatus();
  return absl::InvalidArgumentError(absl::StrJoin(faults, "; "));
}

}  // namespace aislewatch::gateway
