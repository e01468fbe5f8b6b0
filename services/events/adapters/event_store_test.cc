#include "services/events/adapters/postgres/event_store.h"

#include <thread>

#include "gmock/gmock.h"
#include "services/events/core/incident_log.h"
#include "services/events/core/incident_watch.h"
#include "services/events/testing/database_test.h"

namespace aislewatch::events {
namespace {

using ::testing::HasSubstr;

class EventStoreTest : public DatabaseTest {
 protected:
  void SetUp() override {
    DatabaseTest::SetUp();
    if (pool_ == nullptr) return;
    store_ = std::make_unique<PostgresEventStore>(*pool_);
    log_ = std::make_unique<IncidentLog>(*store_);
  }

  RecordResult Record(const std::vector<Transition>& transitions) {
    const auto result = log_->Record(transitions);
    EXPECT_TRUE(result.ok()) << result.status();
    return result.value_or(RecordResult{});
  }
  // Everything that a watch from `cursor` tells until nothing is new.
  std::vector<WatchEvent> WatchAll(const IncidentFilter& filter, const std::string& cursor) {
    auto watch = IncidentWatch::Create(*store_, filter, cursor).value();
    std::vector<WatchEvent> all;
    while (true) {
      const auto events = watch.Next().value();
      if (events.empty()) return all;
      all.insert(all.end(), events.begin(), events.end());
    }
  }

  std::unique_ptr<PostgresEventStore> store_;
  std::unique_ptr<IncidentLog> log_;
};

TEST_F(EventStoreTest, RecordsEachTransitionOnce) {
  const std::string id = NewUuid();
  EXPECT_EQ(Record({MakeTransition(id, 1), MakeTransition(id, 2)}).recorded, 2u);
  const RecordResult again =
      Record({MakeTransition(id, 1), MakeTransition(id, 2), MakeTransition(id, 3)});
  EXPECT_EQ(again.recorded, 1u);
  EXPECT_EQ(again.duplicates, 2u);
  EXPECT_EQ(Record({MakeTransition(id, 4), MakeTransition(id, 4)}).duplicates, 1u);
  const auto history = log_->Get(id).value();
  EXPECT_EQ(history.transitions.size(), 4u);
  EXPECT_EQ(history.incident.transition_number, 4u);
  EXPECT_EQ(Sql("SELECT count(*) FROM incident_changes"), "4");
}

TEST_F(EventStoreTest, ALateOlderTransitionLeavesTheNewerState) {
  const std::string id = NewUuid();
  Transition closed = MakeTransition(id, 3, Severity::kCritical);
  closed.kind = TransitionKind::kClosed;
  closed.incident.state = IncidentState::kClosed;
  closed.incident.closed_time = closed.time;
  closed.incident.tracks[0].peak_risk = 0.9f;
  Record({closed});
  Record({MakeTransition(id, 1), MakeTransition(id, 2)});
  const auto history = log_->Get(id).value();
  EXPECT_EQ(history.incident.state, IncidentState::kClosed);
  EXPECT_EQ(history.incident.severity, Severity::kCritical);
  EXPECT_EQ(history.incident.transition_number, 3u);
  ASSERT_EQ(history.transitions.size(), 3u);
  EXPECT_EQ(history.transitions[0].number, 1u);
  EXPECT_EQ(Sql("SELECT peak_risk FROM incident_tracks"), "0.9");
}

TEST_F(EventStoreTest, WritesNothingWhereOneTransitionIsWrong) {
  Transition wrong = MakeTransition(NewUuid(), 1);
  wrong.incident.severity = Severity::kUnspecified;
  const auto invalid = log_->Record({MakeTransition(NewUuid(), 1), wrong});
  EXPECT_EQ(invalid.status().code(), absl::StatusCode::kInvalidArgument);
  EXPECT_THAT(invalid.status().message(), HasSubstr("transitions[1]"));
  const std::string id = NewUuid();
  Record({MakeTransition(id, 1)});
  Transition other_camera = MakeTransition(id, 2);
  other_camera.incident.camera_id = "camera-2";
  const auto contradiction = log_->Record({MakeTransition(NewUuid(), 1), other_camera});
  EXPECT_EQ(contradiction.status().code(), absl::StatusCode::kInvalidArgument);
  EXPECT_THAT(contradiction.status().message(), HasSubstr("transitions[1]"));
  EXPECT_EQ(Sql("SELECT count(*) FROM incidents"), "1");
}

TEST_F(EventStoreTest, FourThreadsRecordTheSameIncidentOnce) {
  const std::string first = NewUuid(), second = NewUuid();
  std::vector<Transition> forwards, backwards;
  for (uint32_t number = 1; number <= 20; ++number) {
    forwards.push_back(MakeTransition(first, number));
    forwards.push_back(MakeTransition(second, number));
  }
  backwards.assign(forwards.rbegin(), forwards.rend());
  std::atomic<uint32_t> recorded = 0;
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([&, i] {
      // One by one, so that the threads interleave; in both orders, so that locks could cross.
      for (const Transition& one : i % 2 == 0 ? forwards : backwards) {
        recorded += Record({one}).recorded;
      }
      recorded += Record(i % 2 == 0 ? forwards : backwards).recorded;
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(recorded, 40u);
  EXPECT_EQ(Sql("SELECT count(*) FROM incident_transitions"), "40");
  EXPECT_EQ(log_->Get(first).value().incident.transition_number, 20u);
}

TEST_F(EventStoreTest, MakesPartitionsForManyMonthsUnderConcurrency) {
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([&] {
      for (int month = 0; month < 6; ++month) {
        Transition transition = MakeTransition(NewUuid(), 1);
        transition.incident.opened_time = *transition.time + absl::Hours(24 * 31 * month);
        EXPECT_EQ(Record({transition}).recorded, 1u);
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(Sql("SELECT count(*) FROM incidents"), "24");
  EXPECT_EQ(Sql("SELECT count(*) FROM pg_inherits WHERE inhparent = 'incidents'::regclass"), "6");
}

TEST_F(EventStoreTest, AWatcherMissesNothingUnderConcurrentWriters) {
  constexpr int kWriters = 4, kEach = 50;
  std::atomic<int> writing = kWriters;
  std::vector<std::thread> writers;
  for (int w = 0; w < kWriters; ++w) {
    writers.emplace_back([&] {
      for (int i = 0; i < kEach; ++i) Record({MakeTransition(NewUuid(), 1)});
      --writing;
    });
  }
  auto watch = IncidentWatch::Create(*store_, {}, "0").value();
  std::set<std::string> seen;
  uint64_t last = 0;
  bool was_writing = true;
  while (true) {
    const auto events = watch.Next().value();
    if (events.empty() && !was_writing) break;  // Nothing new since after the last write.
    was_writing = writing > 0;
    for (const WatchEvent& event : events) {
      EXPECT_EQ(event.cursor, absl::StrCat(++last));
      EXPECT_TRUE(seen.insert(event.transition->incident.incident_id).second);
    }
  }
  for (std::thread& writer : writers) writer.join();
  EXPECT_EQ(seen.size(), kWriters * kEach);
}

TEST_F(EventStoreTest, AWatchGoesOnFromItsCursorWithItsFilter) {
  const std::string id = NewUuid();
  Record({MakeTransition(id, 1), MakeTransition(id, 2)});
  Transition elsewhere = MakeTransition(NewUuid(), 1);
  elsewhere.incident.store_id = "store-2";
  Record({elsewhere, MakeTransition(id, 3)});
  IncidentFilter filter;
  filter.store_ids = {"store-1"};
  const auto all = WatchAll(filter, "0");
  ASSERT_EQ(all.size(), 3u);
  const auto rest = WatchAll(filter, all[1].cursor);
  ASSERT_EQ(rest.size(), 1u);
  EXPECT_EQ(rest[0].transition->number, 3u);
  const auto now = WatchAll(filter, "");
  ASSERT_EQ(now.size(), 1u);
  EXPECT_FALSE(now[0].transition.has_value());
}

TEST_F(EventStoreTest, RefusesACursorOfAnotherDatabase) {
  auto watch = IncidentWatch::Create(*store_, {}, "12").value();
  EXPECT_EQ(watch.Next().status().code(), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(IncidentWatch::Create(*store_, {}, "-1").status().code(),
            absl::StatusCode::kInvalidArgument);
}

TEST_F(EventStoreTest, KeepsReviewsAndTellsWatchers) {
  const std::string id = NewUuid();
  Record({MakeTransition(id, 1)});
  Review verdict;
  verdict.incident_id = id;
  verdict.state = ReviewState::kFalseAlarm;
  verdict.reviewer = "ann";
  ASSERT_TRUE(log_->AddReview(verdict).ok());
  // What the pipeline tells afterwards does not undo it.
  Record({MakeTransition(id, 2)});
  const auto history = log_->Get(id).value();
  EXPECT_EQ(history.incident.review_state, ReviewState::kFalseAlarm);
  ASSERT_EQ(history.reviews.size(), 1u);
  const auto told = WatchAll({}, "1");
  ASSERT_EQ(told.size(), 2u);
  EXPECT_EQ(told[0].review->reviewer, "ann");
  verdict.incident_id = NewUuid();
  EXPECT_EQ(log_->AddReview(verdict).status().code(), absl::StatusCode::kNotFound);
}

TEST_F(EventStoreTest, AHoldStaysUntilItIsLetGo) {
  const std::string id = NewUuid();
  Record({MakeTransition(id, 1)});
  EXPECT_FALSE(log_->Get(id).value().incident.hold);
  EXPECT_TRUE(log_->SetHold(id, true).value().hold);
  Record({MakeTransition(id, 2)});
  const Incident held = log_->SetHold(id, true).value();
  EXPECT_TRUE(held.hold);
  EXPECT_EQ(held.transition_number, 2u);
  EXPECT_TRUE(log_->List({}, 0, "").value().incidents[0].hold);
  EXPECT_FALSE(log_->SetHold(id, false).value().hold);
  EXPECT_EQ(log_->SetHold(NewUuid(), true).status().code(), absl::StatusCode::kNotFound);
  EXPECT_EQ(log_->SetHold("x", true).status().code(), absl::StatusCode::kInvalidArgument);
}

TEST_F(EventStoreTest, PagesThroughEverythingOnceNewestFirst) {
  std::set<std::string> expected;
  for (int i = 0; i < 7; ++i) {
    Transition transition = MakeTransition(NewUuid(), 1);
    // Pairs share their time, so that the id has to decide.
    transition.incident.opened_time = *transition.incident.opened_time + absl::Minutes(i / 2);
    expected.insert(transition.incident.incident_id);
    Record({transition});
  }
  std::set<std::string> seen;
  std::string token;
  absl::Time last = absl::InfiniteFuture();
  do {
    const auto page = log_->List({}, 3, token).value();
    for (const Incident& incident : page.incidents) {
      EXPECT_TRUE(seen.insert(incident.incident_id).second);
      EXPECT_LE(*incident.opened_time, last);
      last = *incident.opened_time;
    }
    token = page.next_page_token;
  } while (!token.empty());
  EXPECT_EQ(seen, expected);
}

TEST_F(EventStoreTest, RefusesATokenOfAnotherFilterOrTamperedWith) {
  for (int i = 0; i < 3; ++i) Record({MakeTransition(NewUuid(), 1)});
  const std::string token = log_->List({}, 1, "").value().next_page_token;
  IncidentFilter other;
  other.camera_ids = {"camera-1"};
  EXPECT_EQ(log_->List(other, 1, token).status().code(), absl::StatusCode::kInvalidArgument);
  std::string tampered = token;
  tampered[tampered.size() / 2] = tampered[tampered.size() / 2] == 'A' ? 'B' : 'A';
  EXPECT_EQ(log_->List({}, 1, tampered).status().code(), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(log_->List({}, 501, "").status().code(), absl::StatusCode::kInvalidArgument);
}

TEST_F(EventStoreTest, FiltersByEveryField) {
  Transition critical = MakeTransition(NewUuid(), 1, Severity::kCritical);
  critical.incident.camera_id = "camera-2";
  critical.incident.kind = IncidentKind::kFight;
  critical.incident.opened_time = *critical.incident.opened_time + absl::Hours(1);
  Record({MakeTransition(NewUuid(), 1), critical});
  const auto count = [&](auto set) {
    IncidentFilter filter;
    set(filter);
    return log_->List(filter, 0, "").value().incidents.size();
  };
  EXPECT_EQ(count([](IncidentFilter& f) { f.camera_ids = {"camera-2"}; }), 1u);
  EXPECT_EQ(count([](IncidentFilter& f) { f.store_ids = {"store-9"}; }), 0u);
  EXPECT_EQ(count([](IncidentFilter& f) { f.kinds = {IncidentKind::kFight}; }), 1u);
  EXPECT_EQ(count([](IncidentFilter& f) { f.min_severity = Severity::kCritical; }), 1u);
  EXPECT_EQ(count([](IncidentFilter& f) { f.state = IncidentState::kClosed; }), 0u);
  EXPECT_EQ(count([](IncidentFilter& f) { f.review_state = ReviewState::kUnreviewed; }), 2u);
  const absl::Time opened = *critical.incident.opened_time;
  EXPECT_EQ(count([&](IncidentFilter& f) { f.opened_from = opened; }), 1u);
  EXPECT_EQ(count([&](IncidentFilter& f) { f.opened_until = opened; }), 1u);
}

}  // namespace
}  // namespace aislewatch::events
