// The server side of every stage stream: the seven stream rules of docs/architecture.md, once.
//
// A service makes one StageEndpoint per streaming RPC and opens a stream with
//
//   grpc::ServerBidiReactor<Request, Response>* ExtractPoses(grpc::CallbackServerContext* context)
//       override { return endpoint_.Open(context); }
//
// and gives it a function that turns a stream's configuration into a StageSession. The endpoint
// answers every item exactly once: what the session says, or EXPIRED, or REJECTED.
//
//            config                item                       answer written
//   [new] ──────────► [configured] ────► Process ──► done ──► [configured]
//     │ anything else      │ a second config, a sequence that does not rise
//     ▼                    ▼
//   Finish(INVALID_ARGUMENT)          client half-closes ──► answers what is left, Finish(OK)
//                                     Drain()            ──► the same, Finish(UNAVAILABLE)
//
// Threads: reactions never block. Sessions are called on the endpoint's pool, one call at a time
// and in order for each stream; their `done` may be called from any thread.
#pragma once

#include <grpcpp/server_context.h>
#include <grpcpp/support/server_callback.h>

#include <algorithm>
#include <deque>
#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/functional/any_invocable.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "absl/synchronization/mutex.h"
#include "common/base/clock.h"
#include "common/base/log.h"
#include "common/base/log_pace.h"
#include "common/base/metrics.h"
#include "common/base/trace.h"
#include "common/concurrency/thread_pool.h"
#include "common/rpc/convert.h"

namespace aislewatch {

/// One open stream as the service's core sees it. Destroyed once the stream is over and every
/// `done` it was given has been called or destroyed.
template <class Traits>
class StageSession {
 public:
  using Done = absl::AnyInvocable<void(absl::StatusOr<typename Traits::Answer>)>;
  virtual ~StageSession() = default;
  /// Answers one item by calling `done` exactly once, now or later, on any thread. The endpoint
  /// fills in sequence, capture time, processing time and an OK status. An error becomes EXPIRED
  /// where it is DEADLINE_EXCEEDED and REJECTED with its message otherwise. May block; the next
  /// item of this stream waits for the return, not for the answer.
  virtual void Process(typename Traits::Item item, Done done) = 0;
  /// Nothing more is read from the stream, whether it ends well or not; answers may be due yet.
  /// Called before the client can learn that the stream is over, once, on any thread, possibly
  /// while Process runs. Must not block.
  virtual void Ending() {}
  /// The stream is over and ended well: the client sent everything and has had every answer. Called
  /// at most once, last of all, and not where the client vanished or the server drained. Must not
  /// block.
  virtual void End() {}
};

/// What a stream's configuration is turned into.
template <class Traits>
struct OpenedStage {
  std::unique_ptr<StageSession<Traits>> session;
  /// Model named in the acceptance; empty for stages without one.
  v1::ModelVersion model;
  /// Overrides the endpoint's max_in_flight where it is not 0.
  int max_in_flight = 0;
};

template <class Traits>
using StageOpener =
    std::function<absl::StatusOr<OpenedStage<Traits>>(const typename Traits::Config&)>;

struct StageEndpointOptions {
  /// Items of one stream that may be unanswered; >= 1. The next is read only when there is room.
  int max_in_flight = 8;
};

template <class Traits>
class StageEndpoint;

namespace rpc_internal {

/// What the streams of one endpoint share; outlives the endpoint while streams are open.
template <class Traits>
struct EndpointState {
  EndpointState(StageOpener<Traits> opener_in, StageEndpointOptions options_in, ThreadPool& pool_in,
                Metrics& metrics, Clock& clock_in)
      : opener(std::move(opener_in)),
        options(options_in),
        pool(pool_in),
        clock(clock_in),
        streams(metrics.GetGauge(absl::StrCat("aislewatch_", Traits::kName, "_streams"),
                                 "Open streams")),
        seconds(metrics.GetHistogram(absl::StrCat("aislewatch_", Traits::kName, "_item_seconds"),
                                     "From taking an item to its answer", LatencyBuckets())) {
    for (const char* outcome : {"ok", "expired", "rejected"}) {
      outcomes.push_back(
          &metrics.GetCounter(absl::StrCat("aislewatch_", Traits::kName, "_items_total"),
                              "Items answered, by outcome", {{"outcome", outcome}}));
    }
  }

  const StageOpener<Traits> opener;
  const StageEndpointOptions options;
  ThreadPool& pool;
  Clock& clock;
  Gauge& streams;
  Histogram& seconds;
  std::vector<Counter*> outcomes;  // OK, EXPIRED, REJECTED.
};

/// One stream. Owns itself until gRPC is done with it; callbacks of the session keep it alive.
template <class Traits>
class StageStream final
    : public grpc::ServerBidiReactor<typename Traits::Request, typename Traits::Response>,
      public std::enable_shared_from_this<StageStream<Traits>> {
 public:
  using Request = typename Traits::Request;
  using Response = typename Traits::Response;
  using Answer = typename Traits::Answer;

  StageStream(std::shared_ptr<EndpointState<Traits>> endpoint, std::string trace)
      : endpoint_(std::move(endpoint)),
        trace_(std::move(trace)),
        strand_(endpoint_->pool),
        max_in_flight_(endpoint_->options.max_in_flight) {
    endpoint_->streams.Add(1);
  }

  /// Takes the reference that gRPC's side holds, and begins to read.
  void Begin() {
    self_ = this->shared_from_this();
    this->StartRead(&request_);
  }

  /// Answers what was taken, then ends the stream so that the client opens it elsewhere.
  void Drain() {
    absl::MutexLock lock(&mutex_);
    if (end_.ok()) end_ = absl::UnavailableError("this replica is draining; reopen the stream");
    BeginEnding();
    MaybeFinish();
  }

  void OnReadDone(bool ok) override {
    absl::MutexLock lock(&mutex_);
    reading_ = false;
    if (!ok) {
      BeginEnding();  // Half-closed, or cancelled.
      MaybeFinish();
      return;
    }
    if (ending_) {
      MaybeFinish();  // Read while draining: unanswered, so the client sends it elsewhere.
      return;
    }
    if (!configured_) {
      Configure();
    } else if (Traits::HasItem(request_)) {
      Take(std::move(*Traits::MutableItem(request_)));
    } else {
      Fail(absl::InvalidArgumentError(
          request_.has_config() ? "the stream is configured already; open another for another "
                                  "configuration"
                                : "the message carries neither configuration nor item"));
    }
  }

  void OnWriteDone(bool ok) override {
    absl::MutexLock lock(&mutex_);
    writing_ = false;
    if (!ok) {
      writes_.clear();  // The client is gone.
      BeginEnding();
      cancelled_ = true;
    } else {
      if (writes_.front().second) --in_flight_;
      writes_.pop_front();
    }
    MaybeWrite();
    MaybeRead();
    MaybeFinish();
  }

  void OnCancel() override {
    absl::MutexLock lock(&mutex_);
    if (end_.ok()) end_ = absl::CancelledError("the client cancelled the stream");
    BeginEnding();
    cancelled_ = true;
    MaybeFinish();
  }

  void OnDone() override {
    endpoint_->streams.Add(-1);
    auto self = std::move(self_);  // Destroys this unless a callback of the session is pending.
    StageSession<Traits>* session;
    {
      absl::MutexLock lock(&mutex_);
      finished_ = true;
      // Only now it is known that the client did not vanish: a read fails for either reason.
      session = end_.ok() && !cancelled_ ? session_.get() : nullptr;
    }
    if (session != nullptr) session->End();
  }

 private:
  void Configure() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) {
    if (!request_.has_config()) {
      Fail(absl::InvalidArgumentError("the first message of a stream must be its configuration"));
      return;
    }
    configured_ = true;
    camera_ = request_.config().identity().camera_id().substr(0, kMaxLoggedId);
    // Loading a model or reading rules may block, so not in this reaction.
    strand_.Post([self = this->shared_from_this(), config = request_.config()] {
      auto opened = self->endpoint_->opener(config);
      absl::MutexLock lock(&self->mutex_);
      if (!opened.ok()) {
        self->Fail(opened.status());
        return;
      }
      self->Accept(*std::move(opened));
    });
  }

  void Accept(OpenedStage<Traits> opened) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) {
    LogInfo("stream opened", {{"stage", Traits::kName}, {"camera", camera_}, {"trace", trace_}});
    session_ = std::move(opened.session);
    if (ending_) session_->Ending();
    if (opened.max_in_flight > 0) max_in_flight_ = opened.max_in_flight;
    Response response;
    response.mutable_accepted()->set_max_in_flight(max_in_flight_);
    *response.mutable_accepted()->mutable_model() = std::move(opened.model);
    writes_.emplace_back(std::move(response), false);
    MaybeWrite();
    MaybeRead();
    MaybeFinish();
  }

  void Take(typename Traits::Item item) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) {
    if (any_item_ && item.sequence() <= last_sequence_) {
      Fail(absl::InvalidArgumentError(
          absl::StrCat("sequence ", item.sequence(), " does not rise above ", last_sequence_)));
      return;
    }
    any_item_ = true;
    last_sequence_ = item.sequence();
    ++in_flight_;
    const absl::Time taken = endpoint_->clock.Now();
    strand_.Post([self = this->shared_from_this(), item = std::move(item), taken]() mutable {
      self->Process(std::move(item), taken);
    });
    MaybeRead();
  }

  void Process(typename Traits::Item item, absl::Time taken) ABSL_LOCKS_EXCLUDED(mutex_) {
    StageSession<Traits>* session;
    {
      absl::MutexLock lock(&mutex_);
      if (cancelled_ || finished_) return;  // Nobody is left to be answered.
      session = session_.get();
    }
    const uint64_t sequence = item.sequence();
    const auto capture_time = item.capture_time();
    auto done = [self = this->shared_from_this(), sequence, capture_time,
                 taken](absl::StatusOr<Answer> answer) {
      self->Reply(sequence, capture_time, taken, std::move(answer));
    };
    if (item.has_expire_time() && FromProto(item.expire_time()) <= endpoint_->clock.Now()) {
      done(absl::DeadlineExceededError("older than its expiry when its turn came"));
      return;
    }
    session->Process(std::move(item), std::move(done));
  }

  void Reply(uint64_t sequence, const google::protobuf::Timestamp& capture_time, absl::Time taken,
             absl::StatusOr<Answer> result) ABSL_LOCKS_EXCLUDED(mutex_) {
    Response response;
    Answer& answer = *Traits::MutableAnswer(response);
    if (result.ok()) answer = *std::move(result);
    v1::Outcome outcome = v1::OUTCOME_OK;
    if (!result.ok()) {
      outcome =
          absl::IsDeadlineExceeded(result.status()) ? v1::OUTCOME_EXPIRED : v1::OUTCOME_REJECTED;
      answer.mutable_status()->set_reason(std::string(result.status().message()));
    } else if (answer.status().outcome() != v1::OUTCOME_UNSPECIFIED) {
      outcome = answer.status().outcome();
    }
    answer.mutable_status()->set_outcome(outcome);
    answer.set_sequence(sequence);
    *answer.mutable_capture_time() = capture_time;
    const absl::Duration took = endpoint_->clock.Now() - taken;
    *Traits::MutableProcessingTime(answer) = ToProto(took);
    endpoint_->seconds.Observe(absl::ToDoubleSeconds(took));
    endpoint_->outcomes[outcome - v1::OUTCOME_OK]->Add();
    LogAnswer(sequence, answer.status());

    absl::MutexLock lock(&mutex_);
    if (finish_called_) return;
    writes_.emplace_back(std::move(response), true);
    MaybeWrite();
  }

  // What failed at info level, but no more than a line a second: a slow stage lets a thousand
  // expire.
  void LogAnswer(uint64_t sequence, const v1::ItemStatus& status) {
    const bool ok = status.outcome() == v1::OUTCOME_OK;
    const auto write = !ok && pace_.Due(endpoint_->clock.Now()) ? LogInfo : LogDebug;
    write(ok                                        ? "item answered"
          : status.outcome() == v1::OUTCOME_EXPIRED ? "item expired"
                                                    : "item rejected",
          {{"stage", Traits::kName},
           {"camera", camera_},
           {"trace", trace_},
           {"sequence", absl::StrCat(sequence)},
           {"reason", status.reason()}});
  }

  void Fail(absl::Status why) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) {
    LogWarning("stream refused", {{"stage", Traits::kName},
                                  {"camera", camera_},
                                  {"trace", trace_},
                                  {"error", std::string(why.message())}});
    end_ = std::move(why);
    BeginEnding();
    MaybeFinish();
  }

  void BeginEnding() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) {
    if (ending_) return;
    ending_ = true;
    if (session_ != nullptr) session_->Ending();
  }

  void MaybeRead() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) {
    if (reading_ || ending_ || session_ == nullptr || in_flight_ >= max_in_flight_) return;
    reading_ = true;
    request_.Clear();
    this->StartRead(&request_);
  }

  void MaybeWrite() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) {
    if (writing_ || finish_called_ || writes_.empty()) return;
    writing_ = true;
    this->StartWrite(&writes_.front().first);
  }

  // Ends the stream when everything taken is answered, or at once where nobody will read answers.
  void MaybeFinish() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) {
    if (!ending_ || finish_called_) return;
    const bool answered = in_flight_ == 0 && writes_.empty() && !writing_;
    if (!answered && !cancelled_) return;
    finish_called_ = true;
    this->Finish(ToGrpc(end_));
  }

  static constexpr size_t kMaxLoggedId = 128;

  const std::shared_ptr<EndpointState<Traits>> endpoint_;
  const std::string trace_;
  Strand strand_;
  LogPace pace_;
  std::string camera_;  // For the log; written by Configure, before the first item.

  absl::Mutex mutex_;
  Request request_;  // Touched by gRPC while reading_, else under mutex_.
  std::shared_ptr<StageStream> self_;
  std::unique_ptr<StageSession<Traits>> session_ ABSL_GUARDED_BY(mutex_);
  int max_in_flight_ ABSL_GUARDED_BY(mutex_);
  // Responses not yet written, each with whether it answers an item. The front one is being
  // written while writing_.
  std::deque<std::pair<Response, bool>> writes_ ABSL_GUARDED_BY(mutex_);
  int in_flight_ ABSL_GUARDED_BY(mutex_) = 0;  // Taken and their answers not yet written.
  uint64_t last_sequence_ ABSL_GUARDED_BY(mutex_) = 0;
  bool any_item_ ABSL_GUARDED_BY(mutex_) = false;
  bool configured_ ABSL_GUARDED_BY(mutex_) = false;
  bool reading_ ABSL_GUARDED_BY(mutex_) = true;
  bool writing_ ABSL_GUARDED_BY(mutex_) = false;
  bool ending_ ABSL_GUARDED_BY(mutex_) = false;
  bool cancelled_ ABSL_GUARDED_BY(mutex_) = false;
  bool finish_called_ ABSL_GUARDED_BY(mutex_) = false;
  bool finished_ ABSL_GUARDED_BY(mutex_) = false;
  absl::Status end_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace rpc_internal

/// Opens streams of one stage. Thread-safe. The pool, metrics and clock must outlive every stream,
/// that is, the gRPC server must be shut down before they go.
template <class Traits>
class StageEndpoint {
 public:
  StageEndpoint(StageOpener<Traits> opener, StageEndpointOptions options, ThreadPool& pool,
                Metrics& metrics, Clock& clock = RealClock())
      : state_(std::make_shared<rpc_internal::EndpointState<Traits>>(std::move(opener), options,
                                                                     pool, metrics, clock)) {}

  grpc::ServerBidiReactor<typename Traits::Request, typename Traits::Response>* Open(
      grpc::CallbackServerContext* context) {
    std::string trace;
    const auto& metadata = context->client_metadata();
    if (const auto it = metadata.find(kTraceparent); it != metadata.end()) {
      trace = TraceIdOf({it->second.data(), it->second.size()});
    }
    if (trace.empty()) trace = NewTraceId();  // Its lines belong together all the same.
    auto stream = std::make_shared<rpc_internal::StageStream<Traits>>(state_, std::move(trace));
    bool draining;
    {
      absl::MutexLock lock(&mutex_);
      std::erase_if(streams_, [](const auto& s) { return s.expired(); });
      streams_.push_back(stream);
      draining = draining_;
    }
    stream->Begin();
    if (draining) stream->Drain();
    return stream.get();
  }

  /// Answers what streams have sent, then ends them. New streams end at once. Does not wait.
  void Drain() {
    std::vector<std::weak_ptr<rpc_internal::StageStream<Traits>>> streams;
    {
      absl::MutexLock lock(&mutex_);
      draining_ = true;
      streams = streams_;
    }
    for (const auto& weak : streams) {
      if (const auto stream = weak.lock()) stream->Drain();
    }
  }

 private:
  const std::shared_ptr<rpc_internal::EndpointState<Traits>> state_;
  absl::Mutex mutex_;
  std::vector<std::weak_ptr<rpc_internal::StageStream<Traits>>> streams_ ABSL_GUARDED_BY(mutex_);
  bool draining_ ABSL_GUARDED_BY(mutex_) = false;
};

}  // namespace aislewatch
