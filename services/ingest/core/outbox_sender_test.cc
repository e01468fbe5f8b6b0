#include "services/ingest/core/outbox_sender.h"

#include <atomic>
#include <thread>

#include "absl/synchronization/notification.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "services/ingest/core/spilling_outbox.h"
#include "services/ingest/testing/fake_events.h"

namespace aislewatch::ingest {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::UnorderedElementsAre;

class OutboxSenderTest : public testing::Test {
 protected:
  void Append(std::vector<OutboxItem> items) { ASSERT_TRUE(outbox_.Append(items).ok()); }
  // Moves the fake clock until the outbox is empty.
  void SendAll(OutboxSender& sender) {
    while (outbox_.pending() > 0) {
      clock_.Advance(absl::Seconds(1));
      sender.Notify();
      std::this_thread::yield();
    }
  }

  FakeClock clock_{absl::FromUnixSeconds(100)};
  FakeMetrics metrics_;
  FakeOutbox outbox_;
  FakeEventSink sink_;
};

TEST_F(OutboxSenderTest, SendsInOrderAndRemovesWhatIsCommitted) {
  Append({TransitionItem("a", 1), EvidenceItem("a", "snap"), TransitionItem("a", 2),
          TransitionItem("b", 1)});
  OutboxSender sender(outbox_, sink_, {}, metrics_, clock_);
  SendAll(sender);
  EXPECT_THAT(sink_.stored(), ElementsAre("a/1", "snap", "a/2", "b/1"));
  EXPECT_TRUE(sender.Flush(clock_.Now() + absl::Seconds(1)));
}

TEST_F(OutboxSenderTest, WaitsForEventStorageAndLosesNothing) {
  std::atomic<bool> away = true;
  sink_.FailWhere([&](const OutboxItem&) {
    return away ? absl::UnavailableError("database away") : absl::OkStatus();
  });
  Append({TransitionItem("a", 1), TransitionItem("a", 2)});
  OutboxSender sender(outbox_, sink_, {}, metrics_, clock_);
  while (sink_.calls() < 4) {
    clock_.Advance(absl::Seconds(1));
    std::this_thread::yield();
  }
  EXPECT_EQ(outbox_.pending(), 2u);
  EXPECT_THAT(sink_.stored(), IsEmpty());
  away = false;
  SendAll(sender);
  EXPECT_THAT(sink_.stored(), ElementsAre("a/1", "a/2"));
}

TEST_F(OutboxSenderTest, TellsHowLongTheOldestItemHasWaited) {
  std::atomic<bool> away = true;
  sink_.FailWhere([&](const OutboxItem&) {
    return away ? absl::UnavailableError("database away") : absl::OkStatus();
  });
  OutboxItem item = TransitionItem("a", 1);
  item.append_time = clock_.Now() - absl::Seconds(30);
  Append({item});
  OutboxSender sender(outbox_, sink_, {}, metrics_, clock_);
  const auto age = [this] { return metrics_.Value("aislewatch_ingest_outbox_oldest_age_seconds"); };
  while (age() < 30) std::this_thread::yield();
  // The sender reads the clock anew before it waits: one long step might come before that, and be
  // no part of what it waits for.
  while (age() < 70) {
    clock_.Advance(absl::Seconds(1));
    std::this_thread::yield();
  }
  EXPECT_GT(sink_.calls(), 1);
  away = false;
  SendAll(sender);
  EXPECT_TRUE(sender.Flush(clock_.Now() + absl::Seconds(1)));
  EXPECT_EQ(age(), 0);
}

TEST_F(OutboxSenderTest, WhereEvidenceCannotBeStoredTransitionsGoOn) {
  std::atomic<bool> full = true;
  sink_.FailWhere([&](const OutboxItem& item) {
    return full && !item.evidence_id.empty() ? absl::ResourceExhaustedError("the volume is full")
                                             : absl::OkStatus();
  });
  Append({TransitionItem("a", 1), EvidenceItem("a", "snap"), EvidenceItem("a", "overlay"),
          TransitionItem("a", 2), TransitionItem("b", 1)});
  OutboxSender sender(outbox_, sink_, {}, metrics_, clock_);
  while (outbox_.pending() > 2) std::this_thread::yield();
  EXPECT_THAT(sink_.stored(), ElementsAre("a/1", "a/2", "b/1"));
  full = false;
  SendAll(sender);
  EXPECT_THAT(sink_.stored(), ElementsAre("a/1", "a/2", "b/1", "snap", "overlay"));
}

TEST_F(OutboxSenderTest, APoisonedItemGoesToTheDeadLettersAndBlocksNobody) {
  sink_.FailWhere([](const OutboxItem& item) {
    return item.body == "a/2" ? absl::InvalidArgumentError("bad transition") : absl::OkStatus();
  });
  Append({TransitionItem("a", 1), TransitionItem("a", 2), TransitionItem("a", 3),
          TransitionItem("b", 1)});
  OutboxSender sender(outbox_, sink_, {}, metrics_, clock_);
  SendAll(sender);
  EXPECT_THAT(sink_.stored(), ElementsAre("a/1", "a/3", "b/1"));
  EXPECT_THAT(outbox_.buried(), ElementsAre(HasSubstr("bad transition")));
  EXPECT_EQ(metrics_.Value("aislewatch_ingest_outbox_dead_letters_total"), 1);
}

TEST_F(OutboxSenderTest, AnIncidentThatEventStorageFailsOnHoldsBackOnlyItself) {
  std::atomic<bool> broken = true;
  sink_.FailWhere([&](const OutboxItem& item) {
    return broken && item.incident_id == "a" ? absl::InternalError("bug") : absl::OkStatus();
  });
  Append({TransitionItem("a", 1), EvidenceItem("a", "snap"), TransitionItem("b", 1),
          TransitionItem("a", 2)});
  OutboxSender sender(outbox_, sink_, {}, metrics_, clock_);
  while (outbox_.pending() > 3) std::this_thread::yield();
  EXPECT_THAT(sink_.stored(), ElementsAre("b/1"));
  broken = false;
  SendAll(sender);
  EXPECT_THAT(sink_.stored(), ElementsAre("b/1", "a/1", "snap", "a/2"));
}

TEST_F(OutboxSenderTest, NoIncidentWaitsForAClip) {
  OutboxItem clip = EvidenceItem("a", "clip");
  clip.evidence_kind = EvidenceKind::kClip;
  Append({clip, TransitionItem("a", 1), EvidenceItem("a", "snap")});
  // As event storage does where it does not know the incident.
  std::atomic<bool> recorded = false;
  sink_.FailWhere([&](const OutboxItem& item) {
    if (item.evidence_id == "clip" && !recorded) {
      return absl::FailedPreconditionError("incident is not recorded");
    }
    if (item.evidence_id == "snap") recorded = true;
    return absl::OkStatus();
  });
  OutboxSender bulk(outbox_, sink_, {.lane = OutboxLane::kBulk}, metrics_, clock_);
  while (sink_.calls() == 0) std::this_thread::yield();
  OutboxSender first(outbox_, sink_, {}, metrics_, clock_);
  while (outbox_.pending() > 0) {
    clock_.Advance(absl::Seconds(1));
    bulk.Notify();
    std::this_thread::yield();
  }
  EXPECT_THAT(sink_.stored(), ElementsAre("a/1", "snap", "clip"));
  EXPECT_THAT(outbox_.buried(), IsEmpty());
}

TEST_F(OutboxSenderTest, VisitsTravelInBatchesAndApart) {
  Append({VisitItem("v1"), TransitionItem("a", 1), VisitItem("v2"), VisitItem("v3")});
  OutboxSender visits(outbox_, sink_, {.batch = 2, .lane = OutboxLane::kVisits}, metrics_, clock_);
  while (outbox_.pending() > 1) std::this_thread::yield();
  EXPECT_THAT(sink_.visits(), ElementsAre("v1", "v2", "v3"));
  EXPECT_THAT(sink_.visit_batches(), ElementsAre(2, 1));
  EXPECT_THAT(sink_.stored(), IsEmpty());
  OutboxSender first(outbox_, sink_, {}, metrics_, clock_);
  SendAll(first);
  EXPECT_THAT(sink_.stored(), ElementsAre("a/1"));
}

TEST_F(OutboxSenderTest, NoIncidentWaitsForVisitsThatEventStorageDoesNotTake) {
  std::atomic<bool> away = true;
  sink_.FailWhere([&](const OutboxItem& item) {
    return away && item.kind == OutboxKind::kVisit ? absl::UnavailableError("away")
                                                   : absl::OkStatus();
  });
  Append({VisitItem("v1"), TransitionItem("a", 1)});
  OutboxSender visits(outbox_, sink_, {.lane = OutboxLane::kVisits}, metrics_, clock_);
  OutboxSender first(outbox_, sink_, {}, metrics_, clock_);
  while (sink_.stored().empty()) std::this_thread::yield();
  while (sink_.visit_batches().size() < 3) {
    clock_.Advance(absl::Seconds(1));
    std::this_thread::yield();
  }
  EXPECT_THAT(sink_.visits(), IsEmpty());
  away = false;
  SendAll(visits);
  EXPECT_THAT(sink_.visits(), ElementsAre("v1"));
}

TEST_F(OutboxSenderTest, AnEventStorageThatKnowsNoVisitsGetsNone) {
  std::atomic<bool> old = true;
  sink_.FailWhere([&](const OutboxItem&) {
    return old ? absl::UnimplementedError("unknown service") : absl::OkStatus();
  });
  Append({VisitItem("v1"), VisitItem("v2")});
  OutboxSender visits(outbox_, sink_, {.lane = OutboxLane::kVisits}, metrics_, clock_);
  SendAll(visits);
  EXPECT_EQ(metrics_.Value("aislewatch_ingest_visits_dropped_total", {{"reason", "unimplemented"}}),
            2);
  EXPECT_THAT(outbox_.buried(), IsEmpty());
  // It is asked anew for the next ones: it may have been upgraded.
  old = false;
  Append({VisitItem("v3")});
  SendAll(visits);
  EXPECT_THAT(sink_.visits(), ElementsAre("v3"));
}

TEST_F(OutboxSenderTest, ARefusedVisitIsDroppedAndTheOthersAreCounted) {
  sink_.FailWhere([](const OutboxItem& item) {
    return item.body == "v2" ? absl::InvalidArgumentError("bad visit") : absl::OkStatus();
  });
  Append({VisitItem("v1"), VisitItem("v2"), VisitItem("v3")});
  OutboxSender visits(outbox_, sink_, {.lane = OutboxLane::kVisits}, metrics_, clock_);
  SendAll(visits);
  EXPECT_THAT(sink_.visits(), ElementsAre("v1", "v3"));
  EXPECT_EQ(metrics_.Value("aislewatch_ingest_visits_dropped_total", {{"reason", "refused"}}), 1);
  EXPECT_THAT(outbox_.buried(), IsEmpty());
}

TEST_F(OutboxSenderTest, VisitsNeverTakeThePlaceOfIncidentsInMemory) {
  SpillingOutbox spilling(outbox_, {.max_items = 2, .max_bytes = 1000}, metrics_);
  outbox_.SetFull(true);
  EXPECT_FALSE(spilling.Append({VisitItem("v1"), VisitItem("v2")}).ok());
  EXPECT_EQ(spilling.pending(), 0u);
  EXPECT_TRUE(spilling.Append({TransitionItem("a", 1)}).ok());
  EXPECT_FALSE(spilling.Append({VisitItem("v3")}).ok());
  EXPECT_EQ(spilling.pending(), 1u);
  EXPECT_EQ(metrics_.Value("aislewatch_ingest_visits_dropped_total", {{"reason", "outbox_full"}}),
            3);
  outbox_.SetFull(false);
  EXPECT_TRUE(spilling.Append({VisitItem("v4")}).ok());
  EXPECT_EQ(outbox_.pending(), 2u);
}

TEST_F(OutboxSenderTest, FlushGivesUpAtItsDeadline) {
  sink_.FailWhere([](const OutboxItem&) { return absl::UnavailableError("away"); });
  Append({TransitionItem("a", 1)});
  OutboxSender sender(outbox_, sink_, {}, metrics_, clock_);
  const absl::Time deadline = clock_.Now() + absl::Seconds(3);
  absl::Notification done;
  std::thread mover([&] {
    while (!done.HasBeenNotified()) clock_.Advance(absl::Milliseconds(10));
  });
  EXPECT_FALSE(sender.Flush(deadline));
  done.Notify();
  mover.join();
}

TEST_F(OutboxSenderTest, AFullDiskStopsNeitherTheServiceNorTheSending) {
  SpillingOutbox spilling(outbox_, {}, metrics_);
  Append({TransitionItem("a", 1)});
  outbox_.SetFull(true);
  EXPECT_TRUE(spilling.Append({TransitionItem("a", 2)}).ok());
  EXPECT_EQ(metrics_.Value("aislewatch_ingest_outbox_write_errors_total"), 1);
  EXPECT_EQ(metrics_.Value("aislewatch_ingest_outbox_memory_items"), 1);
  EXPECT_EQ(spilling.pending(), 2u);
  OutboxSender sender(spilling, sink_, {}, metrics_, clock_);
  while (sink_.stored().size() < 2) std::this_thread::yield();
  EXPECT_THAT(sink_.stored(), ElementsAre("a/1", "a/2"));
  // The full disk refused to delete what was sent; it is deleted, and not sent again, later.
  EXPECT_EQ(outbox_.pending(), 1u);
  outbox_.SetFull(false);
  SendAll(sender);
  EXPECT_THAT(sink_.stored(), ElementsAre("a/1", "a/2"));
}

TEST_F(OutboxSenderTest, WhatWaitsInMemoryGoesToTheDiskWhenThereIsRoomAgain) {
  SpillingOutbox spilling(outbox_, {}, metrics_, clock_);
  outbox_.SetFull(true);
  ASSERT_TRUE(spilling.Append({TransitionItem("a", 1), TransitionItem("a", 2)}).ok());
  EXPECT_EQ(outbox_.pending(), 0u);
  EXPECT_EQ(spilling.Oldest().value(), clock_.Now());
  clock_.Advance(absl::Seconds(5));
  outbox_.SetFull(false);
  ASSERT_TRUE(spilling.Append({TransitionItem("a", 3)}).ok());
  std::vector<std::string> bodies;
  for (const OutboxItem& item : outbox_.items()) bodies.push_back(item.body);
  EXPECT_THAT(bodies, ElementsAre("a/1", "a/2", "a/3"));
  // What waited in memory has not become younger on the disk.
  EXPECT_EQ(spilling.Oldest().value(), clock_.Now() - absl::Seconds(5));
  EXPECT_EQ(metrics_.Value("aislewatch_ingest_outbox_memory_items"), 0);
}

TEST_F(OutboxSenderTest, MemoryIsBoundedAndSnapshotsGoBeforeTransitions) {
  SpillingOutbox spilling(outbox_, {.max_items = 2, .max_bytes = 1000}, metrics_);
  outbox_.SetFull(true);
  EXPECT_TRUE(spilling.Append({TransitionItem("a", 1), EvidenceItem("a", "snap")}).ok());
  EXPECT_TRUE(spilling.Append({TransitionItem("a", 2)}).ok());
  const absl::Status full = spilling.Append({TransitionItem("a", 3)});
  EXPECT_EQ(full.code(), absl::StatusCode::kResourceExhausted);
  EXPECT_THAT(std::string(full.message()), HasSubstr("free disk space"));
  EXPECT_EQ(metrics_.Value("aislewatch_ingest_outbox_lost_items_total"), 2);
  EXPECT_EQ(spilling.pending(), 2u);
}

}  // namespace
}  // namespace aislewatch::ingest
