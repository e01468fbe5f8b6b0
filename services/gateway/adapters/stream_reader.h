// A server's stream read with a time-out, one message ahead.
//
//   construction ──► READING ──(message)──► FULL ──(Take)──► READING
//                       └──(stream ends)──► ENDED
//
// The next message is asked for only when the last has been taken, so a slow reader costs one
// message here, and the rest waits at the server. Thread-safe. Destruction cancels the call and
// waits until gRPC has let go of it, which it does at once.
#pragma once

#include <grpcpp/client_context.h>
#include <grpcpp/support/client_callback.h>

#include <functional>
#include <memory>
#include <utility>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "common/rpc/convert.h"

namespace aislewatch::gateway {

template <class Response>
class StreamReader {
 public:
  enum class Got { kMessage, kNothing, kEnd };

  /// `open` starts the call on the reactor, for example stub.async()->WatchIncidents(context,
  /// &request, reactor); `context` has what the call needs, and the request lives as long as the
  /// reader.
  StreamReader(
      std::unique_ptr<grpc::ClientContext> context,
      const std::function<void(grpc::ClientContext*, grpc::ClientReadReactor<Response>*)>& open)
      : context_(std::move(context)), reactor_(*this) {
    open(context_.get(), &reactor_);
    // Reads are started from outside of reactions. Let go when a read fails, or never will.
    reactor_.AddHold();
    reactor_.StartRead(&reactor_.message);
    reactor_.StartCall();
  }
  ~StreamReader() {
    context_->TryCancel();
    bool idle;
    {
      absl::MutexLock lock(&mutex_);
      idle = full_;
    }
    if (idle) reactor_.RemoveHold();  // No read is under way that could fail.
    absl::MutexLock lock(&mutex_);
    mutex_.Await(absl::Condition(&ended_));
  }
  StreamReader(const StreamReader&) = delete;
  StreamReader& operator=(const StreamReader&) = delete;

  /// Waits for the next message, for the end, or for `timeout`. After kEnd see status().
  Got Next(Response& message, absl::Duration timeout) ABSL_LOCKS_EXCLUDED(mutex_) {
    absl::MutexLock lock(&mutex_);
    const auto ready = [this]() ABSL_SHARED_LOCKS_REQUIRED(mutex_) { return full_ || ended_; };
    if (!mutex_.AwaitWithTimeout(absl::Condition(&ready), timeout)) return Got::kNothing;
    if (!full_) return Got::kEnd;
    message = std::move(reactor_.message);
    full_ = false;
    reactor_.StartRead(&reactor_.message);
    return Got::kMessage;
  }
  /// Waits like Next, but leaves a message where it is.
  Got Peek(absl::Duration timeout) ABSL_LOCKS_EXCLUDED(mutex_) {
    absl::MutexLock lock(&mutex_);
    const auto ready = [this]() ABSL_SHARED_LOCKS_REQUIRED(mutex_) { return full_ || ended_; };
    if (!mutex_.AwaitWithTimeout(absl::Condition(&ready), timeout)) return Got::kNothing;
    return full_ ? Got::kMessage : Got::kEnd;
  }
  absl::Status status() ABSL_LOCKS_EXCLUDED(mutex_) {
    absl::MutexLock lock(&mutex_);
    return status_;
  }

 private:
  struct Reactor : grpc::ClientReadReactor<Response> {
    explicit Reactor(StreamReader& owner) : reader(owner) {}
    void OnReadDone(bool ok) override {
      if (!ok) {
        this->RemoveHold();  // OnDone follows.
        return;
      }
      absl::MutexLock lock(&reader.mutex_);
      reader.full_ = true;
    }
    void OnDone(const grpc::Status& status) override {
      absl::MutexLock lock(&reader.mutex_);
      reader.status_ = FromGrpc(status);
      reader.ended_ = true;
    }
    StreamReader& reader;
    Response message;
  };

  const std::unique_ptr<grpc::ClientContext> context_;
  absl::Mutex mutex_;
  bool full_ ABSL_GUARDED_BY(mutex_) = false;
  bool ended_ ABSL_GUARDED_BY(mutex_) = false;
  absl::Status status_ ABSL_GUARDED_BY(mutex_);
  Reactor reactor_;
};

}  // namespace aislewatch::gateway
