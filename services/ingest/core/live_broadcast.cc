#include "services/ingest/core/live_broadcast.h"

#include <utility>
#include <vector>

namespace aislewatch::ingest {

std::shared_ptr<const Verdict> LiveSubscription::Take() {
  absl::MutexLock lock(&mutex_);
  return std::exchange(newest_, nullptr);
}

bool LiveSubscription::ended() const {
  absl::MutexLock lock(&mutex_);
  return ended_;
}

uint64_t LiveSubscription::missed() const {
  absl::MutexLock lock(&mutex_);
  return missed_;
}

std::shared_ptr<LiveSubscription> LiveBroadcast::Subscribe(std::function<void()> on_change) {
  std::shared_ptr<LiveSubscription> subscription(new LiveSubscription(std::move(on_change)));
  absl::MutexLock lock(&mutex_);
  std::erase_if(subscriptions_, [](const auto& s) { return s.expired(); });
  if (ended_) {
    absl::MutexLock its_lock(&subscription->mutex_);
    subscription->ended_ = true;
  }
  subscriptions_.push_back(subscription);
  return subscription;
}

std::vector<std::shared_ptr<LiveSubscription>> LiveBroadcast::Subscriptions() {
  absl::MutexLock lock(&mutex_);
  std::vector<std::shared_ptr<LiveSubscription>> alive;
  for (const auto& weak : subscriptions_) {
    if (auto subscription = weak.lock()) alive.push_back(std::move(subscription));
  }
  return alive;
}

void LiveBroadcast::Publish(const std::shared_ptr<const Verdict>& verdict) {
  for (const auto& subscription : Subscriptions()) {
    {
      absl::MutexLock lock(&subscription->mutex_);
      if (subscription->newest_ != nullptr) ++subscription->missed_;
      subscription->newest_ = verdict;
    }
    subscription->on_change_();
  }
}

void LiveBroadcast::End() {
  {
    absl::MutexLock lock(&mutex_);
    ended_ = true;
  }
  for (const auto& subscription : Subscriptions()) {
    {
      absl::MutexLock lock(&subscription->mutex_);
      subscription->ended_ = true;
    }
    subscription->on_change_();
  }
}

}  // namespace aislewatch::ingest
