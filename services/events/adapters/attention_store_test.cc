// Sums of visits on a real PostgreSQL.
#include "services/events/adapters/postgres/attention_store.h"

#include <algorithm>
#include <thread>

#include "gmock/gmock.h"
#include "services/events/adapters/postgres/retention_store.h"
#include "services/events/testing/database_test.h"

namespace aislewatch::events {
namespace {

using ::testing::HasSubstr;

// Half past midnight in Berlin, in the night in which its clocks go forward.
const absl::Time kNight = absl::FromUnixSeconds(1774740600);  // 2026-03-28T23:30:00Z

class AttentionStoreTest : public DatabaseTest {
 protected:
  void SetUp() override {
    DatabaseTest::SetUp();
    if (pool_ != nullptr) store_ = std::make_unique<PostgresAttentionStore>(*pool_);
  }
  static ZoneVisit VisitAt(absl::Time time, const std::string& camera = "camera-1") {
    ZoneVisit visit;
    visit.visit_id = NewUuid();
    visit.store_id = "store-1";
    visit.camera_id = camera;
    visit.zone_id = "window";
    visit.zone_kind = ZoneKind::kStorefront;
    visit.begin_time = time;
    visit.end_time = time + absl::Seconds(10);
    visit.looked = visit.entered = visit.looked_before_entering = true;
    visit.looking_time = absl::Milliseconds(1500);
    visit.dwell = absl::Seconds(4);
    return visit;
  }
  static AttentionQuery Week(AttentionStep step) {
    AttentionQuery query;
    query.from = kNight - absl::Hours(72);
    query.until = kNight + absl::Hours(96);
    query.step = step;
    return query;
  }

  std::unique_ptr<PostgresAttentionStore> store_;
};

TEST_F(AttentionStoreTest, AddsUpByTheHour) {
  ZoneVisit passed = VisitAt(kNight + absl::Minutes(29));
  passed.looked = passed.entered = passed.looked_before_entering = false;
  passed.looking_time = passed.dwell = absl::ZeroDuration();
  ASSERT_EQ(store_->RecordVisits({VisitAt(kNight), passed})->recorded, 2u);
  ASSERT_EQ(store_->RecordVisits({VisitAt(kNight), VisitAt(kNight + absl::Minutes(30))})->recorded,
            2u);
  const auto sums = store_->ListSums(Week(AttentionStep::kHour), 10).value();
  ASSERT_EQ(sums.size(), 2u);
  EXPECT_EQ(sums[0].start_time, kNight - absl::Minutes(30));
  EXPECT_EQ(sums[0].store_id, "store-1");
  EXPECT_EQ(sums[0].zone_kind, ZoneKind::kStorefront);
  EXPECT_EQ(sums[0].passers_by, 3u);
  EXPECT_EQ(sums[0].looked, 2u);
  EXPECT_EQ(sums[0].entered, 2u);
  EXPECT_EQ(sums[0].looked_and_entered, 2u);
  EXPECT_EQ(sums[0].looking_time, absl::Seconds(3));
  EXPECT_EQ(sums[0].dwell, absl::Seconds(8));
  EXPECT_EQ(sums[1].start_time, kNight + absl::Minutes(30));
  EXPECT_EQ(sums[1].passers_by, 1u);
}

TEST_F(AttentionStoreTest, CountsAVisitOnceHoweverOftenItComes) {
  const ZoneVisit visit = VisitAt(kNight);
  std::vector<std::thread> senders;
  std::atomic<uint32_t> recorded = 0, duplicates = 0;
  for (int i = 0; i < 4; ++i) {
    senders.emplace_back([&, i] {
      // Each call in another order, so that they would wait for each other's rows.
      std::vector<ZoneVisit> visits = {visit, VisitAt(kNight, "camera-2"), VisitAt(kNight), visit};
      if (i % 2 == 1) std::reverse(visits.begin(), visits.end());
      const auto result = store_->RecordVisits(visits);
      ASSERT_TRUE(result.ok()) << result.status();
      recorded += result->recorded;
      duplicates += result->duplicates;
    });
  }
  for (std::thread& sender : senders) sender.join();
  EXPECT_EQ(recorded, 9u);
  EXPECT_EQ(duplicates, 7u);
  const auto sums = store_->ListSums(Week(AttentionStep::kTotal), 10).value();
  ASSERT_EQ(sums.size(), 2u);
  EXPECT_EQ(sums[0].passers_by, 5u);
  EXPECT_EQ(sums[1].passers_by, 4u);
}

TEST_F(AttentionStoreTest, DaysAreThoseOfTheTimeZone) {
  // 23:30Z belongs to the 29th in Berlin, which has 23 hours, as 21:30Z on the 29th; 22:30Z to the
  // 30th.
  ASSERT_TRUE(
      store_
          ->RecordVisits({VisitAt(kNight - absl::Hours(1)), VisitAt(kNight),
                          VisitAt(kNight + absl::Hours(22)), VisitAt(kNight + absl::Hours(23))})
          .ok());
  AttentionQuery query = Week(AttentionStep::kDay);
  query.time_zone = "Europe/Berlin";
  const auto days = store_->ListSums(query, 10).value();
  ASSERT_EQ(days.size(), 3u);
  EXPECT_EQ(days[0].passers_by, 1u);
  EXPECT_EQ(days[1].passers_by, 2u);
  EXPECT_EQ(days[1].start_time, kNight - absl::Minutes(30));
  EXPECT_EQ(days[2].passers_by, 1u);
  EXPECT_EQ(days[2].start_time, kNight - absl::Minutes(30) + absl::Hours(23));
  for (const char* unknown : {"Europe/Atlantis", "FOO+3", "CEST"}) {
    query.time_zone = unknown;
    const absl::Status status = store_->ListSums(query, 10).status();
    EXPECT_TRUE(absl::IsInvalidArgument(status)) << status;
    EXPECT_THAT(std::string(status.message()), HasSubstr(unknown));
  }
}

TEST_F(AttentionStoreTest, ListsWhatIsAskedForAlone) {
  ZoneVisit shelf = VisitAt(kNight);
  shelf.zone_kind = ZoneKind::kShelf;
  ZoneVisit far = VisitAt(kNight);
  far.store_id = "store-2";
  ASSERT_TRUE(
      store_->RecordVisits({VisitAt(kNight), VisitAt(kNight, "camera-2"), shelf, far}).ok());
  AttentionQuery query = Week(AttentionStep::kHour);
  EXPECT_EQ(store_->ListSums(query, 10)->size(), 4u);
  EXPECT_EQ(store_->ListSums(query, 3)->size(), 3u);
  query.store_ids = {"store-1"};
  EXPECT_EQ(store_->ListSums(query, 10)->size(), 3u);
  query.camera_ids = {"camera-1"};
  EXPECT_EQ(store_->ListSums(query, 10)->size(), 2u);
  query.zone_kinds = {ZoneKind::kShelf, ZoneKind::kExit};
  EXPECT_EQ(store_->ListSums(query, 10)->size(), 1u);
  query.from = kNight;  // The hour began before.
  EXPECT_TRUE(store_->ListSums(query, 10)->empty());
}

TEST_F(AttentionStoreTest, RetentionTakesOldSumsAndForgetsOldVisits) {
  ASSERT_TRUE(store_->RecordVisits({VisitAt(kNight), VisitAt(kNight + absl::Hours(1))}).ok());
  Sql("UPDATE attention_visits SET record_time = now() - interval '49 hours' WHERE visit_id ="
      " (SELECT min(visit_id::text)::uuid FROM attention_visits)");
  PostgresRetentionStore retention(*pool_);
  EXPECT_EQ(retention.ForgetVisits(kVisitIdsKept, 10)->visit_ids, 1u);
  EXPECT_EQ(retention.ForgetVisits(kVisitIdsKept, 10)->visit_ids, 0u);
  EXPECT_EQ(retention.RemoveAttention(kNight, 10)->attention_sums, 1u);
  EXPECT_EQ(retention.RemoveAttention(kNight, 10)->attention_sums, 0u);
  EXPECT_EQ(store_->ListSums(Week(AttentionStep::kHour), 10)->size(), 1u);
}

}  // namespace
}  // namespace aislewatch::events
