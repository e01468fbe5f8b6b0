// Hands verdicts to whoever looks on, without waiting for anybody.
#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <utility>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "services/ingest/core/live_picture.h"
#include "services/ingest/core/verdict.h"

namespace aislewatch::ingest {

class LiveBroadcast;

/// What an onlooker gets.
struct LiveFrame {
  /// Null where there is none.
  std::shared_ptr<const Verdict> verdict;
  /// Null where the frame was not analysed, since nobody knows then who is in it.
  std::shared_ptr<const LivePicture> picture;
};

/// One onlooker: a mailbox for one verdict, in which the newest wins. Thread-safe.
class LiveSubscription {
 public:
  LiveSubscription(const LiveSubscription&) = delete;
  LiveSubscription& operator=(const LiveSubscription&) = delete;

  /// The newest frame not yet taken, if there is one.
  LiveFrame Take() ABSL_LOCKS_EXCLUDED(mutex_);
  /// Whether the pipeline has ended: nothing will come any more.
  bool ended() const ABSL_LOCKS_EXCLUDED(mutex_);
  /// Verdicts that were overtaken before they were taken.
  uint64_t missed() const ABSL_LOCKS_EXCLUDED(mutex_);

 private:
  friend class LiveBroadcast;
  explicit LiveSubscription(std::function<void()> on_change) : on_change_(std::move(on_change)) {}

  const std::function<void()> on_change_;
  mutable absl::Mutex mutex_;
  LiveFrame newest_ ABSL_GUARDED_BY(mutex_);
  uint64_t missed_ ABSL_GUARDED_BY(mutex_) = 0;
  bool ended_ ABSL_GUARDED_BY(mutex_) = false;
};

/// The verdicts of one pipeline. Thread-safe.
class LiveBroadcast {
 public:
  /// `blur_heads`: in the pictures heads are blurred, also those that only a frame shortly before
  /// shows.
  explicit LiveBroadcast(bool blur_heads) : blur_heads_(blur_heads) {}

  /// `on_change` is called, on the pipeline's thread and with no lock held, after a verdict has
  /// been put into the mailbox and at the end; it must not block. It may still run while the
  /// subscription is being destroyed, so it must own what it uses.
  std::shared_ptr<LiveSubscription> Subscribe(std::function<void()> on_change)
      ABSL_LOCKS_EXCLUDED(mutex_);
  void Publish(const std::shared_ptr<const Verdict>& verdict) ABSL_LOCKS_EXCLUDED(mutex_);
  void End() ABSL_LOCKS_EXCLUDED(mutex_);

 private:
  // People of a frame that has passed.
  struct Seen {
    absl::Time capture_time;
    std::vector<TrackedPerson> people;
  };

  std::vector<std::shared_ptr<LiveSubscription>> Subscriptions() ABSL_LOCKS_EXCLUDED(mutex_);
  std::shared_ptr<const LivePicture> PictureOf(const Verdict& verdict) ABSL_LOCKS_EXCLUDED(mutex_);

  const bool blur_heads_;

  absl::Mutex mutex_;
  // Newest last.
  std::deque<Seen> seen_ ABSL_GUARDED_BY(mutex_);
  std::vector<std::weak_ptr<LiveSubscription>> subscriptions_ ABSL_GUARDED_BY(mutex_);
  bool ended_ ABSL_GUARDED_BY(mutex_) = false;
};

}  // namespace aislewatch::ingest
