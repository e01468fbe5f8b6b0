#include "services/ingest/core/live_broadcast.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "services/ingest/core/frame_ring.h"

namespace aislewatch::ingest {

LiveFrame LiveSubscription::Take() {
  absl::MutexLock lock(&mutex_);
  return std::exchange(newest_, {});
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

// Remembers the people of the frame, also while nobody looks on: the first picture needs them.
std::shared_ptr<const LivePicture> LiveBroadcast::PictureOf(const Verdict& verdict) {
  if (!verdict.status.ok()) return nullptr;
  const absl::Time now = verdict.frame.capture_time;
  std::vector<TrackedPerson> people;
  for (const ObservedPerson& p : verdict.people) people.push_back(p.person);
  absl::MutexLock lock(&mutex_);
  seen_.push_back({now, people});
  while (seen_.front().capture_time < now - kHeadNeighbourhood) seen_.pop_front();
  for (auto before = seen_.rbegin(); before != seen_.rend(); ++before) {
    for (const TrackedPerson& person : before->people) {
      const bool known = std::any_of(people.begin(), people.end(), [&](const TrackedPerson& p) {
        return p.track_id == person.track_id;
      });
      if (!known) people.push_back(person);
    }
  }
  const bool poses_known = std::find(verdict.degraded.begin(), verdict.degraded.end(), "pose") ==
                           verdict.degraded.end();
  const Hidden hidden = !blur_heads_  ? Hidden::kNothing
                        : poses_known ? Hidden::kHeads
                                      : Hidden::kEverything;
  return std::make_shared<const LivePicture>(verdict.frame.picture, hidden, std::move(people));
}

void LiveBroadcast::Publish(const std::shared_ptr<const Verdict>& verdict) {
  const LiveFrame frame{verdict, PictureOf(*verdict)};
  for (const auto& subscription : Subscriptions()) {
    {
      absl::MutexLock lock(&subscription->mutex_);
      if (subscription->newest_.verdict != nullptr) ++subscription->missed_;
      subscription->newest_ = frame;
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
