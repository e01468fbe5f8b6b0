// Live pictures for many viewers: one upstream per camera, however many look on.
//
// Thread-safe; nothing here blocks but LiveViewer::Next. A viewer has room for one frame per
// camera, in which the newest wins, so a slow browser misses frames and costs no memory. An
// upstream that ends is opened again every 2 s as long as somebody looks on, and closed when the
// last one goes.
#pragma once

#include <atomic>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "common/concurrency/timer_queue.h"
#include "services/gateway/core/live_frame.h"

namespace aislewatch::gateway {

/// Told what an upstream gives, on any thread.
class LiveSink {
 public:
  virtual ~LiveSink() = default;
  virtual void OnFrame(std::shared_ptr<const LiveFrame> frame) = 0;
  /// Once, last. `why` is for people.
  virtual void OnEnd(const absl::Status& why) = 0;
};

/// Where frames come from.
class LiveSource {
 public:
  virtual ~LiveSource() = default;
  /// Begins to watch, and returns at once. The watch ends when what is returned is destroyed, which
  /// does not wait; the sink is told nothing after its last reference is gone.
  virtual std::shared_ptr<void> Watch(const std::string& camera_id, bool images,
                                      std::weak_ptr<LiveSink> sink) = 0;
};

class LiveHub;

/// One who looks on at some cameras. Used by one thread; the hub fills it.
class LiveViewer {
 public:
  struct Event {
    std::string camera_id;
    /// The newest frame; null where the camera has gone.
    std::shared_ptr<const LiveFrame> frame;
    /// Why it has gone.
    std::string detail;
  };

  ~LiveViewer();
  LiveViewer(const LiveViewer&) = delete;
  LiveViewer& operator=(const LiveViewer&) = delete;

  /// What has come since the last call, at most one event per camera, oldest first; empty after
  /// `timeout`.
  std::vector<Event> Next(absl::Duration timeout) ABSL_LOCKS_EXCLUDED(mutex_);

 private:
  friend class LiveHub;
  LiveViewer() = default;
  void Put(Event event) ABSL_LOCKS_EXCLUDED(mutex_);

  absl::Mutex mutex_;
  std::vector<Event> waiting_ ABSL_GUARDED_BY(mutex_);
  // Keep the cameras' upstreams open.
  std::vector<std::shared_ptr<void>> cameras_;
};

class LiveHub {
 public:
  /// Both outlive the hub. Whoever looks on must have gone before the source goes.
  LiveHub(LiveSource& source, TimerQueue& timers);
  ~LiveHub();

  /// Looks on at the cameras from now on.
  std::shared_ptr<LiveViewer> Look(const std::vector<std::string>& camera_ids, bool images)
      ABSL_LOCKS_EXCLUDED(mutex_);
  /// Upstreams that are open, for tests and metrics.
  size_t upstreams() const ABSL_LOCKS_EXCLUDED(mutex_);

 private:
  class Camera;
  // The timers until the hub ends; a call that is under way then may outlive it.
  struct Retries {
    absl::Mutex mutex;
    TimerQueue* timers ABSL_GUARDED_BY(mutex) = nullptr;
  };
  using Key = std::pair<std::string, bool>;  // Camera and whether with images.

  LiveSource& source_;
  const std::shared_ptr<Retries> retries_ = std::make_shared<Retries>();
  mutable absl::Mutex mutex_;
  std::map<Key, std::weak_ptr<Camera>> cameras_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace aislewatch::gateway
