#include "services/gateway/core/live_hub.h"

#include <algorithm>

namespace aislewatch::gateway {
namespace {

constexpr absl::Duration kTryAgain = absl::Seconds(2);

}  // namespace

// One camera's upstream and who looks on. Lives as long as a viewer or a call holds it.
class LiveHub::Camera final : public LiveSink, public std::enable_shared_from_this<Camera> {
 public:
  Camera(LiveSource& source, std::shared_ptr<Retries> retries, Key key)
      : source_(source), retries_(std::move(retries)), key_(std::move(key)) {}

  void Open() ABSL_LOCKS_EXCLUDED(mutex_) {
    // Called without the lock: the source may end the watch at once.
    auto watch = source_.Watch(key_.first, key_.second, weak_from_this());
    absl::MutexLock lock(&mutex_);
    watch_.swap(watch);  // The old one goes after the lock.
  }

  void Add(const std::weak_ptr<LiveViewer>& viewer) ABSL_LOCKS_EXCLUDED(mutex_) {
    std::shared_ptr<const LiveFrame> newest;
    std::string gone;
    {
      absl::MutexLock lock(&mutex_);
      std::erase_if(viewers_, [](const auto& one) { return one.expired(); });
      viewers_.push_back(viewer);
      newest = newest_;
      gone = gone_;
    }
    // Who comes later sees something at once.
    const auto held = viewer.lock();
    if (held == nullptr) return;
    if (newest != nullptr) held->Put({key_.first, newest, ""});
    if (!gone.empty()) held->Put({key_.first, nullptr, gone});
  }

  void OnFrame(std::shared_ptr<const LiveFrame> frame) override ABSL_LOCKS_EXCLUDED(mutex_) {
    Tell(std::move(frame), "");
  }

  void OnEnd(const absl::Status& why) override ABSL_LOCKS_EXCLUDED(mutex_) {
    Tell(nullptr, why.message().empty() ? "the camera is not running" : std::string(why.message()));
    absl::MutexLock lock(&retries_->mutex);
    if (retries_->timers == nullptr) return;
    retries_->timers->After(kTryAgain, [weak = weak_from_this()] {
      if (const auto camera = weak.lock()) camera->Open();
    });
  }

 private:
  void Tell(std::shared_ptr<const LiveFrame> frame, std::string gone) ABSL_LOCKS_EXCLUDED(mutex_) {
    std::vector<std::weak_ptr<LiveViewer>> viewers;
    {
      absl::MutexLock lock(&mutex_);
      if (frame == nullptr && gone == gone_) return;  // They know.
      newest_ = frame;
      gone_ = gone;
      viewers = viewers_;
    }
    for (const auto& weak : viewers) {
      if (const auto viewer = weak.lock()) viewer->Put({key_.first, frame, gone});
    }
  }

  LiveSource& source_;
  const std::shared_ptr<Retries> retries_;
  const Key key_;
  absl::Mutex mutex_;
  std::vector<std::weak_ptr<LiveViewer>> viewers_ ABSL_GUARDED_BY(mutex_);
  std::shared_ptr<const LiveFrame> newest_ ABSL_GUARDED_BY(mutex_);
  std::string gone_ ABSL_GUARDED_BY(mutex_);
  std::shared_ptr<void> watch_ ABSL_GUARDED_BY(mutex_);
};

LiveViewer::~LiveViewer() = default;

void LiveViewer::Put(Event event) {
  absl::MutexLock lock(&mutex_);
  const auto same = std::find_if(waiting_.begin(), waiting_.end(), [&event](const Event& one) {
    return one.camera_id == event.camera_id;
  });
  if (same == waiting_.end()) {
    waiting_.push_back(std::move(event));
  } else {
    *same = std::move(event);
  }
}

std::vector<LiveViewer::Event> LiveViewer::Next(absl::Duration timeout) {
  absl::MutexLock lock(&mutex_);
  const auto some = [this]() ABSL_SHARED_LOCKS_REQUIRED(mutex_) { return !waiting_.empty(); };
  mutex_.AwaitWithTimeout(absl::Condition(&some), timeout);
  return std::exchange(waiting_, {});
}

LiveHub::LiveHub(LiveSource& source, TimerQueue& timers) : source_(source) {
  absl::MutexLock lock(&retries_->mutex);
  retries_->timers = &timers;
}

LiveHub::~LiveHub() {
  absl::MutexLock lock(&retries_->mutex);
  retries_->timers = nullptr;
}

std::shared_ptr<LiveViewer> LiveHub::Look(const std::vector<std::string>& camera_ids, bool images) {
  const std::shared_ptr<LiveViewer> viewer(new LiveViewer);
  for (const std::string& id : camera_ids) {
    std::shared_ptr<Camera> camera;
    bool opened = false;
    {
      absl::MutexLock lock(&mutex_);
      std::erase_if(cameras_, [](const auto& entry) { return entry.second.expired(); });
      std::weak_ptr<Camera>& known = cameras_[{id, images}];
      camera = known.lock();
      if (camera == nullptr) {
        camera = std::make_shared<Camera>(source_, retries_, Key{id, images});
        known = camera;
        opened = true;
      }
    }
    camera->Add(viewer);
    if (opened) camera->Open();
    viewer->cameras_.push_back(std::move(camera));
  }
  return viewer;
}

size_t LiveHub::upstreams() const {
  absl::MutexLock lock(&mutex_);
  return static_cast<size_t>(std::count_if(
      cameras_.begin(), cameras_.end(), [](const auto& entry) { return !entry.second.expired(); }));
}

}  // namespace aislewatch::gateway
