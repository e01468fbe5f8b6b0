#include "services/events/rpc/watch_stream.h"

#include <utility>

#include "common/base/status.h"
#include "common/rpc/convert.h"
#include "services/events/rpc/convert.h"

namespace aislewatch::events {

WatchStream::WatchStream(EventStore& events, IncidentFilter filter, std::string cursor,
                         AccessGate::Entry entry, ChangeSignal& signal, ThreadPool& workers,
                         std::function<void(WatchStream*, absl::StatusCode)> on_done)
    : events_store_(events),
      filter_(std::move(filter)),
      cursor_(std::move(cursor)),
      entry_(std::move(entry)),
      signal_(signal),
      workers_(workers),
      on_done_(std::move(on_done)) {}

void WatchStream::Start() {
  subscription_ = signal_.Subscribe([this] { Wake(); });
  workers_.Post([this] { Read(); });
}

void WatchStream::Drain() {
  End(absl::UnavailableError("this replica is shutting down; watch again from the last cursor"));
}

void WatchStream::Wake() {
  absl::MutexLock lock(&mutex_);
  woken_ = true;
  if (state_ != State::kIdle) return;
  state_ = State::kReading;
  workers_.Post([this] { Read(); });
}

absl::StatusOr<std::vector<WatchEvent>> WatchStream::Next() {
  // Only beginning to watch is a use: a page left open must not keep its session for days.
  AW_ASSIGN_OR_RETURN(Principal principal, entry_(/*use=*/!watch_.has_value()));
  if (!watch_.has_value()) {
    scoped_.emplace(events_store_, std::move(principal));
    AW_ASSIGN_OR_RETURN(IncidentWatch watch, IncidentWatch::Create(*scoped_, filter_, cursor_));
    watch_.emplace(std::move(watch));
  }
  return watch_->Next();
}

void WatchStream::Read() {
  while (true) {
    {
      absl::MutexLock lock(&mutex_);
      woken_ = false;
    }
    auto events = Next();
    absl::MutexLock lock(&mutex_);
    if (ending_.has_value()) return FinishLocked(*ending_);
    if (!events.ok()) return FinishLocked(events.status());
    if (!events->empty()) {
      events_ = *std::move(events);
      next_event_ = 0;
      return WriteNext();
    }
    // A signal that came while we read may be of a change that the reading just missed.
    if (!woken_) {
      state_ = State::kIdle;
      return;
    }
  }
}

void WatchStream::WriteNext() {
  state_ = State::kWriting;
  response_ = ToProto(events_[next_event_++]);
  StartWrite(&response_);
}

void WatchStream::OnWriteDone(bool ok) {
  absl::MutexLock lock(&mutex_);
  if (ending_.has_value()) return FinishLocked(*ending_);
  if (!ok) return FinishLocked(absl::CancelledError("the watcher is gone"));
  if (next_event_ < events_.size()) return WriteNext();
  events_.clear();
  state_ = State::kReading;
  workers_.Post([this] { Read(); });
}

void WatchStream::OnCancel() { End(absl::CancelledError("the watcher is gone")); }

void WatchStream::End(absl::Status status) {
  absl::MutexLock lock(&mutex_);
  if (ending_.has_value() || state_ == State::kFinished) return;
  ending_ = std::move(status);
  if (state_ == State::kIdle) FinishLocked(*ending_);
}

void WatchStream::FinishLocked(const absl::Status& status) {
  if (state_ == State::kFinished) return;
  state_ = State::kFinished;
  code_ = status.code();
  Finish(ToGrpc(status));
}

void WatchStream::OnDone() {
  // Waits for a Wake that runs; after it nobody knows of this stream.
  signal_.Unsubscribe(subscription_);
  absl::StatusCode code;
  {
    absl::MutexLock lock(&mutex_);
    code = code_;
  }
  on_done_(this, code);
  delete this;
}

}  // namespace aislewatch::events
