// The HTTP listener: cpp-httplib's parser and writer on connections that are guarded here.
//
// The library reads a request for as long as its bytes trickle in, forgets bodies that a handler
// does not read, and has one thread per connection. So this class looks after connections itself:
// the head and the body of a request each have a deadline; a connection that idles gives its thread
// up as soon as another one waits; bodies are JSON of at most `max_body` bytes with a length; what
// is refused closes its connection, so that no byte of it is taken for a request.
//
// Thread-safe. The handler is called on the connection's thread, may block, and sees whole
// requests.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/base/metrics.h"
#include "common/rpc/tls.h"
#include "services/gateway/core/http_message.h"

namespace aislewatch::gateway {

struct HttpServerOptions {
  /// HOST:PORT; port 0 takes a free one.
  std::string listen = "0.0.0.0:8080";
  /// PEM files; empty means plain HTTP.
  std::string certificate;
  std::string key;
  /// Connections that are served at once; more wait. >= 2.
  int threads = 320;
  /// Largest body of a request in bytes.
  size_t max_body = 1 << 20;
  /// From the first byte of a request to the end of its headers, and on to the end of its body.
  absl::Duration head_timeout = absl::Seconds(10);
  absl::Duration body_timeout = absl::Seconds(20);
  /// How long a client may take nothing of what is written to it.
  absl::Duration write_timeout = absl::Seconds(20);
  /// How long a connection may be idle between requests.
  absl::Duration idle_timeout = absl::Seconds(30);
  /// On every answer.
  Fields headers;
};

class HttpServer {
 public:
  using Handler = std::function<HttpResponse(const HttpRequest&)>;

  /// Binds. INVALID_ARGUMENT where `listen` or the certificate is wrong, UNAVAILABLE where the port
  /// is taken.
  static absl::StatusOr<std::unique_ptr<HttpServer>> Create(HttpServerOptions options,
                                                            Handler handler, Metrics& metrics);
  /// Stops.
  ~HttpServer();

  /// Accepts connections from now on.
  void Start();
  /// Idle connections end, streams are told that they are not alive any more, answers under way are
  /// finished.
  void Drain();
  /// Drains, and waits until every connection has ended; after `deadline` they are cut. Idempotent.
  void Stop(absl::Time deadline);
  int port() const;

 private:
  class Impl;
  explicit HttpServer(std::unique_ptr<Impl> impl);
  const std::unique_ptr<Impl> impl_;
};

}  // namespace aislewatch::gateway
