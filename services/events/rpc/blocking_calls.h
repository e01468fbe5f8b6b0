// Unary calls whose work blocks: it runs on a thread pool, never on gRPC's threads.
//
// At most `limit` calls run or wait at a time; more are refused with RESOURCE_EXHAUSTED, so that a
// slow database cannot pile up calls without end. A call that its client has given up is not begun.
// Thread-safe. The pool and the metrics must outlive every call.
#pragma once

#include <grpcpp/server_context.h>
#include <grpcpp/support/server_callback.h>

#include <atomic>
#include <functional>
#include <memory>
#include <string>
#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/clock.h"
#include "common/base/metrics.h"
#include "common/concurrency/thread_pool.h"
#include "common/rpc/convert.h"

namespace aislewatch::events {

class BlockingCalls {
 public:
  BlockingCalls(ThreadPool& pool, Metrics& metrics, int limit)
      : pool_(pool), metrics_(metrics), limit_(limit) {}

  /// Answers a call with what `work` returns: a Response or an error. `method` is a label.
  template <typename Response>
  grpc::ServerUnaryReactor* Run(grpc::CallbackServerContext* context, const char* method,
                                Response* response,
                                std::function<absl::StatusOr<Response>()> work) {
    grpc::ServerUnaryReactor* reactor = context->DefaultReactor();
    if (waiting_.fetch_add(1) >= limit_) {
      waiting_.fetch_sub(1);
      Count(method, absl::StatusCode::kResourceExhausted);
      reactor->Finish(ToGrpc(absl::ResourceExhaustedError(
          "event storage has too many calls to answer at present; try again later")));
      return reactor;
    }
    pool_.Post([this, context, method, response, reactor, work = std::move(work)] {
      const absl::Time start = absl::Now();
      absl::Status status = absl::CancelledError("the client has given up");
      if (!context->IsCancelled()) {
        auto result = work();
        status = result.status();
        if (result.ok()) *response = *std::move(result);
      }
      waiting_.fetch_sub(1);
      Seconds(method).Observe(absl::ToDoubleSeconds(absl::Now() - start));
      Count(method, status.code());
      reactor->Finish(ToGrpc(status));
    });
    return reactor;
  }

  /// Counts a call, also a stream's, by its end.
  void Count(const char* method, absl::StatusCode code) {
    metrics_
        .GetCounter("aislewatch_events_calls_total", "Calls by method and how they ended",
                    {{"method", method}, {"code", absl::StatusCodeToString(code)}})
        .Add();
  }

  ThreadPool& pool() { return pool_; }

 private:
  Histogram& Seconds(const char* method) {
    return metrics_.GetHistogram("aislewatch_events_call_seconds",
                                 "Time that a unary call took, without waiting for a thread",
                                 LatencyBuckets(), {{"method", method}});
  }

  ThreadPool& pool_;
  Metrics& metrics_;
  const int limit_;
  std::atomic<int> waiting_ = 0;
};

}  // namespace aislewatch::events
