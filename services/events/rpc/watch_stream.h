// One WatchIncidents call.
//
//        Start → READING ──(events)──→ WRITING ──(all written)──→ READING
//                   │ nothing new          │ the client is gone, or Drain
//                   ▼                      ▼
//                IDLE ──(signal)──→ READING    FINISHED ──OnDone──→ deleted
//
// Reading blocks and runs on the workers; at most one batch is held, and the next is read only when
// it has been written, so a slow watcher costs no memory. Each reading asks first whether the
// caller may (still) watch. Owns itself until OnDone.
#pragma once

#include <grpcpp/support/server_callback.h>

#include <cstddef>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"
#include "aislewatch/v1/events.pb.h"
#include "common/concurrency/thread_pool.h"
#include "services/events/core/change_signal.h"
#include "services/events/core/incident_watch.h"
#include "services/events/core/scoped_stores.h"
#include "services/events/rpc/access_gate.h"

namespace aislewatch::events {

class WatchStream final : public grpc::ServerWriteReactor<v1::WatchIncidentsResponse> {
 public:
  /// `on_done` is called last, with how the stream ended. Everything passed outlives the stream.
  WatchStream(EventStore& events, IncidentFilter filter, std::string cursor,
              AccessGate::Entry entry, ChangeSignal& signal, ThreadPool& workers,
              std::function<void(WatchStream*, absl::StatusCode)> on_done);

  /// Call once, after construction.
  void Start();
  /// Ends the stream with UNAVAILABLE; the client goes on with another replica.
  void Drain();

  void OnWriteDone(bool ok) override;
  void OnCancel() override;
  void OnDone() override;

 private:
  enum class State { kReading, kIdle, kWriting, kFinished };

  void Wake();
  void Read();
  // What comes next, for a caller who may see it.
  absl::StatusOr<std::vector<WatchEvent>> Next();
  void WriteNext() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  // Finishes now, or as soon as the reading or writing that goes on has ended.
  void End(absl::Status status) ABSL_LOCKS_EXCLUDED(mutex_);
  void FinishLocked(const absl::Status& status) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);

  EventStore& events_store_;
  const IncidentFilter filter_;
  const std::string cursor_;
  const AccessGate::Entry entry_;
  // Of whoever reads; set by the first reading.
  std::optional<ScopedEventStore> scoped_;
  std::optional<IncidentWatch> watch_;
  ChangeSignal& signal_;
  ThreadPool& workers_;
  const std::function<void(WatchStream*, absl::StatusCode)> on_done_;
  uint64_t subscription_ = 0;

  absl::Mutex mutex_;
  State state_ ABSL_GUARDED_BY(mutex_) = State::kReading;
  bool woken_ ABSL_GUARDED_BY(mutex_) = false;  // Since the last reading began.
  std::optional<absl::Status> ending_ ABSL_GUARDED_BY(mutex_);
  std::vector<WatchEvent> events_ ABSL_GUARDED_BY(mutex_);
  size_t next_event_ ABSL_GUARDED_BY(mutex_) = 0;
  v1::WatchIncidentsResponse response_ ABSL_GUARDED_BY(mutex_);
  absl::StatusCode code_ ABSL_GUARDED_BY(mutex_) = absl::StatusCode::kOk;
};

}  // namespace aislewatch::events
