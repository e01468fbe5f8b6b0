// The database's own life: migrations, a killed server, evidence.
#include "services/events/testing/database_test.h"

#include <thread>
#include <utility>

#include "absl/synchronization/notification.h"
#include "common/base/sha256.h"
#include "gmock/gmock.h"
#include "services/events/adapters/postgres/database_keeper.h"
#include "services/events/adapters/postgres/event_store.h"
#include "services/events/adapters/postgres/evidence_store.h"
#include "services/events/core/evidence_upload.h"

namespace aislewatch::events {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

class MigratorTest : public DatabaseTest {
 protected:
  bool MigrateFirst() const override { return false; }
};

TEST_F(MigratorTest, AppliesEachMigrationOnceFromManyReplicas) {
  std::atomic<int> applied = 0;
  std::vector<std::thread> replicas;
  for (int i = 0; i < 4; ++i) {
    replicas.emplace_back([&] {
      Connection connection(conninfo_);
      const auto count = Migrate(connection);
      EXPECT_TRUE(count.ok()) << count.status();
      applied += count.value_or(0);
    });
  }
  for (std::thread& replica : replicas) replica.join();
  EXPECT_EQ(applied, static_cast<int>(EmbeddedMigrations().size()));
  Connection connection(conninfo_);
  EXPECT_EQ(Migrate(connection).value(), 0);
}

TEST_F(MigratorTest, LeavesNothingOfAMigrationThatFails) {
  Connection connection(conninfo_);
  EXPECT_FALSE(Migrate(connection, {{1, "bad", "CREATE TABLE half (); SELECT 1/0;"}}).ok());
  EXPECT_EQ(Sql("SELECT to_regclass('half') IS NULL"), "t");
  EXPECT_EQ(Sql("SELECT to_regclass('schema_migrations') IS NULL"), "t");
}

TEST_F(MigratorTest, RefusesADatabaseThatIsNewerOrDifferent) {
  const std::vector<Migration> two = {{1, "one", "SELECT 1"}, {2, "two", "SELECT 2"}};
  Connection connection(conninfo_);
  ASSERT_EQ(Migrate(connection, two).value(), 2);
  const auto newer = Migrate(connection, {two[0]});
  EXPECT_EQ(newer.status().code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_THAT(newer.status().message(), HasSubstr("migration 2 (two)"));
  const auto edited = Migrate(connection, {two[0], {2, "two", "SELECT 3"}});
  EXPECT_EQ(edited.status().code(), absl::StatusCode::kFailedPrecondition);
}

// A later migration, additive or not, as a program without it meets it.
const Migration kOne = {1, "one", "CREATE TABLE one (a int)"};
const Migration kAddsAColumn = {2, "two", "-- compatible_from: 1\nALTER TABLE one ADD b int"};
const Migration kRenames = {3, "three", "-- Breaks.\nALTER TABLE one RENAME a TO c"};

TEST_F(MigratorTest, AnOlderProgramGoesOnWithANewerSchemaThatSuitsIt) {
  Connection connection(conninfo_);
  ASSERT_EQ(Migrate(connection, {kOne, kAddsAColumn}).value(), 2);
  const auto older = Migrate(connection, {kOne});
  ASSERT_TRUE(older.ok()) << older.status();
  EXPECT_EQ(*older, 0);
  const auto edited = Migrate(connection, {{1, "one", "CREATE TABLE other (a int)"}});
  EXPECT_EQ(edited.status().code(), absl::StatusCode::kFailedPrecondition);
}

TEST_F(MigratorTest, AnOlderProgramRefusesWhatDoesNotSuitItAlsoBehindWhatDoes) {
  const Migration additive = {4, "four", "-- compatible_from: 1\nALTER TABLE one ADD d int"};
  Connection connection(conninfo_);
  ASSERT_EQ(Migrate(connection, {kOne, kAddsAColumn, kRenames, additive}).value(), 4);
  const auto older = Migrate(connection, {kOne, kAddsAColumn});
  EXPECT_EQ(older.status().code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_THAT(older.status().message(), HasSubstr("migration 3 (three)"));
  EXPECT_THAT(older.status().message(), HasSubstr("knows only up to 2"));
  EXPECT_TRUE(Migrate(connection, {kOne, kAddsAColumn, kRenames}).ok());
}

TEST_F(MigratorTest, TakesADatabaseFromBeforeMigrationsSaidWhatTheySuit) {
  Connection connection(conninfo_);
  ASSERT_EQ(Migrate(connection, {kOne, kAddsAColumn}).value(), 2);
  // As programs before left it; their entries suit only who knows them.
  Sql("ALTER TABLE schema_migrations DROP compatible_from");
  EXPECT_FALSE(Migrate(connection, {kOne}).ok());
  EXPECT_EQ(Migrate(connection, {kOne, kAddsAColumn, kRenames}).value(), 1);
  // What a program before writes.
  Sql("INSERT INTO schema_migrations (version, name, sha256) VALUES (4, 'four', '')");
  EXPECT_FALSE(Migrate(connection, {kOne, kAddsAColumn, kRenames}).ok());
}

TEST_F(MigratorTest, RefusesAMigrationThatSuitsNobody) {
  Connection connection(conninfo_);
  for (const char* from : {"", "0", "3", "two"}) {
    const Migration bad = {2, "bad", absl::StrCat("-- compatible_from: ", from, "\nSELECT 1")};
    EXPECT_THAT(Migrate(connection, {kOne, bad}).status().message(), HasSubstr("1 to 2")) << from;
  }
}

TEST(EmbeddedMigrationsTest, SayWhatTheySuit) {
  for (const Migration& migration : EmbeddedMigrations()) {
    EXPECT_TRUE(CompatibleFrom(migration).ok()) << CompatibleFrom(migration).status();
  }
}

TEST(Conninfo, KeepsThePasswordOutOfDescriptionsAndErrors) {
  DatabaseOptions options;
  options.conninfo = "postgresql://ann:secret@db.example/aislewatch";
  EXPECT_EQ(DescribeConninfo(CompleteConninfo(options).value()), "aislewatch on db.example:5432");
  options.conninfo = "host=db password='secret";
  EXPECT_THAT(CompleteConninfo(options).status().ToString(), Not(HasSubstr("secret")));
}

// Waits for a value that another thread sets.
class Readiness {
 public:
  void Set(bool ready) {
    absl::MutexLock lock(&mutex_);
    ready_ = ready;
  }
  bool Await(bool wanted) {
    absl::MutexLock lock(&mutex_);
    const auto reached = [&] { return ready_ == wanted; };
    return mutex_.AwaitWithTimeout(absl::Condition(&reached), absl::Seconds(60));
  }

 private:
  absl::Mutex mutex_;
  bool ready_ = false;
};

class DatabaseKeeperTest : public MigratorTest {
 protected:
  void SetUp() override {
    MigratorTest::SetUp();
    if (conninfo_.empty()) return;
    pool_ = std::make_unique<Pool>(conninfo_, 4, absl::Seconds(30), metrics_);
    evidence_ = std::make_unique<PostgresEvidenceStore>(*pool_);
    events_ = std::make_unique<PostgresEventStore>(*pool_);
  }
  std::unique_ptr<DatabaseKeeper> Keep() {
    DatabaseKeeper::Options options;
    options.conninfo = conninfo_;
    options.first_pause = options.longest_pause = absl::Milliseconds(10);
    return std::make_unique<DatabaseKeeper>(options, *pool_, signal_, *evidence_, metrics_,
                                            [this](bool ready) { readiness_.Set(ready); });
  }

  ChangeSignal signal_;
  Readiness readiness_;
  std::unique_ptr<PostgresEvidenceStore> evidence_;
  std::unique_ptr<PostgresEventStore> events_;
};

TEST_F(DatabaseKeeperTest, IsReadyOnceADatabaseThatWasDownComes) {
  TestServer::Get().Stop();
  const auto keeper = Keep();
  const auto refused = events_->LastChange();
  EXPECT_EQ(refused.status().code(), absl::StatusCode::kUnavailable);
  EXPECT_THAT(refused.status().message(), HasSubstr("try again"));
  ASSERT_TRUE(TestServer::Get().Restart().ok());
  ASSERT_TRUE(readiness_.Await(true));
  EXPECT_EQ(events_->LastChange().value(), 0u);
}

TEST_F(DatabaseKeeperTest, SurvivesTheDatabasesDeathAndLosesNothing) {
  const auto keeper = Keep();
  ASSERT_TRUE(readiness_.Await(true));
  const std::string id = NewUuid();
  ASSERT_TRUE(events_->Record({MakeTransition(id, 1)}).ok());
  TestServer::Get().Kill();
  ASSERT_TRUE(readiness_.Await(false));
  EXPECT_EQ(events_->Record({MakeTransition(id, 2)}).status().code(),
            absl::StatusCode::kUnavailable);
  ASSERT_TRUE(TestServer::Get().Restart().ok());
  ASSERT_TRUE(readiness_.Await(true));
  EXPECT_EQ(events_->Record({MakeTransition(id, 1), MakeTransition(id, 2)})->duplicates, 1u);
  EXPECT_EQ(events_->Get(id)->transitions.size(), 2u);
  EXPECT_EQ(metrics_.Value("aislewatch_events_database_lost_total"), 1);
}

TEST_F(DatabaseKeeperTest, GoesOnAfterANewerProgramHasMigrated) {
  const auto keeper = Keep();
  ASSERT_TRUE(readiness_.Await(true));
  std::vector<Migration> newer = EmbeddedMigrations();
  const int ours = static_cast<int>(newer.size());
  newer.push_back({ours + 1, "newer",
                   absl::StrCat("-- compatible_from: ", ours, "\nCREATE TABLE newer (a int)")});
  {
    Connection connection(conninfo_);
    ASSERT_EQ(Migrate(connection, newer).value(), 1);
  }
  TestServer::Get().Kill();
  ASSERT_TRUE(readiness_.Await(false));
  ASSERT_TRUE(TestServer::Get().Restart().ok());
  EXPECT_TRUE(readiness_.Await(true));
  EXPECT_TRUE(events_->Record({MakeTransition(NewUuid(), 1)}).ok());
}

TEST_F(DatabaseKeeperTest, WakesWatchersOfEveryReplica) {
  const auto keeper = Keep();
  ASSERT_TRUE(readiness_.Await(true));
  absl::Notification woken;
  // Of this keeper; the change is written through a pool of its own, as another replica would.
  Pool other(conninfo_, 1, absl::Seconds(30), metrics_);
  other.Open();
  const uint64_t id = signal_.Subscribe([&] {
    if (!woken.HasBeenNotified()) woken.Notify();
  });
  ASSERT_TRUE(PostgresEventStore(other).Record({MakeTransition(NewUuid(), 1)}).ok());
  // Well under the interval at which the keeper wakes watchers anyway.
  EXPECT_TRUE(woken.WaitForNotificationWithTimeout(absl::Seconds(4)));
  signal_.Unsubscribe(id);
}

class PoolTest : public DatabaseTest {};

TEST_F(PoolTest, RepeatsATransactionOnAConnectionThatDiedIdle) {
  PostgresEventStore events(*pool_);
  ASSERT_TRUE(events.LastChange().ok());
  Sql("SELECT pg_terminate_backend(pid, 10000) FROM pg_stat_activity"
      " WHERE datname = current_database() AND pid <> pg_backend_pid()");
  const auto last = events.LastChange();
  EXPECT_TRUE(last.ok()) << last.status();
}

// Nothing here depends on who is faster: the loser makes the wait a circle, and it alone looks for
// circles. It tries again when the other has ended, since it could lose against it three times
// before that one wakes.
TEST_F(PoolTest, RepeatsATransactionThatLostADeadlock) {
  Sql("CREATE TABLE pair (id int PRIMARY KEY); INSERT INTO pair VALUES (1), (2)");
  const Statement lock{"pair_lock", "SELECT 1 FROM pair WHERE id = $1 FOR UPDATE"};
  absl::Notification loser_has_1;
  absl::Notification winner_has_2;
  absl::Notification winner_ended;
  std::thread winner([&] {
    const absl::Status status = pool_->Run([&](Transaction& transaction) {
      transaction.RunScript("SET LOCAL deadlock_timeout = '1h'");
      transaction.Run(lock, Params().Int(2));
      winner_has_2.Notify();
      loser_has_1.WaitForNotification();
      transaction.Run(lock, Params().Int(1));
      return absl::OkStatus();
    });
    EXPECT_TRUE(status.ok()) << status;
    winner_ended.Notify();
  });
  int runs = 0;
  const absl::Status status = pool_->Run([&](Transaction& transaction) {
    const bool first = ++runs == 1;
    if (!first) winner_ended.WaitForNotification();
    transaction.RunScript("SET LOCAL deadlock_timeout = 10");
    transaction.Run(lock, Params().Int(1));
    if (first) {
      loser_has_1.Notify();
      winner_has_2.WaitForNotification();
      while (transaction.RunScript("SELECT FROM pg_locks WHERE NOT granted").empty()) {
      }
    }
    transaction.Run(lock, Params().Int(2));
    return absl::OkStatus();
  });
  winner.join();
  EXPECT_TRUE(status.ok()) << status;
  EXPECT_EQ(runs, 2);
}

TEST_F(PoolTest, SaysThatAStatementTookTooLong) {
  const Statement slow{"slow", "SELECT pg_sleep(60)"};
  const absl::Status status = pool_->Run([&](Transaction& transaction) {
    transaction.RunScript("SET LOCAL statement_timeout = 10");
    transaction.Run(slow);
    return absl::OkStatus();
  });
  EXPECT_EQ(status.code(), absl::StatusCode::kUnavailable);
  EXPECT_THAT(status.message(), HasSubstr("--statement-timeout"));
}

TEST_F(PoolTest, TellsCallersThatAllConnectionsAreInUse) {
  Pool small(conninfo_, 1, absl::Milliseconds(1), metrics_);
  small.Open();
  absl::Status inner;
  ASSERT_TRUE(small
                  .Run([&](Transaction&) {
                    inner = small.Run([](Transaction&) { return absl::OkStatus(); });
                    return absl::OkStatus();
                  })
                  .ok());
  EXPECT_EQ(inner.code(), absl::StatusCode::kUnavailable);
  EXPECT_THAT(inner.message(), HasSubstr("--pool-size"));
  EXPECT_EQ(metrics_.Value("aislewatch_events_pool_timeouts_total"), 1);
  EXPECT_EQ(metrics_.Value("aislewatch_events_pool_used_connections"), 0);
}

class EvidenceStoreTest : public DatabaseTest {
 protected:
  void SetUp() override {
    DatabaseTest::SetUp();
    if (pool_ == nullptr) return;
    store_ = std::make_unique<PostgresEvidenceStore>(*pool_);
    incident_id_ = NewUuid();
    ASSERT_TRUE(PostgresEventStore(*pool_).Record({MakeTransition(incident_id_, 1)}).ok());
    for (int i = 0; i < 3'000'000; ++i) bytes_.push_back(static_cast<char>(i * 31 + (i >> 8)));
  }
  Evidence Describe() const {
    Evidence evidence;
    evidence.evidence_id = NewUuid();
    evidence.incident_id = incident_id_;
    evidence.kind = EvidenceKind::kSnapshot;
    evidence.media_type = "image/jpeg";
    evidence.size_bytes = bytes_.size();
    evidence.sha256 = Sha256Hex(bytes_);
    return evidence;
  }
  absl::StatusOr<Evidence> Upload(const Evidence& evidence, const std::string& bytes) {
    EvidenceUpload upload(*store_);
    absl::Status status = upload.Start(evidence);
    for (size_t at = 0; status.ok() && at < bytes.size(); at += kMaxEvidenceChunkBytes) {
      status = upload.Append(absl::string_view(bytes).substr(at, kMaxEvidenceChunkBytes));
    }
    return status.ok() ? upload.Finish() : absl::StatusOr<Evidence>(status);
  }
  std::string Download(const std::string& id, uint64_t offset) {
    std::string all;
    while (true) {
      const auto piece = store_->ReadEvidence(id, offset + all.size());
      if (!piece.ok() || piece->empty()) return all;
      all += *piece;
    }
  }

  std::unique_ptr<PostgresEvidenceStore> store_;
  std::string incident_id_;
  std::string bytes_;
};

TEST_F(EvidenceStoreTest, GivesBackItsBytesFromAnyOffset) {
  const Evidence evidence = Describe();
  const auto stored = Upload(evidence, bytes_);
  ASSERT_TRUE(stored.ok()) << stored.status();
  EXPECT_EQ(stored->state, EvidenceState::kReady);
  EXPECT_TRUE(Download(evidence.evidence_id, 0) == bytes_);
  EXPECT_TRUE(Download(evidence.evidence_id, 1'500'000) == bytes_.substr(1'500'000));
  EXPECT_EQ(store_->ListEvidence(incident_id_)->size(), 1u);
}

TEST_F(EvidenceStoreTest, StoresTheSameEvidenceOnce) {
  const Evidence evidence = Describe();
  ASSERT_TRUE(Upload(evidence, bytes_).ok());
  ASSERT_TRUE(Upload(evidence, bytes_).ok());
  EXPECT_EQ(Sql("SELECT count(*) FROM evidence_blobs"), "1");
  Evidence other = evidence;
  other.size_bytes = 3;
  other.sha256 = Sha256Hex("abc");
  EXPECT_EQ(Upload(other, "abc").status().code(), absl::StatusCode::kAlreadyExists);
}

TEST_F(EvidenceStoreTest, KeepsNothingOfBytesThatAreNotThoseDescribed) {
  std::string damaged = bytes_;
  damaged[1000] ^= 1;
  EXPECT_EQ(Upload(Describe(), damaged).status().code(), absl::StatusCode::kDataLoss);
  EXPECT_EQ(Upload(Describe(), bytes_ + "x").status().code(), absl::StatusCode::kDataLoss);
  EXPECT_EQ(Sql("SELECT count(*) FROM evidence_chunks"), "0");
  EXPECT_EQ(Sql("SELECT count(*) FROM evidence"), "0");
}

TEST_F(EvidenceStoreTest, AnUploadThatBrokeOffGoesOnWhereItDid) {
  const Evidence evidence = Describe();
  const auto stored = [&] {
    return FindUpload(*store_, evidence.evidence_id, evidence.sha256).value();
  };
  EXPECT_EQ(stored(), 0u);
  const absl::string_view bytes = bytes_;
  {
    EvidenceUpload upload(*store_);
    ASSERT_TRUE(upload.Start(evidence).ok());
    ASSERT_TRUE(upload.Append(bytes.substr(0, 1'000'000)).ok());
    ASSERT_TRUE(upload.Append(bytes.substr(1'000'000, 500'000)).ok());
    EXPECT_EQ(upload.Finish().status().code(), absl::StatusCode::kDataLoss);
  }
  EXPECT_EQ(stored(), 1'500'000u);
  EvidenceUpload inside(*store_);
  EXPECT_EQ(inside.Start(evidence, 1'200'000).code(), absl::StatusCode::kAborted);
  EvidenceUpload beyond(*store_);
  EXPECT_EQ(beyond.Start(evidence, 2'000'000).code(), absl::StatusCode::kAborted);
  EXPECT_EQ(stored(), 1'500'000u) << "a refused start takes nothing away";
  EvidenceUpload rest(*store_);
  ASSERT_TRUE(rest.Start(evidence, 1'500'000).ok());
  ASSERT_TRUE(rest.Append(bytes.substr(1'500'000, 1'000'000)).ok());
  ASSERT_TRUE(rest.Append(bytes.substr(2'500'000)).ok());
  ASSERT_TRUE(rest.Finish().ok());
  EXPECT_TRUE(Download(evidence.evidence_id, 0) == bytes_);
  EXPECT_EQ(Sql("SELECT count(*) FROM evidence_blobs"), "1");
}

TEST_F(EvidenceStoreTest, AnUploadThatGoesOnWithOtherBytesIsFoundOutAndForgotten) {
  const Evidence evidence = Describe();
  EvidenceUpload first(*store_);
  ASSERT_TRUE(first.Start(evidence).ok());
  ASSERT_TRUE(first.Append(std::string(1000, 'x')).ok());
  EvidenceUpload rest(*store_);
  ASSERT_TRUE(rest.Start(evidence, 1000).ok());
  for (size_t at = 1000; at < bytes_.size(); at += 1'000'000) {
    ASSERT_TRUE(rest.Append(absl::string_view(bytes_).substr(at, 1'000'000)).ok());
  }
  EXPECT_EQ(rest.Finish().status().code(), absl::StatusCode::kDataLoss);
  EXPECT_EQ(FindUpload(*store_, evidence.evidence_id, evidence.sha256).value(), 0u);
  EXPECT_TRUE(Upload(evidence, bytes_).ok());
}

TEST_F(EvidenceStoreTest, EvidenceThatFailedStaysSoUnlessItsBytesCome) {
  const Evidence evidence = Describe();
  Evidence failed = evidence;
  failed.state = EvidenceState::kFailed;
  failed.error = "no encoder";
  failed.sha256.clear();
  failed.size_bytes = 0;
  Evidence announced = failed;
  announced.state = EvidenceState::kPending;
  announced.error.clear();
  EXPECT_EQ(Upload(failed, "")->error, "no encoder");
  EXPECT_EQ(Upload(announced, "")->state, EvidenceState::kFailed);
  EXPECT_EQ(Upload(evidence, bytes_)->state, EvidenceState::kReady);
  EXPECT_EQ(Upload(failed, "")->state, EvidenceState::kReady);
}

TEST_F(EvidenceStoreTest, WantsTheIncidentFirst) {
  Evidence evidence = Describe();
  evidence.incident_id = NewUuid();
  EXPECT_EQ(Upload(evidence, bytes_).status().code(), absl::StatusCode::kFailedPrecondition);
}

TEST_F(EvidenceStoreTest, AnnouncedEvidenceBecomesReady) {
  Evidence evidence = Describe();
  Evidence announced = evidence;
  announced.state = EvidenceState::kPending;
  announced.sha256.clear();
  announced.size_bytes = 0;
  EXPECT_EQ(Upload(announced, "")->state, EvidenceState::kPending);
  EXPECT_EQ(Upload(evidence, bytes_)->state, EvidenceState::kReady);
  // Late, the announcement takes nothing back.
  EXPECT_EQ(Upload(announced, "")->state, EvidenceState::kReady);
}

TEST_F(EvidenceStoreTest, SweepsWhatADeadReplicaLeft) {
  EvidenceUpload upload(*store_);
  ASSERT_TRUE(upload.Start(Describe()).ok());
  ASSERT_TRUE(upload.Append(absl::string_view(bytes_).substr(0, 100)).ok());
  EXPECT_EQ(store_->SweepUploads(absl::Hours(1)).value(), 0);
  Sql("UPDATE evidence_blobs SET create_time = now() - interval '2 hours'");
  EXPECT_EQ(store_->SweepUploads(absl::Hours(1)).value(), 1);
  EXPECT_EQ(Sql("SELECT count(*) FROM evidence_chunks"), "0");
}

}  // namespace
}  // namespace aislewatch::events
