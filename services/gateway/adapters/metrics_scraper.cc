#include "services/gateway/adapters/metrics_scraper.h"

#include <httplib.h>
#include <netdb.h>

#include <algorithm>
#include <atomic>
#include <future>
#include <set>
#include <thread>
#include <utility>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"

namespace aislewatch::gateway {
namespace {

constexpr size_t kMaxScrape = size_t{4} << 20;
constexpr size_t kScrapesAtOnce = 32;

// HOST, without the brackets of an IPv6 address, and PORT.
std::pair<std::string, std::string> SplitAddress(const std::string& address) {
  const size_t colon = address.rfind(':');
  std::string host = address.substr(0, colon);
  if (host.size() > 2 && host.front() == '[' && host.back() == ']') {
    host = host.substr(1, host.size() - 2);
  }
  return {host, colon == std::string::npos ? "" : address.substr(colon + 1)};
}

}  // namespace

ScrapeTarget ParseScrapeTarget(const std::string& text) {
  const size_t equals = text.find('=');
  return {text.substr(0, equals), text.substr(equals + 1)};
}

std::vector<std::string> ResolveReplicas(const std::string& address) {
  const auto [host, port] = SplitAddress(address);
  addrinfo hints = {};
  hints.ai_socktype = SOCK_STREAM;
  addrinfo* found = nullptr;
  if (getaddrinfo(host.c_str(), port.c_str(), &hints, &found) != 0) return {};
  // Sorted, so that rows keep their places while name servers turn theirs.
  std::set<std::string> v4, v6;
  for (const addrinfo* one = found; one != nullptr; one = one->ai_next) {
    char text[NI_MAXHOST];
    if (getnameinfo(one->ai_addr, one->ai_addrlen, text, sizeof(text), nullptr, 0,
                    NI_NUMERICHOST) != 0) {
      continue;
    }
    if (one->ai_family == AF_INET6) {
      v6.insert(absl::StrCat("[", text, "]:", port));
    } else {
      v4.insert(absl::StrCat(text, ":", port));
    }
  }
  freeaddrinfo(found);
  const std::set<std::string>& more = v6.size() > v4.size() ? v6 : v4;
  return {more.begin(), more.end()};
}

ServiceView MetricsScraper::ScrapeOne(const ScrapeTarget& target) {
  ServiceView view;
  view.name = target.name;
  view.address = target.address;
  const auto [host, port_text] = SplitAddress(target.address);
  int port = 0;
  if (!absl::SimpleAtoi(port_text, &port)) {
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

std::vector<ScrapeTarget> MetricsScraper::Replicas() const {
  // At once, since each waits where the name server is away.
  std::vector<std::future<std::vector<std::string>>> answers;
  for (const ScrapeTarget& target : targets_) {
    answers.push_back(std::async(std::launch::async, resolve_, target.address));
  }
  std::vector<ScrapeTarget> replicas;
  for (size_t i = 0; i < targets_.size(); ++i) {
    const ScrapeTarget& target = targets_[i];
    const std::vector<std::string> addresses = answers[i].get();
    if (addresses.size() < 2) {
      replicas.push_back(target);
      continue;
    }
    for (const std::string& address : addresses) replicas.push_back({target.name, address});
  }
  return replicas;
}

std::vector<ServiceView> MetricsScraper::Scrape() {
  const std::vector<ScrapeTarget> replicas = Replicas();
  std::vector<ServiceView> views(replicas.size());
  std::atomic<size_t> next{0};
  std::vector<std::thread> threads;
  for (size_t i = 0; i < std::min(kScrapesAtOnce, replicas.size()); ++i) {
    threads.emplace_back([this, &replicas, &views, &next] {
      for (size_t at = next++; at < replicas.size(); at = next++)
        views[at] = ScrapeOne(replicas[at]);
    });
  }
  for (std::thread& thread : threads) thread.join();
  return views;
}

}  // namespace aislewatch::gateway
