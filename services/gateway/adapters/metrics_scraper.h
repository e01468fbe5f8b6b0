// Reads /metrics of the other services.
#pragma once

#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "services/gateway/core/service_view.h"

namespace aislewatch::gateway {

/// A service and where its metrics are.
struct ScrapeTarget {
  std::string name;
  /// HOST:PORT; an IPv6 address in brackets.
  std::string address;
};

/// "NAME=HOST:PORT" of --service, which was checked.
ScrapeTarget ParseScrapeTarget(const std::string& text);

/// The addresses behind the host of "HOST:PORT", as such addresses with numbers. Only those of the
/// family that has more of them, since a host with one of each is one host. Empty where nobody
/// knows the host. Blocks on the name server.
std::vector<std::string> ResolveReplicas(const std::string& address);

/// Thread-safe.
class MetricsScraper {
 public:
  using Resolve = std::function<std::vector<std::string>(const std::string& address)>;

  explicit MetricsScraper(std::vector<ScrapeTarget> targets, Resolve resolve = ResolveReplicas)
      : targets_(std::move(targets)), resolve_(std::move(resolve)) {}

  /// Asks every replica of every target that its name leads to, by an address of its own where
  /// there are several (a headless Service names its ready pods), 32 at a time; blocks for up to
  /// about 3 s where one does not answer, and as long as the name server takes for one. In the
  /// order of the targets.
  std::vector<ServiceView> Scrape();

 private:
  std::vector<ScrapeTarget> Replicas() const;
  ServiceView ScrapeOne(const ScrapeTarget& target);

  const std::vector<ScrapeTarget> targets_;
  const Resolve resolve_;
  DropRates drops_;
};

}  // namespace aislewatch::gateway
