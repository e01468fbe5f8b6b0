// The HTTP port that Prometheus scrapes.
//
// prometheus-cpp's own Exposer is not used: its server gives threads 100 kB of stack, which is less
// than the thread-local variables that LibTorch and OpenBLAS bring along, so it cannot start in a
// process that links them.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "absl/status/statusor.h"

namespace aislewatch {

/// Serves GET /metrics on two threads of its own from Create to destruction. Thread-safe.
class MetricsServer {
 public:
  /// Gives the text of one scrape; called on the server's threads.
  using Scrape = std::function<std::string()>;

  /// `listen`: "HOST:PORT"; port 0 takes a free one. INVALID_ARGUMENT where it is no such pair,
  /// UNAVAILABLE where it cannot be bound.
  static absl::StatusOr<std::unique_ptr<MetricsServer>> Create(const std::string& listen,
                                                               Scrape scrape);
  ~MetricsServer();

  /// The port that was bound.
  int port() const;

 private:
  struct Impl;
  explicit MetricsServer(std::unique_ptr<Impl> impl);
  const std::unique_ptr<Impl> impl_;
};

}  // namespace aislewatch
