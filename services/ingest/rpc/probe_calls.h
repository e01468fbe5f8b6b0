// ProbeSource: tries addresses of cameras, a few at a time.
#pragma once

#include <grpcpp/support/server_callback.h>

#include <functional>
#include <memory>
#include <string>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "aislewatch/v1/ingest.pb.h"
#include "common/capture/probe.h"
#include "common/concurrency/thread_pool.h"

namespace aislewatch::ingest {

struct ProbeOptions {
  /// At once; more are refused.
  int most = 3;
  absl::Duration timeout = absl::Seconds(10);
};

/// What a probe found, as an answer: with the picture so coarse that nobody can be recognised.
v1::ProbeSourceResponse ToResponse(const ProbeReport& report);

/// Thread-safe. Owns one thread for each probe that may run.
class ProbeCalls {
 public:
  using Probe = std::function<ProbeReport(const std::string& url, absl::Duration timeout)>;

  explicit ProbeCalls(
      ProbeOptions options,
      Probe probe = [](const auto& url, auto timeout) { return ProbeSource(url, timeout); });
  /// Waits for the probes under way, at most about their timeout.
  ~ProbeCalls();

  /// Finishes `reactor` with the answer: RESOURCE_EXHAUSTED where too many run, INVALID_ARGUMENT
  /// without an address. `request` and `response` live until then.
  void Start(grpc::ServerUnaryReactor* reactor, const v1::ProbeSourceRequest& request,
             v1::ProbeSourceResponse* response) ABSL_LOCKS_EXCLUDED(mutex_);

 private:
  const ProbeOptions options_;
  const Probe probe_;

  absl::Mutex mutex_;
  int running_ ABSL_GUARDED_BY(mutex_) = 0;

  ThreadPool pool_;
};

}  // namespace aislewatch::ingest
