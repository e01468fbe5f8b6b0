// The model that serves now, which can be exchanged while it serves.
#pragma once

#include <functional>
#include <memory>
#include <utility>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"

namespace aislewatch {

/// Holds one model and swaps it atomically for another. Thread-safe.
///
/// Current() hands out shared ownership: who works with the old model finishes with it, and the
/// last of them destroys it. Replace() loads and warms the new model on the caller's thread while
/// the old one goes on serving; a model that cannot be loaded or warmed never becomes current.
template <typename Model>
class ModelSlot {
 public:
  using Loader = std::function<absl::StatusOr<std::unique_ptr<Model>>()>;
  /// Runs the model once on a typical input, so that the first real one does not pay for it.
  using Warmer = std::function<absl::Status(Model&)>;

  /// The slot is empty until the first Replace() that succeeds.
  ModelSlot() = default;
  ModelSlot(const ModelSlot&) = delete;
  ModelSlot& operator=(const ModelSlot&) = delete;

  /// The model that serves, or null where none does yet. Does not block.
  std::shared_ptr<Model> Current() const {
    absl::ReaderMutexLock lock(&mutex_);
    return current_;
  }

  /// Loads, warms and swaps. On an error the old model stays current. Blocks for the loading;
  /// concurrent calls take turns.
  absl::Status Replace(const Loader& load, const Warmer& warm) {
    absl::MutexLock turn(&replacing_);
    absl::StatusOr<std::unique_ptr<Model>> loaded = load();
    if (!loaded.ok()) return loaded.status();
    std::shared_ptr<Model> next = *std::move(loaded);
    if (next == nullptr) return absl::InternalError("the loader gave no model");
    if (absl::Status status = warm(*next); !status.ok()) return status;
    {
      absl::MutexLock lock(&mutex_);
      current_.swap(next);
    }
    // `next` is the old model now; where nobody uses it, it is destroyed outside the lock.
    return absl::OkStatus();
  }

 private:
  absl::Mutex replacing_ ABSL_ACQUIRED_BEFORE(mutex_);
  mutable absl::Mutex mutex_;
  std::shared_ptr<Model> current_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace aislewatch
