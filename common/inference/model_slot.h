// The model that serves now, which can be exchanged while it serves.
#pragma once

#include <memory>
#include <utility>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"

namespace aislewatch {

/// Holds one model and swaps it atomically for another. Thread-safe.
///
/// Current() hands out shared ownership: who works with an old model finishes with it. The slot
/// keeps old models until nobody else does and destroys them itself, in Serve, ReleaseUnused or its
/// own end: a model may own the thread on which its last user runs, and cannot end there.
template <typename Model>
class ModelSlot {
 public:
  /// `first` may be null: then nothing is served.
  explicit ModelSlot(std::shared_ptr<Model> first) : current_(std::move(first)) {}
  ModelSlot(const ModelSlot&) = delete;
  ModelSlot& operator=(const ModelSlot&) = delete;

  /// The model that serves. Does not block.
  std::shared_ptr<Model> Current() const {
    absl::ReaderMutexLock lock(&mutex_);
    return current_;
  }

  /// Serves `next`, loaded and warm, from now on.
  void Serve(std::shared_ptr<Model> next) {
    {
      absl::MutexLock lock(&mutex_);
      current_.swap(next);
      if (next != nullptr) old_.push_back(std::move(next));
    }
    ReleaseUnused();
  }

  /// The model that serves and those before it that live still, for their shutdown.
  std::vector<std::shared_ptr<Model>> All() const {
    absl::ReaderMutexLock lock(&mutex_);
    std::vector<std::shared_ptr<Model>> all = old_;
    if (current_ != nullptr) all.push_back(current_);
    return all;
  }

  /// Destroys old models that nobody works with any more. Returns how many are left.
  size_t ReleaseUnused() {
    std::vector<std::shared_ptr<Model>> unused;
    absl::ReleasableMutexLock lock(&mutex_);
    // Nobody gets an old model from here any more, so who is alone stays alone.
    for (auto it = old_.begin(); it != old_.end();) {
      if (it->use_count() > 1) {
        ++it;
        continue;
      }
      unused.push_back(std::move(*it));
      it = old_.erase(it);
    }
    const size_t left = old_.size();
    lock.Release();  // Ending a model may take its time.
    return left;
  }

 private:
  mutable absl::Mutex mutex_;
  std::shared_ptr<Model> current_ ABSL_GUARDED_BY(mutex_);
  std::vector<std::shared_ptr<Model>> old_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace aislewatch
