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

IngestReplicas::IngestReplicas(std::string target, TlsFiles tls)
    : target_(std::move(target)), tls_(std::move(tls)) {
  absl::string_view rest = target_;
  absl::ConsumePrefix(&rest, "dns:///");
  const size_t colon = rest.rfind(':');
  host_ = std::string(rest.substr(0, colon));
  if (colon != absl::string_view::npos) port_ = std::string(rest.substr(colon + 1));
  if (host_.size() > 2 && host_.front() == '[') host_ = host_.substr(1, host_.size() - 2);
}

std::vector<std::string> IngestReplicas::Resolve() const {
  addrinfo hints = {};
  hints.ai_socktype = SOCK_STREAM;
  addrinfo* found = nullptr;
  std::vector<std::string> addresses;
  if (getaddrinfo(host_.c_str(), port_.c_str(), &hints, &found) != 0) return addresses;
  for (const addrinfo* one = found; one != nullptr; one = one->ai_next) {
    char host[NI_MAXHOST];
    char port[NI_MAXSERV];
    if (getnameinfo(one->ai_addr, one->ai_addrlen, host, sizeof(host), port, sizeof(port),
                    NI_NUMERICHOST | NI_NUMERICSERV) != 0) {
      continue;
    }
    addresses.push_back(one->ai_family == AF_INET6 ? absl::StrCat("ipv6:[", host, "]:", port)
                                                   : absl::StrCat("ipv4:", host, ":", port));
  }
  freeaddrinfo(found);
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
  const std::vector<std::string> addresses = due ? Resolve() : std::vector<std::string>();
  absl::MutexLock lock(&mutex_);
  if (!addresses.empty()) {
    std::map<std::string, std::shared_ptr<IngestReplica>> next;
    for (const std::string& address : addresses) {
      if (const auto known = replicas_.find(address); known != replicas_.end()) {
        next.insert(*known);
        continue;
      }
      // The certificate is for the name, not for the address.
      auto channel = MakeChannel(address, tls_, host_);
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
