#include "services/ingest/core/lease_runner.h"

#include <map>
#include <set>
#include <thread>

#include "common/capture/testing/fake_source.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "services/ingest/core/camera_host.h"
#include "services/ingest/testing/clock_mover.h"
#include "services/ingest/testing/fake_events.h"
#include "services/ingest/testing/fake_leases.h"
#include "services/ingest/testing/fake_stages.h"

namespace aislewatch::ingest {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

CameraSettings Camera(const std::string& id, uint64_t revision = 1) {
  CameraSettings settings;
  settings.camera_id = id;
  settings.store_id = "store";
  settings.source_url = "rtsp://cam/" + id;
  settings.revision = revision;
  return settings;
}

class FakeRunner : public CameraRunner {
 public:
  absl::Status Start(const CameraSettings& settings) override {
    absl::MutexLock lock(&mutex_);
    if (refused_.contains(settings.camera_id)) return absl::AlreadyExistsError("pushed");
    running_[settings.camera_id] = settings.revision;
    ++started_;
    return absl::OkStatus();
  }
  void Stop(const std::string& camera_id, absl::Duration) override {
    absl::MutexLock lock(&mutex_);
    running_.erase(camera_id);
  }
  void End(const std::string& camera_id) override {
    absl::MutexLock lock(&mutex_);
    running_.erase(camera_id);
    ended_.push_back(camera_id);
  }
  std::vector<std::string> ended() {
    absl::MutexLock lock(&mutex_);
    return ended_;
  }
  std::vector<PipelineReport> Reports() override {
    absl::MutexLock lock(&mutex_);
    std::vector<PipelineReport> reports;
    for (const auto& [id, revision] : running_) {
      reports.push_back({id, "store", {states_[id], "", 0}, {}, {}, 0});
    }
    return reports;
  }
  void SetState(const std::string& camera_id, SourceState state) {
    absl::MutexLock lock(&mutex_);
    states_[camera_id] = state;
  }
  void Refuse(const std::string& camera_id) {
    absl::MutexLock lock(&mutex_);
    refused_.insert(camera_id);
  }
  std::map<std::string, uint64_t> running() {
    absl::MutexLock lock(&mutex_);
    return running_;
  }
  int started() {
    absl::MutexLock lock(&mutex_);
    return started_;
  }

 private:
  absl::Mutex mutex_;
  std::map<std::string, uint64_t> running_ ABSL_GUARDED_BY(mutex_);
  std::set<std::string> refused_ ABSL_GUARDED_BY(mutex_);
  std::vector<std::string> ended_ ABSL_GUARDED_BY(mutex_);
  std::map<std::string, SourceState> states_ ABSL_GUARDED_BY(mutex_);
  int started_ ABSL_GUARDED_BY(mutex_) = 0;
};

class LeaseRunnerTest : public testing::Test {
 protected:
  void Start() {
    leases_ = std::make_unique<LeaseRunner>(registry_, runner_, LeaseOptions{.holder = "replica-1"},
                                            metrics_, clock_);
  }
  // Moves the clock on to the next call of Sync, in small steps so that the clock does not run away
  // from the runner's thread.
  void PassRound() {
    const size_t before = registry_.requests().size();
    while (registry_.requests().size() == before) {
      clock_.Advance(absl::Milliseconds(20));
      absl::MutexLock lock(&step_mutex_);
      step_.WaitWithTimeout(&step_mutex_, absl::Milliseconds(1));
    }
  }
  // The answer set before has then been acted on.
  void PassRounds() {
    for (int i = 0; i < 3; ++i) PassRound();
  }

  FakeClock clock_{absl::FromUnixSeconds(100)};
  FakeMetrics metrics_;
  FakeLeaseClient registry_;
  FakeRunner runner_;
  absl::Mutex step_mutex_;
  absl::CondVar step_;
  std::unique_ptr<LeaseRunner> leases_;
};

TEST_F(LeaseRunnerTest, RunsExactlyWhatItIsTold) {
  registry_.SetAnswer(LeaseAnswer{{Camera("a"), Camera("b")}, 3});
  Start();
  PassRounds();
  EXPECT_EQ(runner_.running(), (std::map<std::string, uint64_t>{{"a", 1}, {"b", 1}}));
  EXPECT_EQ(metrics_.Value("aislewatch_ingest_unleased_cameras"), 3);
  registry_.SetAnswer(LeaseAnswer{{Camera("b")}, 0});
  PassRounds();
  EXPECT_EQ(runner_.running(), (std::map<std::string, uint64_t>{{"b", 1}}));
  EXPECT_EQ(runner_.started(), 2);
  EXPECT_EQ(registry_.requests().back().reports.size(), 1u);
}

TEST_F(LeaseRunnerTest, CountsCamerasThatComeAndGoButNotThoseThatAreStartedAnew) {
  const auto moves = [this](const char* direction) {
    return metrics_.Value("aislewatch_ingest_lease_moves_total", {{"direction", direction}});
  };
  registry_.SetAnswer(LeaseAnswer{{Camera("a", 1), Camera("b")}, 0});
  Start();
  PassRounds();
  EXPECT_EQ(metrics_.Value("aislewatch_ingest_max_cameras"), 16);
  EXPECT_EQ(moves("gained"), 2);
  registry_.SetAnswer(LeaseAnswer{{Camera("a", 2), Camera("c")}, 0});
  PassRounds();
  EXPECT_EQ(runner_.started(), 4);
  EXPECT_EQ(moves("gained"), 3);
  EXPECT_EQ(moves("lost"), 1);
  leases_->Stop();
  EXPECT_EQ(moves("lost"), 3);
}

TEST_F(LeaseRunnerTest, CountsItsCamerasByState) {
  registry_.SetAnswer(LeaseAnswer{{Camera("a"), Camera("b"), Camera("c")}, 0});
  runner_.SetState("a", SourceState::kOnline);
  runner_.SetState("b", SourceState::kOffline);
  runner_.SetState("c", SourceState::kOffline);
  Start();
  PassRounds();
  const auto cameras = [this](const char* state) {
    return metrics_.Value("aislewatch_ingest_cameras", {{"state", state}});
  };
  EXPECT_EQ(cameras("online"), 1);
  EXPECT_EQ(cameras("offline"), 2);
  EXPECT_EQ(cameras("connecting"), 0);
  runner_.SetState("b", SourceState::kOnline);
  PassRounds();
  EXPECT_EQ(cameras("online"), 2);
  EXPECT_EQ(cameras("offline"), 1);
}

TEST_F(LeaseRunnerTest, AChangedCameraIsStartedAnewWithItsNewSettings) {
  registry_.SetAnswer(LeaseAnswer{{Camera("a", 1)}, 0});
  Start();
  PassRounds();
  registry_.SetAnswer(LeaseAnswer{{Camera("a", 2)}, 0});
  PassRounds();
  EXPECT_EQ(runner_.running(), (std::map<std::string, uint64_t>{{"a", 2}}));
  EXPECT_EQ(runner_.started(), 2);
}

TEST_F(LeaseRunnerTest, StopsItsCamerasBeforeTheLeasesEndWhenItCannotRenew) {
  registry_.SetAnswer(LeaseAnswer{{Camera("a")}, 0});
  Start();
  PassRounds();
  const absl::Time renewed_at_the_latest = clock_.Now();
  registry_.SetAnswer(absl::UnavailableError("registry away"));
  while (!runner_.running().empty()) {
    ASSERT_LT(clock_.Now(), renewed_at_the_latest + absl::Seconds(8));
    PassRound();
  }
  // Back again: the camera runs again.
  registry_.SetAnswer(LeaseAnswer{{Camera("a")}, 0});
  PassRounds();
  EXPECT_EQ(runner_.running().size(), 1u);
}

TEST_F(LeaseRunnerTest, AShortOutageStopsNothing) {
  registry_.SetAnswer(LeaseAnswer{{Camera("a")}, 0});
  Start();
  PassRounds();
  registry_.SetAnswer(absl::UnavailableError("registry away"));
  PassRound();
  registry_.SetAnswer(LeaseAnswer{{Camera("a")}, 0});
  PassRounds();
  EXPECT_EQ(runner_.started(), 1);
}

TEST_F(LeaseRunnerTest, GivesLeasesBackAtTheEnd) {
  registry_.SetAnswer(LeaseAnswer{{Camera("a"), Camera("b")}, 0});
  Start();
  PassRounds();
  leases_->Stop();
  EXPECT_THAT(runner_.running(), IsEmpty());
  EXPECT_THAT(registry_.requests().back().release, ElementsAre("a", "b"));
  EXPECT_EQ(registry_.requests().back().max_cameras, 0u);
}

TEST_F(LeaseRunnerTest, CamerasGoOnWhileTheRegistryHasNoDatabase) {
  registry_.SetAnswer(LeaseAnswer{{Camera("a"), Camera("b")}, 0});
  Start();
  PassRounds();
  registry_.SetAnswer(LeaseAnswer{.cameras = {}, .unleased = 0, .hold = true});
  for (int i = 0; i < 10; ++i) PassRound();  // 20 s; a lease lasts 8.
  EXPECT_EQ(runner_.running(), (std::map<std::string, uint64_t>{{"a", 1}, {"b", 1}}));
  EXPECT_EQ(runner_.started(), 2);
  // Another replica was faster when the database came back.
  registry_.SetAnswer(LeaseAnswer{{Camera("b")}, 0});
  PassRounds();
  EXPECT_EQ(runner_.running(), (std::map<std::string, uint64_t>{{"b", 1}}));
}

TEST_F(LeaseRunnerTest, ACameraThatCannotBeRunIsGivenBack) {
  runner_.Refuse("a");
  registry_.SetAnswer(LeaseAnswer{{Camera("a"), Camera("b")}, 0});
  Start();
  PassRounds();
  EXPECT_EQ(runner_.running(), (std::map<std::string, uint64_t>{{"b", 1}}));
  EXPECT_THAT(registry_.requests().back().release, Contains("a"));
}

TEST_F(LeaseRunnerTest, ACameraThatIsDisabledIsEndedAndOneThatMovesIsNot) {
  registry_.SetAnswer(LeaseAnswer{{Camera("a"), Camera("b")}, 0});
  Start();
  PassRounds();
  registry_.SetAnswer(LeaseAnswer{.cameras = {}, .ended = {"a", "pushed"}});
  PassRounds();
  EXPECT_TRUE(runner_.running().empty());
  EXPECT_EQ(runner_.ended(), std::vector<std::string>{"a"});
}

class CameraHostTest : public testing::Test {
 protected:
  ~CameraHostTest() override { script_->SetEnd(absl::CancelledError()); }

  FakeMetrics metrics_;
  ThreadPool pool_{2};
  FakeStageFactory stages_;
  FakeEventSink events_;
  FakeOutbox outbox_;
  const std::shared_ptr<FakeSourceScript> script_ = std::make_shared<FakeSourceScript>();
  CameraHost host_{PipelineHome{stages_, events_, outbox_, [] {}, pool_, metrics_, RealClock(), {}},
                   [this](const CameraSettings&) { return std::make_unique<FakeSource>(script_); },
                   SupervisorOptions{}};
};

TEST_F(CameraHostTest, ACameraGoesOnWithTheIncidentsThatAreOpen) {
  events_.SetOpen(std::vector<OpenIncident>{{"inc-1", 4, "whole incident"}});
  script_->SetOpen(absl::OkStatus());
  CameraSettings file = Camera("a");
  file.as_fast_as_possible = true;
  ASSERT_TRUE(host_.Start(file).ok());
  for (int i = 1; i <= 5; ++i) script_->AddFrame(absl::FromUnixSeconds(i));
  while (true) {
    const auto reports = host_.Reports();
    if (reports.at(0).counts.analysed == 5) break;
    std::this_thread::yield();
  }
  ASSERT_EQ(stages_.handed_over().size(), 1u);
  EXPECT_EQ(stages_.handed_over()[0].at(0).message, "whole incident");
  EXPECT_EQ(host_.Reports()[0].source.state, SourceState::kOnline);
  host_.Stop("a", absl::ZeroDuration());
  EXPECT_THAT(host_.Reports(), IsEmpty());
}

TEST_F(CameraHostTest, ACameraThatEndsHasItsIncidentsClosed) {
  events_.SetOpen(std::vector<OpenIncident>{{"inc-1", 4, "whole incident"}});
  script_->SetOpen(absl::OkStatus());
  CameraSettings file = Camera("a");
  file.as_fast_as_possible = true;
  ASSERT_TRUE(host_.Start(file).ok());
  script_->AddFrame(absl::FromUnixSeconds(1));
  const auto analysed = [this] {
    const auto reports = host_.Reports();
    return !reports.empty() && reports[0].counts.analysed == 1;
  };
  while (!analysed()) std::this_thread::yield();
  host_.End("a");
  EXPECT_THAT(host_.Reports(), IsEmpty());
  // Its id is taken until it has ended.
  while (!host_.Start(file).ok()) std::this_thread::yield();
  EXPECT_EQ(stages_.closings(), 1);
}

TEST_F(CameraHostTest, ACameraRunsOnlyOnce) {
  script_->SetOpen(absl::OkStatus());
  ASSERT_TRUE(host_.Start(Camera("a")).ok());
  EXPECT_TRUE(absl::IsAlreadyExists(host_.Start(Camera("a"))));
  EXPECT_TRUE(absl::IsAlreadyExists(host_.OpenPush(Camera("a"), true, nullptr).status()));
  auto push = host_.OpenPush(Camera("b"), true, nullptr);
  ASSERT_TRUE(push.ok());
  EXPECT_TRUE(absl::IsAlreadyExists(host_.OpenPush(Camera("b"), true, nullptr).status()));
  EXPECT_TRUE(absl::IsAlreadyExists(host_.Start(Camera("b"))));
  push->reset();
  EXPECT_TRUE(host_.OpenPush(Camera("b"), true, nullptr).ok());
}

TEST_F(CameraHostTest, AStreamWaitsForTheEndOfTheOneBefore) {
  auto first = host_.OpenPush(Camera("a"), true, nullptr);
  ASSERT_TRUE(first.ok());
  (*first)->Ending();
  std::thread ending([&first] {
    (*first)->End();
    first->reset();
  });
  EXPECT_TRUE(host_.OpenPush(Camera("a"), true, nullptr).ok());
  ending.join();
}

TEST_F(CameraHostTest, AStreamDoesNotWaitForEver) {
  FakeClock clock(absl::FromUnixSeconds(0));
  CameraHost host{PipelineHome{stages_, events_, outbox_, [] {}, pool_, metrics_, clock, {}},
                  [](const CameraSettings&) { return nullptr; }, SupervisorOptions{}};
  auto first = host.OpenPush(Camera("a"), true, nullptr);
  ASSERT_TRUE(first.ok());
  (*first)->Ending();
  const ClockMover mover(clock, absl::Milliseconds(100));
  EXPECT_TRUE(absl::IsUnavailable(host.OpenPush(Camera("a"), true, nullptr).status()));
}

TEST_F(CameraHostTest, AnOnlookerWhoDoesNotLookMissesFramesAndDelaysNobody) {
  EXPECT_TRUE(absl::IsNotFound(host_.Watch("b", [] {}).status()));
  auto push = host_.OpenPush(Camera("b"), true, nullptr);
  auto onlooker = host_.Watch("b", [] {});
  ASSERT_TRUE(onlooker.ok());
  for (uint64_t s = 1; s <= 20; ++s) {
    Frame frame;
    frame.sequence = s;
    frame.capture_time = absl::FromUnixSeconds(static_cast<int64_t>(s));
    frame.picture = std::make_shared<const Picture>(cv::Mat(48, 64, CV_8UC3, cv::Scalar::all(0)));
    (*push)->pipeline().Submit(frame);
  }
  ASSERT_TRUE((*push)->pipeline().Drain(absl::InfiniteFuture()));
  EXPECT_EQ((*onlooker)->Take().verdict->frame.sequence, 20u);
  EXPECT_EQ((*onlooker)->missed(), 19u);
  EXPECT_EQ((*onlooker)->Take().verdict, nullptr);
  push->reset();
  EXPECT_TRUE((*onlooker)->ended());
}

}  // namespace
}  // namespace aislewatch::ingest
