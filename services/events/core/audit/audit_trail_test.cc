#include "services/events/core/audit/audit_trail.h"

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace aislewatch::events {
namespace {

using ::testing::ElementsAre;
using ::testing::SizeIs;

// Keeps entries, unless it is away.
class FakeAuditStore : public AuditStore {
 public:
  absl::Status Append(const std::vector<AuditEntry>& added) override {
    if (away) return absl::UnavailableError("away");
    for (AuditEntry entry : added) {
      entry.number = entries.size() + 1;
      entries.push_back(std::move(entry));
    }
    return absl::OkStatus();
  }
  absl::StatusOr<std::vector<AuditEntry>> List(const AuditQuery&, std::optional<uint64_t> before,
                                               size_t limit) override {
    std::vector<AuditEntry> page;
    for (auto entry = entries.rbegin(); entry != entries.rend() && page.size() < limit; ++entry) {
      if (!before.has_value() || entry->number < *before) page.push_back(*entry);
    }
    return page;
  }
  std::vector<std::string> Targets() const {
    std::vector<std::string> targets;
    for (const AuditEntry& entry : entries) targets.push_back(entry.target);
    return targets;
  }

  bool away = false;
  std::vector<AuditEntry> entries;
};

class AuditTrailTest : public ::testing::Test {
 protected:
  AuditTrailTest() {
    ada_.name = "ada";
    ada_.role = Role::kOperator;
  }

  FakeClock clock_{absl::FromUnixSeconds(1772625600)};
  FakeMetrics metrics_;
  FakeAuditStore store_;
  AuditTrail trail_{store_, metrics_, clock_};
  Principal ada_;
};

TEST_F(AuditTrailTest, NotesWhoDidWhatAndHowItEnded) {
  trail_.Note(ada_, "ReviewIncident", "incident 1", absl::StatusCode::kPermissionDenied);
  ASSERT_THAT(store_.entries, SizeIs(1));
  const AuditEntry& entry = store_.entries[0];
  EXPECT_EQ(entry.principal, "ada");
  EXPECT_EQ(entry.role, Role::kOperator);
  EXPECT_EQ(entry.action, "ReviewIncident");
  EXPECT_EQ(entry.result, "PERMISSION_DENIED");
  EXPECT_EQ(entry.time, clock_.Now());
}

TEST_F(AuditTrailTest, KeepsWhatCannotBeWrittenUntilItCan) {
  store_.away = true;
  trail_.Note(ada_, "CreateCamera", "camera 1", absl::StatusCode::kOk);
  trail_.Note(ada_, "CreateCamera", "camera 2", absl::StatusCode::kOk);
  EXPECT_EQ(metrics_.Value("aislewatch_events_audit_waiting_entries"), 2);
  const absl::Time then = clock_.Now();
  clock_.Advance(absl::Hours(1));
  store_.away = false;
  trail_.Note(ada_, "CreateCamera", "camera 3", absl::StatusCode::kOk);
  EXPECT_THAT(store_.Targets(), ElementsAre("camera 1", "camera 2", "camera 3"));
  EXPECT_EQ(store_.entries[0].time, then);
  store_.away = true;
  trail_.Note(ada_, "CreateCamera", "camera 4", absl::StatusCode::kOk);
  store_.away = false;
  trail_.Flush();
  EXPECT_THAT(store_.entries, SizeIs(4));
  EXPECT_EQ(metrics_.Value("aislewatch_events_audit_waiting_entries"), 0);
}

TEST_F(AuditTrailTest, DropsTheOldestWhereTooManyWait) {
  store_.away = true;
  for (size_t i = 0; i < AuditTrail::kMaxWaiting + 3; ++i) {
    trail_.Note(ada_, "CreateCamera", absl::StrCat("camera ", i), absl::StatusCode::kOk);
  }
  EXPECT_EQ(metrics_.Value("aislewatch_events_audit_lost_total"), 3);
  store_.away = false;
  trail_.Flush();
  ASSERT_THAT(store_.entries, SizeIs(AuditTrail::kMaxWaiting));
  EXPECT_EQ(store_.entries[0].target, "camera 3");
}

TEST_F(AuditTrailTest, LookingAtAClipIsNotedOnceInAWhile) {
  Principal token = ada_;
  token.is_token = true;
  for (int piece = 0; piece < 5; ++piece) {
    trail_.Note(ada_, "DownloadEvidence", "evidence 1", absl::StatusCode::kOk);
  }
  trail_.Note(ada_, "DownloadEvidence", "evidence 2", absl::StatusCode::kOk);
  trail_.Note(token, "DownloadEvidence", "evidence 1", absl::StatusCode::kOk);
  trail_.Note(ada_, "DownloadEvidence", "evidence 1", absl::StatusCode::kNotFound);
  EXPECT_THAT(store_.entries, SizeIs(4));
  clock_.Advance(AuditTrail::kLookedAgain);
  trail_.Note(ada_, "DownloadEvidence", "evidence 1", absl::StatusCode::kOk);
  EXPECT_THAT(store_.entries, SizeIs(5));
}

TEST_F(AuditTrailTest, AFloodOfFailedLoginsIsCountedInstead) {
  for (int i = 0; i < AuditTrail::kFailedLoginsPerMinute + 5; ++i) {
    trail_.Note(Principal(), "Login", "user x", absl::StatusCode::kUnauthenticated);
  }
  EXPECT_THAT(store_.entries, SizeIs(AuditTrail::kFailedLoginsPerMinute));
  EXPECT_EQ(metrics_.Value("aislewatch_events_audit_suppressed_total"), 5);
  // Those that succeed are always noted.
  trail_.Note(ada_, "Login", "user ada", absl::StatusCode::kOk);
  clock_.Advance(absl::Minutes(1));
  trail_.Note(Principal(), "Login", "user x", absl::StatusCode::kUnauthenticated);
  EXPECT_THAT(store_.entries, SizeIs(AuditTrail::kFailedLoginsPerMinute + 2));
}

TEST_F(AuditTrailTest, WhatCallersSendIsCutAndCleaned) {
  trail_.Note(ada_, "DeleteCamera", absl::StrCat("camera a\nb", absl::string_view("\0", 1)),
              absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(store_.entries[0].target, "camera a?b?");
  std::string euros;
  for (int i = 0; i < 100; ++i) euros += "\xe2\x82\xac";
  trail_.Note(ada_, "DeleteCamera", euros, absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(store_.entries[1].target, euros.substr(0, 255));
}

TEST_F(AuditTrailTest, PagesGoOnAndAreBoundToTheirQuery) {
  for (int i = 0; i < 5; ++i) {
    trail_.Note(ada_, "CreateCamera", absl::StrCat("camera ", i), absl::StatusCode::kOk);
  }
  const AuditPage first = trail_.List({}, 2, "").value();
  ASSERT_THAT(first.entries, SizeIs(2));
  EXPECT_EQ(first.entries[0].target, "camera 4");
  const AuditPage second = trail_.List({}, 2, first.next_page_token).value();
  EXPECT_EQ(second.entries[0].target, "camera 2");
  const AuditPage last = trail_.List({}, 2, second.next_page_token).value();
  EXPECT_THAT(last.entries, SizeIs(1));
  EXPECT_EQ(last.next_page_token, "");
  AuditQuery other;
  other.principal = "bert";
  EXPECT_TRUE(absl::IsInvalidArgument(trail_.List(other, 2, first.next_page_token).status()));
  EXPECT_TRUE(absl::IsInvalidArgument(trail_.List({}, 501, "").status()));
  EXPECT_TRUE(absl::IsInvalidArgument(trail_.List({}, 2, "x").status()));
}

}  // namespace
}  // namespace aislewatch::events
