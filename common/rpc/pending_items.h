// What a stage client was given and has not answered yet: what is written next, what has waited for
// too long, what a broken stream leaves to be sent again. Knows nothing of gRPC.
//
// Callbacks are never called here, since the caller holds a lock: they are added to Completions, which
// it runs later. Not thread-safe.
#pragma once

#include <cstdint>
#include <map>
#include <utility>
#include <vector>

#include "absl/functional/any_invocable.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "common/rpc/stage_client_options.h"

namespace aislewatch {

/// `Item` and `Answer` have a sequence() by which one belongs to the other.
template <class Item, class Answer>
class PendingItems {
 public:
  using Callback = absl::AnyInvocable<void(absl::StatusOr<Answer>)>;
  /// A callback and what it is to be called with.
  struct Completion {
    Callback done;
    absl::StatusOr<Answer> answer;
  };
  using Completions = std::vector<Completion>;

  explicit PendingItems(const StageClientOptions& options) : options_(options) {}

  size_t size() const { return pending_.size(); }

  /// Takes an item whose sequence is above all before. Where too many wait the oldest waiting one is
  /// refused with RESOURCE_EXHAUSTED.
  void Add(Item item, absl::Time expiry, absl::Time now, Callback done, Completions& completions) {
    const uint64_t sequence = item.sequence();
    pending_.emplace(sequence, Pending{std::move(item), expiry, now, std::move(done)});
    if (pending_.size() - on_wire_ <= options_.max_waiting) return;
    for (auto it = pending_.begin(); it != pending_.end(); ++it) {
      if (it->second.on_wire) continue;
      Complete(it, absl::ResourceExhaustedError("the stage is too slow"), completions);
      return;
    }
  }

  /// The item to write now, which counts as on the wire from then on; null where all are there, or
  /// as many as `max_in_flight`. Valid until the next call.
  const Item* TakeNext(size_t max_in_flight, absl::Time now) {
    if (on_wire_ >= max_in_flight) return nullptr;
    for (auto it = pending_.lower_bound(next_to_send_); it != pending_.end(); ++it) {
      Pending& pending = it->second;
      if (pending.on_wire) continue;
      pending.on_wire = true;
      pending.sent_or_queued = now;
      ++pending.attempts;
      ++on_wire_;
      next_to_send_ = it->first + 1;
      return &pending.item;
    }
    return nullptr;
  }

  /// Completes the answer's item; an answer to nothing is ignored.
  void Resolve(Answer answer, Completions& completions) {
    const auto it = pending_.find(answer.sequence());
    if (it != pending_.end()) Complete(it, std::move(answer), completions);
  }

  /// The stream broke for the reason `why`: what was on the wire waits again, in its place, but for
  /// items that have been on too many streams.
  void Requeue(const absl::Status& why, absl::Time now, Completions& completions) {
    next_to_send_ = 0;
    for (auto it = pending_.begin(); it != pending_.end();) {
      Pending& pending = it->second;
      if (!pending.on_wire) {
        ++it;
      } else if (pending.attempts >= options_.max_attempts) {
        it = Complete(it, why, completions);
      } else {
        pending.sent_or_queued = now;
        pending.on_wire = false;
        --on_wire_;
        ++it;
      }
    }
  }

  /// Refuses waiting items that have expired, and, while the stage `is_away` for the reason `why`,
  /// those that have lost patience. Returns whether an item on the wire is so old that the stream
  /// must hang.
  bool Sweep(bool is_away, absl::string_view stage, const absl::Status& why, absl::Time now,
             Completions& completions) {
    bool stalled = false;
    for (auto it = pending_.begin(); it != pending_.end();) {
      Pending& pending = it->second;
      const absl::Duration waited = now - pending.sent_or_queued;
      if (pending.on_wire) {
        stalled = stalled || waited > options_.stall_timeout;
        ++it;
      } else if (now >= pending.expiry) {
        it = Complete(it, absl::DeadlineExceededError("expired while it waited to be sent"),
                      completions);
      } else if (is_away && waited >= options_.patience) {
        it = Complete(it, absl::UnavailableError(absl::StrCat(stage, " is away: ", why.message())),
                      completions);
      } else {
        ++it;
      }
    }
    return stalled;
  }

  /// Completes everything with `why`.
  void RefuseAll(const absl::Status& why, Completions& completions) {
    for (auto it = pending_.begin(); it != pending_.end();) it = Complete(it, why, completions);
  }

 private:
  struct Pending {
    Item item;
    absl::Time expiry;
    absl::Time sent_or_queued;
    Callback done;
    int attempts = 0;
    bool on_wire = false;
  };
  using Map = std::map<uint64_t, Pending>;  // By sequence.

  typename Map::iterator Complete(typename Map::iterator it, absl::StatusOr<Answer> answer,
                                  Completions& completions) {
    if (it->second.on_wire) --on_wire_;
    completions.push_back({std::move(it->second.done), std::move(answer)});
    return pending_.erase(it);
  }

  const StageClientOptions options_;
  Map pending_;
  uint64_t next_to_send_ = 0;
  size_t on_wire_ = 0;
};

}  // namespace aislewatch
