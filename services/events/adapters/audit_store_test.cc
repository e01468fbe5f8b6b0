// The audit log on a real PostgreSQL.
#include "services/events/adapters/postgres/audit_store.h"

#include "gmock/gmock.h"
#include "services/events/adapters/postgres/retention_store.h"
#include "services/events/core/audit/audit_trail.h"
#include "services/events/testing/database_test.h"

namespace aislewatch::events {
namespace {

using ::testing::ElementsAre;

class AuditStoreTest : public DatabaseTest {
 protected:
  void SetUp() override {
    DatabaseTest::SetUp();
    if (pool_ == nullptr) return;
    store_ = std::make_unique<PostgresAuditStore>(*pool_);
    trail_ = std::make_unique<AuditTrail>(*store_, metrics_, clock_);
  }
  void Note(const std::string& who, const std::string& target) {
    Principal principal;
    principal.name = who;
    principal.role = Role::kAdmin;
    trail_->Note(principal, "UpdateCamera", target, absl::StatusCode::kOk);
    clock_.Advance(absl::Minutes(1));
  }
  std::vector<std::string> Targets(const AuditQuery& query) {
    std::vector<std::string> targets;
    const AuditPage page = trail_->List(query, 0, "").value();
    for (const AuditEntry& entry : page.entries) targets.push_back(entry.target);
    return targets;
  }

  const absl::Time start_ = absl::FromUnixSeconds(1772625600);
  FakeClock clock_{start_};
  std::unique_ptr<PostgresAuditStore> store_;
  std::unique_ptr<AuditTrail> trail_;
};

TEST_F(AuditStoreTest, ListsNewestFirstByWhoWhatAndWhen) {
  Note("Ada", "camera 1");
  Note("bert", "camera 1");
  Note("ada", "camera \"2\"\\");
  EXPECT_THAT(Targets({}), ElementsAre("camera \"2\"\\", "camera 1", "camera 1"));
  EXPECT_THAT(Targets({"ADA", "", {}, {}}), ElementsAre("camera \"2\"\\", "camera 1"));
  EXPECT_THAT(Targets({"", "camera 1", {}, {}}), ElementsAre("camera 1", "camera 1"));
  EXPECT_THAT(Targets({"", "", start_ + absl::Minutes(1), start_ + absl::Minutes(2)}),
              ElementsAre("camera 1"));
  const AuditEntry entry = trail_->List({"bert", "", {}, {}}, 0, "")->entries.at(0);
  EXPECT_EQ(entry.number, 2u);
  EXPECT_EQ(entry.principal, "bert");
  EXPECT_EQ(entry.role, Role::kAdmin);
  EXPECT_EQ(entry.action, "UpdateCamera");
  EXPECT_EQ(entry.result, "OK");
  EXPECT_EQ(entry.time, start_ + absl::Minutes(1));
}

TEST_F(AuditStoreTest, AnEntryThatIsWrittenTwiceIsThereOnce) {
  AuditEntry entry;
  entry.entry_id = NewUuid();
  entry.time = start_;
  entry.principal = "\xff\xfe";  // No UTF-8, as a broken client sends.
  ASSERT_TRUE(store_->Append({entry}).ok());
  ASSERT_TRUE(store_->Append({entry}).ok());
  EXPECT_EQ(Targets({}).size(), 1u);
}

TEST_F(AuditStoreTest, WhatHappensWhileTheDatabaseIsAwayIsWrittenLater) {
  pool_->Close(absl::UnavailableError("away"));
  Note("ada", "camera 1");
  Note("ada", "camera 2");
  pool_->Open();
  trail_->Flush();
  EXPECT_THAT(Targets({}), ElementsAre("camera 2", "camera 1"));
  EXPECT_EQ(trail_->List({}, 0, "")->entries.at(1).time, start_);
}

TEST_F(AuditStoreTest, RetentionTakesOldEntries) {
  Note("ada", "camera 1");
  Note("ada", "camera 2");
  PostgresRetentionStore retention(*pool_);
  EXPECT_EQ(retention.RemoveAudit(start_ + absl::Minutes(1), 10)->audit_entries, 1u);
  EXPECT_EQ(retention.RemoveAudit(start_ + absl::Minutes(1), 10)->audit_entries, 0u);
  EXPECT_THAT(Targets({}), ElementsAre("camera 2"));
}

}  // namespace
}  // namespace aislewatch::events
