#include "services/gateway/adapters/metrics_scraper.h"

#include <httplib.h>

#include <thread>
#include <utility>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"

namespace aislewatch::gateway {
namespace {

constexpr size_t kMaxScrape = size_t{4} << 20;

}  // namespace

ScrapeTarget ParseScrapeTarget(const std::string& text) {
  const size_t equals = text.find('=');
  return {text.substr(0, equals), text.substr(equals + 1)};
}

ServiceView MetricsScraper::ScrapeOne(const ScrapeTarget& target) {
  ServiceView view;
  view.name = target.name;
  view.address = target.address;
  std::string host = target.address.substr(0, target.address.rfind(':'));
  if (host.size() > 2 && host.front() == '[' && host.back() == ']') {
    host = host.substr(1, host.size() - 2);
  }
  int port = 0;
  if (!absl::SimpleAtoi(target.address.substr(target.address.rfind(':') + 1), &port)) {
    view.error = "the address is not HOST:PORT";
    return view;
  }
  httplib::Client client(host, port);
  client.set_connection_timeout(1);
  client.set_read_timeout(2);
  std::string text;
  const auto result = client.Get("/metrics", [&text](const char* data, size_t size) {
    text.append(data, size);
    return text.size() <= kMaxScrape;
  });
  if (!result) {
    view.error = "it does not answer";
  } else if (result->status != 200) {
    view.error = absl::StrCat("it answers with HTTP status ", result->status);
  } else {
    const std::vector<Sample> samples = ParseMetrics(text);
    Describe(samples, view);
    view.metrics["dropRate"] = drops_.Since(target.name + "@" + target.address, DropsOf(samples));
  }
  return view;
}

std::vector<ServiceView> MetricsScraper::Scrape() {
  std::vector<ServiceView> views(targets_.size());
  std::vector<std::thread> threads;
  for (size_t i = 0; i < targets_.size(); ++i) {
    threads.emplace_back([this, &views, i] { views[i] = ScrapeOne(targets_[i]); });
  }
  for (std::thread& thread : threads) thread.join();
  return views;
}

}  // namespace aislewatch::gateway
