#include "services/gateway/adapters/ingest_replicas.h"

#include <arpa/inet.h>
#include <netdb.h>

#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "absl/time/clock.h"
#include "common/base/log.h"
#include "common/rpc/channel.h"

namespace aislewatch::gateway {
namespace {

constexpr absl::Duration kResolveEvery = absl::Seconds(2);

}  // namespace

IngestReplicas::IngestReplicas(const std::vector<std::string>& targets, TlsFiles tls)
    : tls_(std::move(tls)) {
  for (absl::string_view target : targets) {
    absl::ConsumePrefix(&target, "dns:///");
    const size_t colon = target.rfind(':');
    Name name;
    name.host = std::string(target.substr(0, colon));
    if (colon != absl::string_view::npos) name.port = std::string(target.substr(colon + 1));
    if (name.host.size() > 2 && name.host.front() == '[') {
      name.host = name.host.substr(1, name.host.size() - 2);
    }
    names_.push_back(std::move(name));
  }
}

std::map<std::string, std::string> IngestReplicas::Resolve() const {
  std::map<std::string, std::string> addresses;
  for (const Name& name : names_) {
    addrinfo hints = {};
    hints.ai_socktype = SOCK_STREAM;
    addrinfo* found = nullptr;
    if (getaddrinfo(name.host.c_str(), name.port.c_str(), &hints, &found) != 0) continue;
    for (const addrinfo* one = found; one != nullptr; one = one->ai_next) {
      char host[NI_MAXHOST];
      char port[NI_MAXSERV];
      if (getnameinfo(one->ai_addr, one->ai_addrlen, host, sizeof(host), port, sizeof(port),
                      NI_NUMERICHOST | NI_NUMERICSERV) != 0) {
        continue;
      }
      const bool v6 = one->ai_family == AF_INET6;
      addresses.emplace(
          v6 ? absl::StrCat("ipv6:[", host, "]:", port) : absl::StrCat("ipv4:", host, ":", port),
          name.host);
    }
    freeaddrinfo(found);
  }
  return addresses;
}

std::vector<std::shared_ptr<IngestReplica>> IngestReplicas::List() {
  bool due = false;
  {
    absl::MutexLock lock(&mutex_);
    const absl::Time now = absl::Now();
    if (now - resolved_ >= kResolveEvery) {
      due = true;
      resolved_ = now;
    }
  }
  std::map<std::string, std::string> addresses;
  if (due) addresses = Resolve();
  absl::MutexLock lock(&mutex_);
  if (!addresses.empty()) {
    std::map<std::string, std::shared_ptr<IngestReplica>> next;
    for (const auto& [address, name] : addresses) {
      if (const auto known = replicas_.find(address); known != replicas_.end()) {
        next.insert(*known);
        continue;
      }
      // The certificate is for the name, not for the address.
      auto channel = MakeChannelByName(address, tls_, name);
      if (!channel.ok()) {
        LogWarning("a replica of ingest cannot be dialled",
                   {{"address", address}, {"error", std::string(channel.status().message())}});
        continue;
      }
      auto replica = std::make_shared<IngestReplica>();
      replica->address = address;
      replica->channel = *channel;
      replica->stub = v1::FrameIngestService::NewStub(*channel);
      next.emplace(address, std::move(replica));
    }
    replicas_ = std::move(next);
  }
  std::vector<std::shared_ptr<IngestReplica>> list;
  for (const auto& [address, replica] : replicas_) list.push_back(replica);
  return list;
}

}  // namespace aislewatch::gateway
