#include "services/events/core/retention/retention.h"

#include <string>
#include <thread>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace aislewatch::events {
namespace {

using ::testing::ElementsAre;

// Has three batches of evidence of each severity, two of incidents, one of deliveries.
class FakeStore : public RetentionStore {
 public:
  explicit FakeStore(absl::Time now) : now_(now) {}

  absl::StatusOr<RetentionResult> ExpireEvidence(Severity severity, absl::Time cutoff,
                                                 int) override {
    Note(absl::StrCat("evidence ", static_cast<int>(severity)), cutoff);
    RetentionResult result;
    if (evidence_[static_cast<int>(severity)]-- > 0) {
      result.evidence = 2;
      result.evidence_bytes = 100;
    }
    return Answer(result);
  }
  absl::StatusOr<RetentionResult> RemoveAudit(absl::Time cutoff, int) override {
    Note("audit", cutoff);
    return Answer({});
  }
  absl::StatusOr<RetentionResult> FailPending(absl::Duration age, int) override {
    Note("pending", now_ - age);
    return Answer({});
  }
  absl::StatusOr<RetentionResult> RemoveOrphans(int part, absl::Duration age) override {
    if (part == 0) Note("orphans", now_ - age);
    return Answer({});
  }
  absl::StatusOr<RetentionResult> RemoveIncidents(absl::Time cutoff, int) override {
    Note("incidents", cutoff);
    RetentionResult result;
    result.incidents = incidents_-- > 0 ? 1 : 0;
    return Answer(result);
  }
  absl::StatusOr<RetentionResult> RemoveDeliveries(absl::Time cutoff, int) override {
    Note("deliveries", cutoff);
    RetentionResult result;
    result.deliveries = deliveries-- > 0 ? 5 : 0;
    return Answer(result);
  }
  absl::StatusOr<RetentionResult> RemoveAttention(absl::Time cutoff, int) override {
    Note("attention", cutoff);
    return Answer({});
  }
  absl::StatusOr<RetentionResult> ForgetVisits(absl::Duration age, int) override {
    Note("visits", now_ - age);
    return Answer({});
  }
  absl::StatusOr<RetentionResult> DropEmptyMonths(absl::Time cutoff) override {
    Note("months", cutoff);
    return Answer({});
  }

  int deliveries = 1;  // Batches, those of failing calls included.

  void Fail(absl::Status status) {
    absl::MutexLock lock(&mutex_);
    failure_ = std::move(status);
  }
  std::vector<std::string> calls() {
    absl::MutexLock lock(&mutex_);
    return calls_;
  }
  void AwaitCalls(size_t count) {
    absl::MutexLock lock(&mutex_);
    const auto enough = [&] { return calls_.size() >= count; };
    mutex_.Await(absl::Condition(&enough));
  }

 private:
  void Note(const std::string& what, absl::Time cutoff) {
    absl::MutexLock lock(&mutex_);
    calls_.push_back(absl::StrCat(what, " ", absl::FormatDuration(now_ - cutoff)));
  }
  absl::StatusOr<RetentionResult> Answer(RetentionResult result) {
    absl::MutexLock lock(&mutex_);
    if (!failure_.ok()) return failure_;
    return result;
  }

  const absl::Time now_;
  int evidence_[4] = {0, 1, 1, 1};
  int incidents_ = 2;
  absl::Mutex mutex_;
  absl::Status failure_;
  std::vector<std::string> calls_;
};

const absl::Time kNow = absl::FromUnixSeconds(1772625600);

TEST(Retention, TakesEverythingThatIsTooOldByItsOwnAge) {
  FakeStore store(kNow);
  RetentionResult result;
  ASSERT_TRUE(RunRetention(
                  {}, store, kNow, [] { return true; }, result)
                  .ok());
  EXPECT_THAT(store.calls(),
              ElementsAre("evidence 1 720h", "evidence 1 720h", "evidence 2 2160h",
                          "evidence 2 2160h", "evidence 3 8760h", "evidence 3 8760h",
                          "deliveries 720h", "deliveries 720h", "attention 17520h", "visits 48h",
                          "audit 17520h", "pending 1h", "incidents 17520h", "incidents 17520h",
                          "incidents 17520h", "months 17520h", "orphans 2h"));
  EXPECT_EQ(result.evidence, 6u);
  EXPECT_EQ(result.evidence_bytes, 300u);
  EXPECT_EQ(result.incidents, 2u);
  EXPECT_EQ(result.deliveries, 5u);
}

TEST(Retention, ZeroKeepsForEver) {
  FakeStore store(kNow);
  RetentionResult result;
  RetentionPolicy policy;
  policy.info_evidence = policy.warning_evidence = policy.incidents = absl::ZeroDuration();
  ASSERT_TRUE(RunRetention(
                  policy, store, kNow, [] { return true; }, result)
                  .ok());
  EXPECT_THAT(store.calls(), ElementsAre("evidence 3 8760h", "evidence 3 8760h", "deliveries 720h",
                                         "deliveries 720h", "attention 17520h", "visits 48h",
                                         "audit 17520h", "pending 1h", "orphans 2h"));
}

TEST(Retention, StopsBetweenBatches) {
  FakeStore store(kNow);
  RetentionResult result;
  int batches = 2;
  ASSERT_TRUE(RunRetention(
                  {}, store, kNow, [&] { return batches-- > 0; }, result)
                  .ok());
  EXPECT_EQ(store.calls().size(), 2u);
}

TEST(Retention, TheJobRunsAgainSoonAfterAFailureAndLaterAfterASuccess) {
  FakeClock clock(kNow);
  FakeMetrics metrics;
  FakeStore store(kNow);
  store.Fail(absl::UnavailableError("the database is away"));
  store.deliveries = 3;
  RetentionJob::Options options;
  options.policy = {absl::ZeroDuration(), absl::ZeroDuration(), absl::ZeroDuration(),
                    absl::ZeroDuration(), absl::Hours(1)};
  RetentionJob job(options, store, metrics, clock);
  // Nobody tells when the job has begun to wait, so the clock moves until it runs.
  const auto advance_until = [&](size_t calls, absl::Duration step) {
    while (store.calls().size() < calls) {
      clock.Advance(step);
      std::this_thread::yield();
    }
  };
  advance_until(1, absl::Minutes(1));
  store.Fail(absl::AbortedError("another replica"));
  advance_until(2, absl::Minutes(1));
  store.Fail(absl::OkStatus());
  advance_until(3, absl::Minutes(10));
  store.AwaitCalls(4);  // The second batch of the same run, which takes nothing.
  EXPECT_EQ(metrics.Value("aislewatch_events_retention_failures_total"), 1);
}

}  // namespace
}  // namespace aislewatch::events
