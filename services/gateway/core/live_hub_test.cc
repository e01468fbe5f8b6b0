// One upstream for many viewers, and what becomes of slow ones.

#include "services/gateway/core/live_hub.h"

#include "absl/synchronization/notification.h"
#include "common/base/clock.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace aislewatch::gateway {
namespace {

// Gives what the test tells it to.
class HandSource final : public LiveSource {
 public:
  std::shared_ptr<void> Watch(const std::string& camera_id, bool,
                              std::weak_ptr<LiveSink> sink) override {
    absl::MutexLock lock(&mutex_);
    sinks_[camera_id] = std::move(sink);
    ++watches_;
    ++open_;
    return std::shared_ptr<void>(this, [](void* self) {
      auto* source = static_cast<HandSource*>(self);
      absl::MutexLock closing(&source->mutex_);
      --source->open_;
    });
  }
  std::shared_ptr<LiveSink> Sink(const std::string& camera_id) {
    absl::MutexLock lock(&mutex_);
    return sinks_[camera_id].lock();
  }
  void Frame(const std::string& camera_id, const std::string& json) {
    auto frame = std::make_shared<LiveFrame>();
    frame->json = json;
    Sink(camera_id)->OnFrame(std::move(frame));
  }
  int open() {
    absl::MutexLock lock(&mutex_);
    return open_;
  }
  void AwaitWatches(int count) {
    const auto enough = [this, count]()
                            ABSL_SHARED_LOCKS_REQUIRED(mutex_) { return watches_ >= count; };
    absl::MutexLock lock(&mutex_);
    mutex_.Await(absl::Condition(&enough));
  }

 private:
  absl::Mutex mutex_;
  std::map<std::string, std::weak_ptr<LiveSink>> sinks_ ABSL_GUARDED_BY(mutex_);
  int watches_ ABSL_GUARDED_BY(mutex_) = 0;
  int open_ ABSL_GUARDED_BY(mutex_) = 0;
};

class LiveHubTest : public ::testing::Test {
 protected:
  // "camera:json" or "camera gone: why" of everything that waits.
  static std::vector<std::string> Take(LiveViewer& viewer) {
    std::vector<std::string> taken;
    for (const LiveViewer::Event& event : viewer.Next(absl::ZeroDuration())) {
      taken.push_back(event.frame != nullptr ? event.camera_id + ":" + event.frame->json
                                             : event.camera_id + " gone: " + event.detail);
    }
    return taken;
  }

  HandSource source_;
  FakeClock clock_{absl::UnixEpoch()};
  TimerQueue timers_{clock_};
  LiveHub hub_{source_, timers_};
};

TEST_F(LiveHubTest, OpensOneUpstreamAndClosesItWithTheLastViewer) {
  auto one = hub_.Look({"a"}, true);
  auto two = hub_.Look({"a", "b"}, true);
  EXPECT_EQ(source_.open(), 2);
  EXPECT_EQ(hub_.upstreams(), 2u);
  source_.Frame("a", "1");
  EXPECT_THAT(Take(*one), ::testing::ElementsAre("a:1"));
  EXPECT_THAT(Take(*two), ::testing::ElementsAre("a:1"));
  two.reset();
  EXPECT_EQ(source_.open(), 1);
  one.reset();
  EXPECT_EQ(source_.open(), 0);
  EXPECT_EQ(hub_.upstreams(), 0u);
}

TEST_F(LiveHubTest, ASlowViewerGetsTheNewestFrameOfEachCamera) {
  auto viewer = hub_.Look({"a", "b"}, true);
  for (const char* json : {"1", "2", "3"}) source_.Frame("a", json);
  source_.Frame("b", "9");
  EXPECT_THAT(Take(*viewer), ::testing::ElementsAre("a:3", "b:9"));
  EXPECT_THAT(Take(*viewer), ::testing::IsEmpty());
}

TEST_F(LiveHubTest, WhoComesLaterSeesSomethingAtOnce) {
  auto one = hub_.Look({"a"}, true);
  source_.Frame("a", "1");
  auto two = hub_.Look({"a"}, true);
  EXPECT_THAT(Take(*two), ::testing::ElementsAre("a:1"));
  source_.Sink("a")->OnEnd(absl::NotFoundError("not running"));
  auto three = hub_.Look({"a"}, true);
  EXPECT_THAT(Take(*three), ::testing::ElementsAre("a gone: not running"));
}

TEST_F(LiveHubTest, AnEndIsToldOnceAndTriedAgain) {
  auto viewer = hub_.Look({"a"}, true);
  source_.Sink("a")->OnEnd(absl::NotFoundError("not running"));
  EXPECT_THAT(Take(*viewer), ::testing::ElementsAre("a gone: not running"));
  clock_.Advance(absl::Seconds(2));
  source_.AwaitWatches(2);
  source_.Sink("a")->OnEnd(absl::NotFoundError("not running"));
  EXPECT_THAT(Take(*viewer), ::testing::IsEmpty());
  clock_.Advance(absl::Seconds(2));
  source_.AwaitWatches(3);
  source_.Frame("a", "1");
  EXPECT_THAT(Take(*viewer), ::testing::ElementsAre("a:1"));
}

}  // namespace
}  // namespace aislewatch::gateway
