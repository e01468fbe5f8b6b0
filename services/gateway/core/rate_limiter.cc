#include "services/gateway/core/rate_limiter.h"

#include <algorithm>

namespace aislewatch::gateway {

RateLimiter::RateLimiter(Options options, Clock& clock) : options_(options), clock_(clock) {}

absl::Duration RateLimiter::Take(const std::string& key) {
  const absl::Time now = clock_.Now();
  absl::MutexLock lock(&mutex_);
  const auto found = by_key_.find(key);
  if (found == by_key_.end()) {
    buckets_.push_front({key, options_.burst, now});
    by_key_[key] = buckets_.begin();
    if (buckets_.size() > options_.max_keys) {
      by_key_.erase(buckets_.back().key);
      buckets_.pop_back();
    }
  } else {
    buckets_.splice(buckets_.begin(), buckets_, found->second);
  }
  Bucket& bucket = buckets_.front();
  const double since = std::max(0.0, absl::ToDoubleSeconds(now - bucket.filled));
  bucket.tokens = std::min(options_.burst, bucket.tokens + since * options_.per_second);
  bucket.filled = now;
  if (bucket.tokens >= 1) {
    bucket.tokens -= 1;
    return absl::ZeroDuration();
  }
  return absl::Seconds((1 - bucket.tokens) / options_.per_second);
}

}  // namespace aislewatch::gateway
