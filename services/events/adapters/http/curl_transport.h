// Sends webhooks' requests with libcurl.
//
// Every connection is checked at the moment it is made: libcurl resolves the name and asks us for a
// socket to the address that it is going to connect to, so a name that resolves differently the
// second time gains nothing. Proxies of the environment are not used, since behind one the address
// could not be checked; redirects are not followed; of an answer's body at most 64 KiB are read and
// thrown away. Thread-safe; Post blocks.
#pragma once

#include <atomic>
#include <string>

#include "absl/time/time.h"
#include "services/events/core/webhooks/webhook_stores.h"
#include "services/events/core/webhooks/webhook_target.h"

namespace aislewatch::events {

class CurlTransport : public WebhookTransport {
 public:
  struct Options {
    WebhookTargets targets;
    /// The whole request, from resolving the name to the answer.
    absl::Duration timeout = absl::Seconds(10);
    absl::Duration connect_timeout = absl::Seconds(5);
    /// PEM with the authorities that receivers' certificates are checked by; empty means the
    /// system's.
    std::string ca_file;
  };

  explicit CurlTransport(Options options);

  HttpAnswer Post(const HttpRequest& request) override;
  void Cancel() override { cancelled_ = true; }

 private:
  const Options options_;
  std::atomic<bool> cancelled_ = false;
};

}  // namespace aislewatch::events
