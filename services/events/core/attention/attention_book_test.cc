#include "services/events/core/attention/attention_book.h"

#include <algorithm>

#include "common/base/ids.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace aislewatch::events {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;

const absl::Time kBegin = absl::FromUnixSeconds(1772625600);

ZoneVisit MakeVisit() {
  ZoneVisit visit;
  visit.visit_id = NewUuid();
  visit.store_id = "store-1";
  visit.camera_id = "camera-1";
  visit.zone_id = "window";
  visit.zone_kind = ZoneKind::kStorefront;
  visit.begin_time = kBegin;
  visit.end_time = kBegin + absl::Seconds(10);
  return visit;
}

// Remembers what it was asked, and has as many sums as it is told.
class FakeAttentionStore : public AttentionStore {
 public:
  absl::StatusOr<RecordResult> RecordVisits(const std::vector<ZoneVisit>& visits) override {
    recorded.insert(recorded.end(), visits.begin(), visits.end());
    return RecordResult{static_cast<uint32_t>(visits.size()), 0};
  }
  absl::StatusOr<std::vector<AttentionSum>> ListSums(const AttentionQuery& asked,
                                                     size_t limit) override {
    query = asked;
    return std::vector<AttentionSum>(std::min(sums, limit));
  }

  std::vector<ZoneVisit> recorded;
  AttentionQuery query;
  size_t sums = 1;
};

AttentionQuery ADay() {
  AttentionQuery query;
  query.from = kBegin;
  query.until = kBegin + absl::Hours(24);
  return query;
}

TEST(AttentionBook, NamesEveryVisitThatIsWrongAndAllThatIs) {
  ZoneVisit broken = MakeVisit();
  broken.visit_id = "1";
  broken.zone_id = "the window";
  broken.zone_kind = ZoneKind::kUnspecified;
  broken.end_time = kBegin - absl::Seconds(1);
  broken.looking_time = -absl::Seconds(1);
  broken.looked_before_entering = true;
  broken.dwell = absl::Seconds(2);
  FakeAttentionStore store;
  const absl::Status status =
      AttentionBook(store).Record({MakeVisit(), broken}, Principal::Installation()).status();
  EXPECT_TRUE(absl::IsInvalidArgument(status));
  EXPECT_THAT(std::string(status.message()),
              AllOf(HasSubstr("visits[1].visit_id"), HasSubstr("visits[1].zone_id"),
                    HasSubstr("visits[1].zone_kind"), HasSubstr("visits[1].end_time"),
                    HasSubstr("visits[1].looking_time"), HasSubstr("looked_before_entering"),
                    HasSubstr("visits[1].dwell"), Not(HasSubstr("visits[0]"))));
  EXPECT_TRUE(store.recorded.empty());
}

TEST(AttentionBook, TakesOneToFiveHundredVisits) {
  FakeAttentionStore store;
  AttentionBook book(store);
  const Principal everybody = Principal::Installation();
  EXPECT_TRUE(absl::IsInvalidArgument(book.Record({}, everybody).status()));
  EXPECT_TRUE(absl::IsInvalidArgument(
      book.Record(std::vector<ZoneVisit>(501, MakeVisit()), everybody).status()));
  EXPECT_EQ(book.Record(std::vector<ZoneVisit>(500, MakeVisit()), everybody)->recorded, 500u);
}

TEST(AttentionBook, HoldsBothCallsToTheScope) {
  FakeAttentionStore store;
  AttentionBook book(store);
  Principal caller;
  caller.name = "till";
  caller.scope = {{"store-1"}, {"camera-1", "camera-2"}};
  EXPECT_TRUE(book.Record({MakeVisit()}, caller).ok());
  ZoneVisit other = MakeVisit();
  other.camera_id = "camera-3";
  EXPECT_TRUE(absl::IsPermissionDenied(book.Record({MakeVisit(), other}, caller).status()));
  EXPECT_EQ(store.recorded.size(), 1u);
  AttentionQuery query = ADay();
  query.camera_ids = {"camera-2", "camera-3"};
  ASSERT_TRUE(book.List(query, caller).ok());
  EXPECT_THAT(store.query.store_ids, ElementsAre("store-1"));
  EXPECT_THAT(store.query.camera_ids, ElementsAre("camera-2"));
  query.store_ids = {"store-2"};
  EXPECT_TRUE(book.List(query, caller)->empty());
}

TEST(AttentionBook, RefusesQuestionsThatMakeNoSenseAndAnswersThatAreTooLong) {
  FakeAttentionStore store;
  AttentionBook book(store);
  const auto list = [&](const AttentionQuery& query) {
    return book.List(query, Principal::Installation()).status();
  };
  AttentionQuery backwards = ADay();
  backwards.until = backwards.from;
  EXPECT_THAT(std::string(list(backwards).message()), HasSubstr("from_time"));
  AttentionQuery zone = ADay();
  zone.time_zone = "Europe/Berlin'; DROP TABLE users";
  EXPECT_THAT(std::string(list(zone).message()), HasSubstr("IANA"));
  AttentionQuery step = ADay();
  step.step = static_cast<AttentionStep>(9);
  EXPECT_TRUE(absl::IsInvalidArgument(list(step)));
  store.sums = AttentionBook::kMaxSums;
  EXPECT_TRUE(list(ADay()).ok());
  store.sums = AttentionBook::kMaxSums + 1;
  EXPECT_THAT(std::string(list(ADay()).message()), HasSubstr("coarser step"));
}

}  // namespace
}  // namespace aislewatch::events
