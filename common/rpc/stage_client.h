// The client side of every stage stream: keeps one stream open for as long as it lives.
//
// Every Send is answered by exactly one call of its callback: the stage's answer, or an error.
//
//  * At most max_in_flight items, as the stage said, are unanswered on the wire; the rest waits
//    here, at most Options::max_waiting, beyond which the oldest waiting one is refused.
//  * A stream that ends is opened again with back-off, for ever. What was not answered is sent
//    again on the new stream, in order; an item that has been on three streams that broke is
//    refused, since it may be what breaks them.
//  * While the stage is away an item waits for at most Options::patience, then it is answered with
//    UNAVAILABLE, so that a pipeline goes on without the stage.
//  * An item past its expiry is answered with DEADLINE_EXCEEDED.
//  * A stage that does not answer for Options::stall_timeout counts as broken.
//
// Thread-safe. Send never blocks. Callbacks run on gRPC's or the timer's threads with no lock held
// and must not block. Close (or the destructor) answers everything with CANCELLED and returns when
// no callback runs any more; where nothing was left to answer, the stage sees a good end.
#pragma once

#include <grpcpp/channel.h>
#include <grpcpp/support/client_callback.h>

#include <algorithm>
#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/functional/any_invocable.h"
#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"
#include "common/base/clock.h"
#include "common/base/log.h"
#include "common/base/trace.h"
#include "common/concurrency/timer_queue.h"
#include "common/rpc/convert.h"
#include "common/rpc/pending_items.h"
#include "common/rpc/stage_client_options.h"
#include "common/rpc/stage_server.h"

namespace aislewatch {

template <class Traits>
class StageClient {
 public:
  using Item = typename Traits::Item;
  using Answer = typename Traits::Answer;
  using Config = typename Traits::Config;
  using Items = PendingItems<Item, Answer>;
  using Callback = typename Items::Callback;
  /// Asked for the configuration each time a stream is opened, so that what a new replica must
  /// know (open incidents) is current. Runs on gRPC's or the timer's threads; must not block.
  using ConfigSource = std::function<Config()>;

  /// `trace`: a trace id, which travels in the metadata of every stream. `timers` must outlive the
  /// client.
  StageClient(std::shared_ptr<grpc::Channel> channel, ConfigSource config, std::string trace,
              StageClientOptions options, TimerQueue& timers, Clock& clock = RealClock())
      : core_(std::make_shared<Core>(std::move(channel), std::move(config), std::move(trace),
                                     options, timers, clock)) {
    core_->OpenStream();
    core_->ScheduleSweep();
  }
  ~StageClient() { Close(); }
  StageClient(const StageClient&) = delete;
  StageClient& operator=(const StageClient&) = delete;

  /// Sends an item; its sequence must be above that of the item before. `expiry` may be infinite.
  void Send(Item item, absl::Time expiry, Callback done) {
    core_->Send(std::move(item), expiry, std::move(done));
  }
  /// Whether a stream is open and configured.
  bool available() const { return core_->available(); }
  /// Why it is not; OK when it is.
  absl::Status last_error() const { return core_->last_error(); }
  /// Items sent and not yet answered, waiting ones included.
  size_t pending() const { return core_->pending(); }
  /// Answers what is pending with CANCELLED and waits for running callbacks. With nothing pending it
  /// half-closes the stream and gives the stage two seconds to end it. Idempotent. Must not be called
  /// from a callback.
  void Close() { core_->Close(); }

 private:
  class Core;
  class Stream;

  using Completions = typename Items::Completions;

  std::shared_ptr<Core> core_;
};

/// One attempt at a stream. Owns itself until gRPC is done with it.
template <class Traits>
class StageClient<Traits>::Stream final
    : public grpc::ClientBidiReactor<typename Traits::Request, typename Traits::Response> {
 public:
  using Request = typename Traits::Request;
  using Response = typename Traits::Response;

  Stream(std::shared_ptr<Core> core, Config config, const std::string& trace)
      : core_(std::move(core)) {
    context_.AddMetadata(kTraceparent, Traceparent(trace));
    *request_.mutable_config() = std::move(config);
  }

  void Begin(typename Traits::Service::Stub& stub) {
    Traits::Open(stub, &context_, this);
    this->AddHold();  // Writes begin outside of reactions; RemoveHold by Release.
    this->StartWrite(&request_);
    this->StartRead(&response_);
    this->StartCall();
  }

  // All below are called under the core's lock, which also guards the members.
  void Write(const Item& item) {
    writing = true;
    request_.Clear();
    *Traits::MutableItem(request_) = item;
    this->StartWrite(&request_);
  }
  void Cancel() { context_.TryCancel(); }
  // Says that nothing will follow; the stage then ends the stream. Not while writing.
  void HalfClose() {
    this->StartWritesDone();
    Release();
  }
  // No write will be started any more.
  void Release() {
    if (!released_) {
      released_ = true;
      this->RemoveHold();
    }
  }

  void OnWriteDone(bool ok) override { core_->OnWriteDone(this, ok); }
  void OnReadDone(bool ok) override {
    if (core_->OnReadDone(this, ok, response_)) this->StartRead(&response_);
  }
  void OnDone(const grpc::Status& status) override {
    core_->OnStreamDone(this, status);
    delete this;
  }

  bool writing = true;  // The configuration is written first.
  int max_in_flight = 0;  // 0 until accepted.

 private:
  const std::shared_ptr<Core> core_;
  grpc::ClientContext context_;
  Request request_;
  Response response_;
  bool released_ = false;
};

/// Everything of the client; shared with streams and timers, which may outlive it shortly.
template <class Traits>
class StageClient<Traits>::Core : public std::enable_shared_from_this<Core> {
 public:
  Core(std::shared_ptr<grpc::Channel> channel, ConfigSource config, std::string trace,
       StageClientOptions options, TimerQueue& timers, Clock& clock)
      : options_(options),
        trace_(std::move(trace)),
        config_(std::move(config)),
        timers_(timers),
        clock_(clock),
        stub_(Traits::Service::NewStub(std::move(channel))),
        pending_(options),
        backoff_(options.backoff_min) {}

  void Send(Item item, absl::Time expiry, Callback done) {
    Completions completions;
    {
      absl::MutexLock lock(&mutex_);
      if (closed_) {
        completions.push_back({std::move(done), absl::CancelledError("the stage client is closed")});
      } else {
        pending_.Add(std::move(item), expiry, clock_.Now(), std::move(done), completions);
        Pump();
      }
    }
    Run(completions);
  }

  bool available() const {
    absl::MutexLock lock(&mutex_);
    return accepted();
  }
  absl::Status last_error() const {
    absl::MutexLock lock(&mutex_);
    return accepted() ? absl::OkStatus() : last_error_;
  }
  size_t pending() const {
    absl::MutexLock lock(&mutex_);
    return pending_.size();
  }

  void Close() {
    Completions completions;
    {
      absl::MutexLock lock(&mutex_);
      closed_ = true;
      pending_.RefuseAll(absl::CancelledError("the stage client was closed"), completions);
      if (stream_ != nullptr) EndStream(/*well=*/completions.empty());
    }
    Run(completions);
    const auto quiet = [this]() ABSL_SHARED_LOCKS_REQUIRED(mutex_) {
      return running_ == 0 && stream_ == nullptr;
    };
    absl::MutexLock lock(&mutex_);
    mutex_.Await(absl::Condition(&quiet));
  }

  void OpenStream() {
    {
      absl::MutexLock lock(&mutex_);
      if (closed_ || stream_ != nullptr || opening_) return;
      opening_ = true;
      ++running_;
    }
    Config config = config_();
    absl::MutexLock lock(&mutex_);
    --running_;
    opening_ = false;
    if (closed_) return;
    camera_ = config.identity().camera_id();
    stream_ = new Stream(this->shared_from_this(), std::move(config), trace_);
    stream_->Begin(*stub_);
  }

  // Looks for items that have waited too long; runs while the client lives.
  void ScheduleSweep() {
    timers_.After(absl::Milliseconds(50), [weak = this->weak_from_this()] {
      const auto self = weak.lock();
      if (self == nullptr) return;
      {
        absl::MutexLock lock(&self->mutex_);
        if (self->closed_) return;
      }
      self->Sweep();
      self->ScheduleSweep();
    });
  }

  void OnWriteDone(Stream* stream, bool ok) {
    absl::MutexLock lock(&mutex_);
    stream->writing = false;
    if (!ok) {
      stream->Release();
      return;
    }
    Pump();
  }

  // Returns whether to read on.
  bool OnReadDone(Stream* stream, bool ok, typename Traits::Response& response) {
    Completions completions;
    {
      absl::MutexLock lock(&mutex_);
      if (!ok || stream != stream_) {
        stream->Release();
        return false;
      }
      if (response.has_accepted()) {
        stream->max_in_flight = std::max<int>(1, response.accepted().max_in_flight());
        backoff_ = options_.backoff_min;
        if (!last_error_.ok()) {
          LogInfo("stage is back",
                  {{"stage", Traits::kName}, {"camera", camera_}, {"trace", trace_}});
        }
        last_error_ = absl::OkStatus();
      } else if (Traits::HasAnswer(response)) {
        pending_.Resolve(std::move(*Traits::MutableAnswer(response)), completions);
      }
      response.Clear();
      Pump();
    }
    Run(completions);
    return true;
  }

  void OnStreamDone(Stream* stream, const grpc::Status& status) {
    Completions completions;
    absl::Duration pause;
    bool reopen;
    {
      absl::MutexLock lock(&mutex_);
      if (stream != stream_) return;
      stream_ = nullptr;
      reopen = !closed_;
      const bool was_open = stream->max_in_flight > 0;
      const bool first = last_error_.ok();
      last_error_ = status.ok() ? absl::UnavailableError("the stage ended the stream")
                                : FromGrpc(status);
      if (reopen && first) {
        LogWarning("stage is away; trying again", {{"stage", Traits::kName},
                                                   {"camera", camera_},
                                                   {"trace", trace_},
                                                   {"error", std::string(last_error_.message())}});
      }
      // A stream that had worked is opened again at once: another replica may be there.
      pause = was_open ? absl::ZeroDuration() : backoff_;
      if (!was_open) backoff_ = std::min(backoff_ * 2, options_.backoff_max);
      pending_.Requeue(last_error_, clock_.Now(), completions);
    }
    Run(completions);
    if (!reopen) return;
    timers_.After(pause, [weak = this->weak_from_this()] {
      if (const auto self = weak.lock()) self->OpenStream();
    });
  }

 private:
  bool accepted() const ABSL_SHARED_LOCKS_REQUIRED(mutex_) {
    return stream_ != nullptr && stream_->max_in_flight > 0;
  }

  // A stage that hangs is not waited for.
  void EndStream(bool well) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) {
    if (!well || !accepted() || stream_->writing) {
      stream_->Cancel();
      return;
    }
    stream_->writing = true;
    stream_->HalfClose();
    timers_.After(kEndPatience, [weak = this->weak_from_this()] {
      const auto self = weak.lock();
      if (self == nullptr) return;
      absl::MutexLock lock(&self->mutex_);
      if (self->stream_ != nullptr) self->stream_->Cancel();
    });
  }

  // Starts the next write, if there is room and something to write.
  void Pump() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) {
    if (!accepted() || stream_->writing || closed_) return;
    const auto room = static_cast<size_t>(stream_->max_in_flight);
    if (const Item* const next = pending_.TakeNext(room, clock_.Now())) stream_->Write(*next);
  }

  void Sweep() {
    Completions completions;
    {
      absl::MutexLock lock(&mutex_);
      const bool stalled =
          pending_.Sweep(!accepted(), Traits::kName, last_error_, clock_.Now(), completions);
      if (stalled && stream_ != nullptr) stream_->Cancel();
    }
    Run(completions);
  }

  void Run(Completions& completions) ABSL_LOCKS_EXCLUDED(mutex_) {
    if (completions.empty()) return;
    {
      absl::MutexLock lock(&mutex_);
      ++running_;
    }
    for (auto& completion : completions) completion.done(std::move(completion.answer));
    completions.clear();
    absl::MutexLock lock(&mutex_);
    --running_;
  }

  static constexpr absl::Duration kEndPatience = absl::Seconds(2);

  const StageClientOptions options_;
  const std::string trace_;
  const ConfigSource config_;
  TimerQueue& timers_;
  Clock& clock_;
  const std::unique_ptr<typename Traits::Service::Stub> stub_;

  mutable absl::Mutex mutex_;
  Items pending_ ABSL_GUARDED_BY(mutex_);
  Stream* stream_ ABSL_GUARDED_BY(mutex_) = nullptr;  // Owns itself.
  std::string camera_ ABSL_GUARDED_BY(mutex_);        // For the log.
  absl::Status last_error_ ABSL_GUARDED_BY(mutex_);
  absl::Duration backoff_ ABSL_GUARDED_BY(mutex_);
  int running_ ABSL_GUARDED_BY(mutex_) = 0;  // Threads inside callbacks or the config source.
  bool opening_ ABSL_GUARDED_BY(mutex_) = false;
  bool closed_ ABSL_GUARDED_BY(mutex_) = false;
};

}  // namespace aislewatch
