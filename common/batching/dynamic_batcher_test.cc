#include "common/batching/dynamic_batcher.h"

#include <atomic>
#include <string>

#include "absl/synchronization/blocking_counter.h"
#include "absl/synchronization/notification.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace aislewatch {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using Batcher = DynamicBatcher<int, std::string>;

// Answers in order, from any thread, as text: a result or the name of the status code.
class Answers {
 public:
  Batcher::Callback Expect() {
    absl::MutexLock lock(&mutex_);
    const size_t index = texts_.size();
    texts_.emplace_back();
    return [this, index](absl::StatusOr<std::string> answer) {
      absl::MutexLock lock(&mutex_);
      EXPECT_EQ(texts_[index], "") << "a second answer for item " << index;
      texts_[index] = answer.ok() ? *answer : absl::StatusCodeToString(answer.status().code());
      ++answered_;
    };
  }
  std::vector<std::string> WaitForAll() {
    absl::MutexLock lock(&mutex_);
    mutex_.Await(absl::Condition(this, &Answers::Complete));
    return texts_;
  }
  std::vector<std::string> Now() {
    absl::MutexLock lock(&mutex_);
    return texts_;
  }

 private:
  bool Complete() const ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) { return answered_ == texts_.size(); }

  absl::Mutex mutex_;
  std::vector<std::string> texts_ ABSL_GUARDED_BY(mutex_);
  size_t answered_ ABSL_GUARDED_BY(mutex_) = 0;
};

// A model that runs only when told, and remembers its batches and when they ran.
class PuppetModel {
 public:
  explicit PuppetModel(const Clock& clock) : clock_(clock) {}

  std::vector<Batcher::BatchFunction> Workers(int n) {
    std::vector<Batcher::BatchFunction> workers;
    for (int i = 0; i < n; ++i) {
      workers.emplace_back([this](absl::Span<const int> items) { return Run(items); });
    }
    return workers;
  }
  // Lets every batch run at once until Hold.
  void Release() {
    absl::MutexLock lock(&mutex_);
    held_ = false;
  }
  void Hold() {
    absl::MutexLock lock(&mutex_);
    held_ = true;
  }
  void WaitUntilRunning(int batches) {
    absl::MutexLock lock(&mutex_);
    const auto running = [&] { return running_ == batches; };
    mutex_.Await(absl::Condition(&running));
  }
  void FailWith(absl::Status status) {
    absl::MutexLock lock(&mutex_);
    error_ = std::move(status);
  }
  std::vector<std::vector<int>> batches() {
    absl::MutexLock lock(&mutex_);
    return batches_;
  }
  std::vector<absl::Time> times() {
    absl::MutexLock lock(&mutex_);
    return times_;
  }

 private:
  absl::StatusOr<std::vector<std::string>> Run(absl::Span<const int> items) {
    absl::MutexLock lock(&mutex_);
    batches_.emplace_back(items.begin(), items.end());
    times_.push_back(clock_.Now());
    ++running_;
    const auto released = [this] { return !held_; };
    mutex_.Await(absl::Condition(&released));
    --running_;
    if (!error_.ok()) return error_;
    std::vector<std::string> results;
    for (int item : items) results.push_back(std::to_string(item));
    return results;
  }

  const Clock& clock_;
  absl::Mutex mutex_;
  bool held_ ABSL_GUARDED_BY(mutex_) = false;
  int running_ ABSL_GUARDED_BY(mutex_) = 0;
  absl::Status error_ ABSL_GUARDED_BY(mutex_);
  std::vector<std::vector<int>> batches_ ABSL_GUARDED_BY(mutex_);
  std::vector<absl::Time> times_ ABSL_GUARDED_BY(mutex_);
};

class DynamicBatcherTest : public testing::Test {
 protected:
  void Start(const BatchingOptions& options, int workers = 1) {
    auto batcher = Batcher::Create(options, model_.Workers(workers), clock_, metrics_);
    ASSERT_TRUE(batcher.ok()) << batcher.status();
    batcher_ = *std::move(batcher);
  }
  void Submit(int item, absl::Time expire = absl::InfiniteFuture()) {
    batcher_->Submit(item, expire, answers_.Expect());
  }
  double Outcome(const std::string& name) {
    return metrics_.Value("aislewatch_batched_items_total", {{"outcome", name}});
  }

  const absl::Time start_ = absl::FromUnixSeconds(1700000000);
  FakeClock clock_{start_};
  FakeMetrics metrics_;
  PuppetModel model_{clock_};
  Answers answers_;
  std::unique_ptr<Batcher> batcher_;
};

constexpr absl::Duration kLong = absl::Seconds(10);

TEST_F(DynamicBatcherTest, RunsAFullBatchWithoutWaitingForTheDelay) {
  Start({.max_batch = 3, .max_delay = kLong});
  for (int i = 0; i < 3; ++i) Submit(i);
  EXPECT_THAT(answers_.WaitForAll(), ElementsAre("0", "1", "2"));
  EXPECT_THAT(model_.batches(), ElementsAre(ElementsAre(0, 1, 2)));
  EXPECT_THAT(model_.times(), ElementsAre(start_));
}

TEST_F(DynamicBatcherTest, RunsAPartialBatchOnceItsOldestItemHasWaitedTheDelay) {
  Start({.max_batch = 4, .max_delay = absl::Milliseconds(5)});
  Submit(1);
  clock_.Advance(absl::Milliseconds(3));
  Submit(2);
  clock_.Advance(absl::Milliseconds(2));
  EXPECT_THAT(answers_.WaitForAll(), ElementsAre("1", "2"));
  EXPECT_THAT(model_.batches(), ElementsAre(ElementsAre(1, 2)));
  EXPECT_THAT(model_.times(), ElementsAre(start_ + absl::Milliseconds(5)));
}

TEST_F(DynamicBatcherTest, WithoutDelayTakesWhateverWaitsWhenAThreadIsFree) {
  Start({.max_batch = 4, .max_delay = absl::ZeroDuration()});
  model_.Hold();
  Submit(1);
  model_.WaitUntilRunning(1);
  Submit(2);
  Submit(3);
  model_.Release();
  EXPECT_THAT(answers_.WaitForAll(), ElementsAre("1", "2", "3"));
  EXPECT_THAT(model_.batches(), ElementsAre(ElementsAre(1), ElementsAre(2, 3)));
}

TEST_F(DynamicBatcherTest, NeverInfersWhatExpiredWhileItWaited) {
  Start({.max_batch = 2, .max_delay = absl::ZeroDuration()});
  model_.Hold();
  Submit(1);
  model_.WaitUntilRunning(1);
  Submit(2, start_ + absl::Milliseconds(10));
  Submit(3, start_ + absl::Milliseconds(30));
  Submit(4);
  clock_.Advance(absl::Milliseconds(10));
  model_.Release();
  EXPECT_THAT(answers_.WaitForAll(), ElementsAre("1", "DEADLINE_EXCEEDED", "3", "4"));
  EXPECT_THAT(model_.batches(), ElementsAre(ElementsAre(1), ElementsAre(3, 4)));
  EXPECT_EQ(Outcome("expired"), 1);
}

TEST_F(DynamicBatcherTest, AnswersABatchOfNothingButExpiredItemsWithoutInference) {
  Start({.max_batch = 2, .max_delay = absl::Milliseconds(5)});
  Submit(1, start_);
  Submit(2, start_ - absl::Seconds(1));
  EXPECT_THAT(answers_.WaitForAll(), ElementsAre("DEADLINE_EXCEEDED", "DEADLINE_EXCEEDED"));
  EXPECT_TRUE(model_.batches().empty());
}

TEST_F(DynamicBatcherTest, AFullQueueRejectsTheNewItem) {
  Start({.max_batch = 1, .max_delay = absl::ZeroDuration(), .queue_capacity = 2});
  model_.Hold();
  Submit(1);
  model_.WaitUntilRunning(1);
  for (int i = 2; i <= 4; ++i) Submit(i);
  EXPECT_EQ(answers_.Now()[3], "RESOURCE_EXHAUSTED") << "refused inside Submit";
  EXPECT_EQ(batcher_->queue_length(), 2u);
  EXPECT_EQ(metrics_.Value("aislewatch_queue_items"), 2);
  model_.Release();
  EXPECT_THAT(answers_.WaitForAll(), ElementsAre("1", "2", "3", "RESOURCE_EXHAUSTED"));
  EXPECT_EQ(Outcome("rejected"), 1);
}

TEST_F(DynamicBatcherTest, AFullQueueDropsTheOldestWhereNewestWins) {
  Start({.max_batch = 1,
         .max_delay = absl::ZeroDuration(),
         .queue_capacity = 2,
         .overflow = OverflowPolicy::kDropOldest});
  model_.Hold();
  Submit(1);
  model_.WaitUntilRunning(1);
  for (int i = 2; i <= 4; ++i) Submit(i);
  model_.Release();
  EXPECT_THAT(answers_.WaitForAll(), ElementsAre("1", "RESOURCE_EXHAUSTED", "3", "4"));
  EXPECT_EQ(Outcome("dropped"), 1);
}

TEST_F(DynamicBatcherTest, ExpiredItemsMakeRoomInAFullQueue) {
  Start({.max_batch = 1, .max_delay = absl::ZeroDuration(), .queue_capacity = 2});
  model_.Hold();
  Submit(1);
  model_.WaitUntilRunning(1);
  Submit(2, start_ + absl::Milliseconds(1));
  Submit(3);
  clock_.Advance(absl::Milliseconds(1));
  Submit(4);
  EXPECT_EQ(answers_.Now()[1], "DEADLINE_EXCEEDED");
  model_.Release();
  EXPECT_THAT(answers_.WaitForAll(), ElementsAre("1", "DEADLINE_EXCEEDED", "3", "4"));
}

TEST_F(DynamicBatcherTest, AFailedBatchFailsItsItemsOnly) {
  Start({.max_batch = 2, .max_delay = kLong});
  model_.FailWith(absl::InternalError("out of memory"));
  Submit(1);
  Submit(2);
  EXPECT_THAT(answers_.WaitForAll(), ElementsAre("INTERNAL", "INTERNAL"));
  model_.FailWith(absl::OkStatus());
  Submit(3);
  Submit(4);
  EXPECT_THAT(answers_.WaitForAll(), ElementsAre("INTERNAL", "INTERNAL", "3", "4"));
  EXPECT_EQ(Outcome("failed"), 2);
}

TEST_F(DynamicBatcherTest, AModelThatMiscountsFailsTheBatch) {
  std::vector<Batcher::BatchFunction> workers;
  workers.emplace_back([](absl::Span<const int>) { return std::vector<std::string>{"only one"}; });
  auto batcher = Batcher::Create({.max_batch = 2}, std::move(workers), clock_, metrics_);
  ASSERT_TRUE(batcher.ok());
  (*batcher)->Submit(1, absl::InfiniteFuture(), answers_.Expect());
  (*batcher)->Submit(2, absl::InfiniteFuture(), answers_.Expect());
  EXPECT_THAT(answers_.WaitForAll(), ElementsAre("INTERNAL", "INTERNAL"));
}

TEST_F(DynamicBatcherTest, ShutdownFinishesWhatRunsAndCancelsWhatWaits) {
  Start({.max_batch = 1, .max_delay = absl::ZeroDuration()});
  model_.Hold();
  Submit(1);
  model_.WaitUntilRunning(1);
  Submit(2);
  Submit(3);
  std::thread stopper([this] { batcher_->Shutdown(); });
  const auto cancelled = [this] { return Outcome("cancelled") == 2; };
  absl::Mutex mutex;
  {
    // Cancelled while the batch still runs, so nobody waits for an inference to hear of the end.
    absl::MutexLock lock(&mutex);
    absl::CondVar cv;
    while (!cancelled()) clock_.WaitUntil(cv, mutex, absl::InfiniteFuture());
  }
  EXPECT_EQ(answers_.Now()[0], "");
  model_.Release();
  stopper.join();
  EXPECT_THAT(answers_.Now(), ElementsAre("1", "CANCELLED", "CANCELLED"));
  Submit(4);
  EXPECT_EQ(answers_.Now()[3], "CANCELLED");
  batcher_->Shutdown();
  EXPECT_EQ(Outcome("cancelled"), 3);
}

TEST_F(DynamicBatcherTest, DestructionCancelsABatchThatWaitsForCompany) {
  Start({.max_batch = 8, .max_delay = kLong});
  Submit(1);
  batcher_.reset();
  EXPECT_THAT(answers_.Now(), ElementsAre("CANCELLED"));
}

TEST_F(DynamicBatcherTest, InferenceThreadsRunBatchesAtTheSameTime) {
  Start({.max_batch = 1, .max_delay = absl::ZeroDuration()}, /*workers=*/3);
  model_.Hold();
  for (int i = 0; i < 3; ++i) Submit(i);
  model_.WaitUntilRunning(3);
  model_.Release();
  EXPECT_THAT(answers_.WaitForAll(), ElementsAre("0", "1", "2"));
}

TEST_F(DynamicBatcherTest, AnswersEveryItemOnceWhileManyThreadsSubmitAndItShutsDown) {
  Start({.max_batch = 4,
         .max_delay = absl::ZeroDuration(),
         .queue_capacity = 8,
         .overflow = OverflowPolicy::kDropOldest},
        /*workers=*/2);
  constexpr int kThreads = 4, kItems = 500;
  std::vector<std::atomic<int>> answers(kThreads * kItems);
  absl::BlockingCounter halfway(kThreads);
  std::vector<std::thread> threads;
  for (int t = 0; t < kThreads; ++t) {
    threads.emplace_back([&, t] {
      for (int i = 0; i < kItems; ++i) {
        if (i == kItems / 2) halfway.DecrementCount();
        std::atomic<int>* const count = &answers[t * kItems + i];
        batcher_->Submit(i, i % 7 == 0 ? start_ : absl::InfiniteFuture(),
                         [count](absl::StatusOr<std::string>) { ++*count; });
      }
    });
  }
  halfway.Wait();
  batcher_->Shutdown();
  for (std::thread& thread : threads) thread.join();
  for (const std::atomic<int>& count : answers) ASSERT_EQ(count, 1);
}

TEST_F(DynamicBatcherTest, MeasuresWaitBatchSizeAndRunTime) {
  Start({.max_batch = 2, .max_delay = kLong, .metrics_prefix = "aislewatch_pose",
         .metrics_labels = {{"model", "m"}}});
  Submit(1);
  Submit(2);
  answers_.WaitForAll();
  batcher_->Shutdown();
  const Labels labels = {{"model", "m"}};
  EXPECT_EQ(metrics_.Value("aislewatch_pose_queue_wait_seconds", labels), 2);
  EXPECT_EQ(metrics_.Value("aislewatch_pose_batch_items", labels), 1);
  EXPECT_EQ(metrics_.Value("aislewatch_pose_batch_run_seconds", labels), 1);
  EXPECT_EQ(metrics_.Value("aislewatch_pose_batched_items_total",
                           {{"model", "m"}, {"outcome", "ok"}}),
            2);
}

TEST(BatchingOptions, NamesEveryFieldOutsideItsRange) {
  const absl::Status status = CheckBatchingOptions(
      {.max_batch = 0, .max_delay = -absl::Seconds(1), .queue_capacity = -1});
  EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument);
  EXPECT_THAT(std::string(status.message()),
              testing::AllOf(HasSubstr("max_batch 0"), HasSubstr("max_delay -1s"),
                             HasSubstr("queue_capacity -1")));
  EXPECT_FALSE(CheckBatchingOptions({.max_batch = 8, .queue_capacity = 7}).ok());
  EXPECT_TRUE(CheckBatchingOptions({.max_batch = 8, .queue_capacity = 8}).ok());
  EXPECT_FALSE(CheckBatchingOptions({.max_delay = absl::InfiniteDuration()}).ok());
}

TEST(BatchingOptions, RefusesABatcherWithoutWorkers) {
  FakeMetrics metrics;
  const auto batcher = Batcher::Create({}, {}, RealClock(), metrics);
  EXPECT_EQ(batcher.status().code(), absl::StatusCode::kInvalidArgument);
}

}  // namespace
}  // namespace aislewatch
