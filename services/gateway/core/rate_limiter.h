// Token buckets by key: how often somebody may do something.
//
// Thread-safe. Remembers at most so many keys; of more, the one that was used least recently is
// forgotten, which can only be to its advantage.
#pragma once

#include <list>
#include <string>
#include <unordered_map>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "common/base/clock.h"

namespace aislewatch::gateway {

class RateLimiter {
 public:
  struct Options {
    /// Tokens at the beginning and at most; >= 1.
    double burst = 10;
    /// Tokens that come back; > 0.
    double per_second = 1;
    size_t max_keys = 10'000;
  };

  explicit RateLimiter(Options options, Clock& clock = RealClock());

  /// Takes a token. Zero where there was one, else how long until there is.
  absl::Duration Take(const std::string& key) ABSL_LOCKS_EXCLUDED(mutex_);

 private:
  struct Bucket {
    std::string key;
    double tokens;
    absl::Time filled;
  };

  const Options options_;
  Clock& clock_;
  absl::Mutex mutex_;
  std::list<Bucket> buckets_ ABSL_GUARDED_BY(mutex_);  // Used last comes first.
  std::unordered_map<std::string, std::list<Bucket>::iterator> by_key_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace aislewatch::gateway
