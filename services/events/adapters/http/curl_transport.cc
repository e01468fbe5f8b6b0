#include "services/events/adapters/http/curl_transport.h"

#include <curl/curl.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <memory>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"

namespace aislewatch::events {
namespace {

constexpr size_t kMaxBodyBytes = 64u << 10;

// One request, as libcurl's callbacks see it.
struct Call {
  const WebhookTargets& targets;
  const std::atomic<bool>& cancelled;
  size_t body_bytes = 0;
  std::string refused;  // Why the last address was not connected to.
};

absl::Status CheckSocketAddress(const sockaddr& address, const WebhookTargets& targets) {
  if (address.sa_family == AF_INET) {
    const auto& v4 = reinterpret_cast<const sockaddr_in&>(address);
    return CheckTargetAddress({reinterpret_cast<const uint8_t*>(&v4.sin_addr), 4}, targets);
  }
  if (address.sa_family == AF_INET6) {
    const auto& v6 = reinterpret_cast<const sockaddr_in6&>(address);
    return CheckTargetAddress({v6.sin6_addr.s6_addr, 16}, targets);
  }
  return absl::PermissionDeniedError("the address is neither IPv4 nor IPv6");
}

curl_socket_t OpenSocket(void* user, curlsocktype, curl_sockaddr* address) {
  Call& call = *static_cast<Call*>(user);
  const absl::Status allowed = CheckSocketAddress(address->addr, call.targets);
  if (!allowed.ok()) {
    call.refused = std::string(allowed.message());
    return CURL_SOCKET_BAD;
  }
  return socket(address->family, address->socktype | SOCK_CLOEXEC, address->protocol);
}

size_t CountBody(char*, size_t size, size_t count, void* user) {
  Call& call = *static_cast<Call*>(user);
  call.body_bytes += size * count;
  return call.body_bytes <= kMaxBodyBytes ? size * count : 0;  // 0 ends the transfer.
}

int Progress(void* user, curl_off_t, curl_off_t, curl_off_t, curl_off_t) {
  return static_cast<Call*>(user)->cancelled ? 1 : 0;
}

std::string Reason(CURLcode code, const Call& call, const char* detail,
                   const CurlTransport::Options& options) {
  if (call.cancelled) return "event storage is shutting down";
  if (!call.refused.empty() && code == CURLE_COULDNT_CONNECT) return call.refused;
  if (code == CURLE_OPERATION_TIMEDOUT) {
    return absl::StrCat("no answer within ", absl::FormatDuration(options.timeout), ": ", detail);
  }
  return *detail != '\0' ? detail : curl_easy_strerror(code);
}

void SetOptions(CURL* curl, const CurlTransport::Options& options, Call& call) {
  curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
  curl_easy_setopt(curl, CURLOPT_PROTOCOLS_STR,
                   options.targets.allow_http ? "http,https" : "https");
  curl_easy_setopt(curl, CURLOPT_FOLLOWLOCATION, 0L);
  curl_easy_setopt(curl, CURLOPT_PROXY, "");
  curl_easy_setopt(curl, CURLOPT_HTTP_VERSION, static_cast<long>(CURL_HTTP_VERSION_1_1));
  curl_easy_setopt(curl, CURLOPT_SSLVERSION, static_cast<long>(CURL_SSLVERSION_TLSv1_2));
  if (!options.ca_file.empty()) curl_easy_setopt(curl, CURLOPT_CAINFO, options.ca_file.c_str());
  curl_easy_setopt(curl, CURLOPT_TIMEOUT_MS,
                   static_cast<long>(absl::ToInt64Milliseconds(options.timeout)));
  curl_easy_setopt(curl, CURLOPT_CONNECTTIMEOUT_MS,
                   static_cast<long>(absl::ToInt64Milliseconds(options.connect_timeout)));
  curl_easy_setopt(curl, CURLOPT_OPENSOCKETFUNCTION, OpenSocket);
  curl_easy_setopt(curl, CURLOPT_OPENSOCKETDATA, &call);
  curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, CountBody);
  curl_easy_setopt(curl, CURLOPT_WRITEDATA, &call);
  curl_easy_setopt(curl, CURLOPT_XFERINFOFUNCTION, Progress);
  curl_easy_setopt(curl, CURLOPT_XFERINFODATA, &call);
  curl_easy_setopt(curl, CURLOPT_NOPROGRESS, 0L);
}

}  // namespace

CurlTransport::CurlTransport(Options options) : options_(std::move(options)) {
  static const CURLcode initialised = curl_global_init(CURL_GLOBAL_DEFAULT);
  (void)initialised;  // Where it failed, so does every request, with the reason.
}

HttpAnswer CurlTransport::Post(const HttpRequest& request) {
  const std::unique_ptr<CURL, void (*)(CURL*)> handle(curl_easy_init(), curl_easy_cleanup);
  if (handle == nullptr) return {0, "libcurl cannot begin a request"};
  CURL* const curl = handle.get();
  Call call{options_.targets, cancelled_};
  char detail[CURL_ERROR_SIZE] = "";
  // An empty Expect: a receiver need not know 100-continue.
  curl_slist* headers = curl_slist_append(nullptr, "Expect:");
  for (const std::string& header : request.headers) {
    headers = curl_slist_append(headers, header.c_str());
  }
  SetOptions(curl, options_, call);
  curl_easy_setopt(curl, CURLOPT_ERRORBUFFER, detail);
  curl_easy_setopt(curl, CURLOPT_URL, request.url.c_str());
  curl_easy_setopt(curl, CURLOPT_HTTPHEADER, headers);
  curl_easy_setopt(curl, CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(request.body.size()));
  curl_easy_setopt(curl, CURLOPT_POSTFIELDS, request.body.data());
  const CURLcode code = curl_easy_perform(curl);
  curl_slist_free_all(headers);
  long status = 0;
  curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &status);
  // The status counts, also where the body was too long or too slow; 1xx is no answer yet.
  if (status >= 200) return {static_cast<int>(status), ""};
  return {0, Reason(code, call, detail, options_)};
}

}  // namespace aislewatch::events
