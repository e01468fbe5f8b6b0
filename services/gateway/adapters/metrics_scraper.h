// Reads /metrics of the other services.
#pragma once

#include <string>
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

/// Thread-safe.
class MetricsScraper {
 public:
  explicit MetricsScraper(std::vector<ScrapeTarget> targets) : targets_(std::move(targets)) {}

  /// Asks all at once; blocks for up to about 3 s where one does not answer. In the order of the
  /// targets.
  std::vector<ServiceView> Scrape();

 private:
  ServiceView ScrapeOne(const ScrapeTarget& target);

  const std::vector<ScrapeTarget> targets_;
  DropRates drops_;
};

}  // namespace aislewatch::gateway
