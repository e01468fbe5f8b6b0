// Unary calls whose work blocks: it runs on a thread pool, never on gRPC's threads.
//
// At most `limit` calls run or wait at a time; more are refused with RESOURCE_EXHAUSTED, so that a
// slow database cannot pile up calls without end. A call that its client has given up is not begun.
// Nor is one that the gate refuses, which is asked on the pool, too. Calls that change something,
// and some others, are noted in the audit log before they are answered. Thread-safe. The pool, the
// metrics, the gate and the audit log must outlive every call.
#pragma once

#include <grpcpp/server_context.h>
#include <grpcpp/support/server_callback.h>

#include <atomic>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <type_traits>
#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "common/base/metrics.h"
#include "common/concurrency/thread_pool.h"
#include "common/rpc/convert.h"
#include "services/events/core/audit/audit_trail.h"
#include "services/events/rpc/access_gate.h"

namespace aislewatch::events {

/// What the audit log says of a call beside who made it.
struct AuditNote {
  /// "camera aisle-1".
  std::string target;
  /// Who it was, where the credential does not tell: who logs in.
  std::optional<Principal> who;
};

class BlockingCalls {
 public:
  /// `audit` may be null: then nothing is noted.
  BlockingCalls(ThreadPool& pool, Metrics& metrics, int limit, AccessGate& gate,
                AuditTrail* audit = nullptr)
      : pool_(pool),
        metrics_(metrics),
        waiting_gauge_(metrics.GetGauge("aislewatch_events_calls_waiting",
                                        "Unary calls that run or wait for a thread")),
        limit_(limit),
        gate_(gate),
        audit_(audit) {
    metrics
        .GetGauge("aislewatch_events_max_calls_waiting",
                  "Unary calls that may run or wait; more are refused")
        .Set(limit);
  }

  /// Answers a call with what `work` returns: a Response or an error. `work` takes the Principal
  /// that calls; one that takes nothing is for callers with the whole installation in their scope,
  /// and others get PERMISSION_DENIED. `method`: the call's name, by which the gate knows its
  /// right; also a label. `refused`: may answer a call that the gate does not let in.
  template <typename Response, typename Work>
  grpc::ServerUnaryReactor* Run(
      grpc::CallbackServerContext* context, const char* method, Response* response, Work work,
      std::function<absl::StatusOr<Response>(absl::Status)> refused = nullptr) {
    return Start<Response>(context, method, response, std::move(work), std::move(refused), nullptr);
  }

  /// The same for a call that the audit log has an entry of. `note` is called once the work is
  /// done, with an empty response where it failed.
  template <typename Response, typename Work>
  grpc::ServerUnaryReactor* RunNoted(grpc::CallbackServerContext* context, const char* method,
                                     Response* response,
                                     std::function<AuditNote(const Response&)> note, Work work) {
    return Start<Response>(context, method, response, std::move(work), nullptr, std::move(note));
  }

  /// Notes a call, also a stream's, that `principal` made or that was refused. Blocks. Who shows no
  /// valid credential is not noted: anybody could fill the log.
  void Note(const grpc::CallbackServerContext& context, const char* method,
            const absl::StatusOr<Principal>& principal, const AuditNote& note,
            absl::StatusCode code) {
    if (audit_ == nullptr) return;
    if (note.who.has_value()) {
      audit_->Note(*note.who, method, note.target, code);
    } else if (principal.ok()) {
      audit_->Note(*principal, method, note.target, code);
    } else if (absl::IsPermissionDenied(principal.status())) {
      const auto who = gate_.Identify(context);
      if (who.ok()) audit_->Note(*who, method, note.target, code);
    }
  }

  /// Counts a call, also a stream's, by its end.
  void Count(const char* method, absl::StatusCode code) {
    metrics_
        .GetCounter("aislewatch_events_calls_total", "Calls by method and how they ended",
                    {{"method", method}, {"code", absl::StatusCodeToString(code)}})
        .Add();
  }

  ThreadPool& pool() { return pool_; }
  AccessGate& gate() { return gate_; }

 private:
  template <typename Response, typename Work>
  grpc::ServerUnaryReactor* Start(grpc::CallbackServerContext* context, const char* method,
                                  Response* response, Work work,
                                  std::function<absl::StatusOr<Response>(absl::Status)> refused,
                                  std::function<AuditNote(const Response&)> note) {
    grpc::ServerUnaryReactor* reactor = context->DefaultReactor();
    if (waiting_.fetch_add(1) >= limit_) {
      waiting_.fetch_sub(1);
      Count(method, absl::StatusCode::kResourceExhausted);
      reactor->Finish(ToGrpc(absl::ResourceExhaustedError(
          "event storage has too many calls to answer at present; try again later")));
      return reactor;
    }
    waiting_gauge_.Add(1);
    pool_.Post([this, context, method, response, reactor, work = std::move(work),
                refused = std::move(refused), note = std::move(note)]() mutable {
      const absl::Time start = absl::Now();
      absl::Status status = absl::CancelledError("the client has given up");
      if (!context->IsCancelled()) {
        const auto principal = gate_.Enter(*context, method)(true);
        auto result = Answer<Response>(work, refused, principal, method);
        status = result.status();
        if (result.ok()) *response = *std::move(result);
        if (note != nullptr) {
          Note(*context, method, principal, note(status.ok() ? *response : Response()),
               status.code());
        }
      }
      waiting_.fetch_sub(1);
      waiting_gauge_.Add(-1);
      Seconds(method).Observe(absl::ToDoubleSeconds(absl::Now() - start));
      Count(method, status.code());
      reactor->Finish(ToGrpc(status));
    });
    return reactor;
  }

  template <typename Response, typename Work, typename Refused>
  static absl::StatusOr<Response> Answer(Work& work, Refused& refused,
                                         const absl::StatusOr<Principal>& principal,
                                         const char* method) {
    if (!principal.ok()) {
      if (refused != nullptr) return refused(principal.status());
      return principal.status();
    }
    if constexpr (std::is_invocable_v<Work&, const Principal&>) {
      return work(*principal);
    } else {
      if (principal->scope.everything()) return work();
      return absl::PermissionDeniedError(absl::StrCat(method, " concerns the whole installation"));
    }
  }

  Histogram& Seconds(const char* method) {
    return metrics_.GetHistogram("aislewatch_events_call_seconds",
                                 "Time that a unary call took, without waiting for a thread",
                                 LatencyBuckets(), {{"method", method}});
  }

  ThreadPool& pool_;
  Metrics& metrics_;
  Gauge& waiting_gauge_;
  const int limit_;
  AccessGate& gate_;
  AuditTrail* const audit_;
  std::atomic<int> waiting_ = 0;
};

}  // namespace aislewatch::events
