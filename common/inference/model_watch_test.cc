#include "common/inference/model_watch.h"

#include <atomic>
#include <filesystem>
#include <fstream>
#include <thread>

#include "absl/strings/str_cat.h"
#include "common/inference/test_folder.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace aislewatch {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

class ModelWatchTest : public ::testing::Test {
 protected:
  void Put(const std::string& version, const std::string& manifest = "{}") {
    const std::string folder = folder_.Path(absl::StrCat("net/", version));
    std::filesystem::create_directories(folder);
    std::ofstream(absl::StrCat(folder, "/model.json")) << manifest;
  }
  void Remove(const std::string& version) {
    std::filesystem::remove_all(folder_.Path(absl::StrCat("net/", version)));
  }

  void Watch() {
    WatchedModel model;
    model.role = "object";
    model.serving = {"net", "1"};
    model.serve = [this](const ModelInfo& asked) {
      absl::MutexLock lock(&mutex_);
      tried_.push_back(asked.version);
      return bad_ ? absl::DataLossError("torn") : absl::OkStatus();
    };
    model.release = [this] { ++looks_; };
    watch_ = std::make_unique<ModelWatch>(ModelRepository({folder_.path()}), "test",
                                          std::vector<WatchedModel>{std::move(model)},
                                          absl::Seconds(30), metrics_, clock_);
  }
  // Returns once two more looks have begun: the first of them has ended.
  void PassLooks() {
    const int before = looks_;
    while (looks_ < before + 2) {
      clock_.Advance(absl::Seconds(10));
      std::this_thread::yield();
    }
  }
  std::vector<std::string> tried() {
    absl::MutexLock lock(&mutex_);
    return tried_;
  }
  void SetBad(bool bad) {
    absl::MutexLock lock(&mutex_);
    bad_ = bad;
  }
  double Swaps() {
    return metrics_.Value("aislewatch_test_model_swaps_total", {{"role", "object"}});
  }
  double Refused() { return metrics_.Value("aislewatch_test_model_refused", {{"role", "object"}}); }

  TestFolder folder_;
  FakeClock clock_{absl::FromUnixSeconds(100)};
  FakeMetrics metrics_;
  absl::Mutex mutex_;
  std::vector<std::string> tried_ ABSL_GUARDED_BY(mutex_);
  bool bad_ ABSL_GUARDED_BY(mutex_) = false;
  std::atomic<int> looks_ = 0;
  std::unique_ptr<ModelWatch> watch_;  // Last: its thread uses the others.
};

TEST_F(ModelWatchTest, ANewerVersionComesToServeOnce) {
  Put("1");
  Watch();
  PassLooks();
  EXPECT_THAT(tried(), IsEmpty());
  Put("10");  // First: a look may be under way.
  Put("2");
  PassLooks();
  PassLooks();
  EXPECT_THAT(tried(), ElementsAre("10"));  // By numbers, not by letters.
  EXPECT_EQ(Swaps(), 1);
}

TEST_F(ModelWatchTest, WhereTheNewestIsRemovedTheOneBelowServesAgain) {
  Put("1");
  Put("2");
  Watch();
  PassLooks();
  Remove("2");
  PassLooks();
  EXPECT_THAT(tried(), ElementsAre("2", "1"));
  Remove("1");  // Nothing is left: what serves goes on.
  PassLooks();
  EXPECT_THAT(tried(), ElementsAre("2", "1"));
}

TEST_F(ModelWatchTest, ABadVersionIsTriedAgainOnlyOnceItsFilesHaveChanged) {
  SetBad(true);
  Put("1");
  Put("2");
  Watch();
  PassLooks();
  PassLooks();
  EXPECT_THAT(tried(), ElementsAre("2"));
  EXPECT_EQ(Refused(), 1);
  SetBad(false);
  PassLooks();
  EXPECT_THAT(tried(), ElementsAre("2"));
  Put("2", "{\"longer\": true}");
  PassLooks();
  EXPECT_THAT(tried(), ElementsAre("2", "2"));
  EXPECT_EQ(Swaps(), 1);
  EXPECT_EQ(Refused(), 0);
}

TEST_F(ModelWatchTest, ABadVersionThatIsRemovedIsNoConcernAnyMore) {
  SetBad(true);
  Put("1");
  Put("2");
  Watch();
  PassLooks();
  EXPECT_EQ(Refused(), 1);
  Remove("2");
  PassLooks();
  EXPECT_EQ(Refused(), 0);
  EXPECT_EQ(Swaps(), 0);
}

TEST_F(ModelWatchTest, NothingIsBegunAfterStop) {
  Put("1");
  Watch();
  watch_->Stop();
  Put("2");
  clock_.Advance(absl::Hours(1));
  watch_.reset();
  EXPECT_THAT(tried(), IsEmpty());
}

}  // namespace
}  // namespace aislewatch
