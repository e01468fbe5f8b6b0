// A fixture for tests on a real PostgreSQL: one private server per test program, one fresh database
// per test. Skips visibly where PostgreSQL is not installed.
#pragma once

#include <stdlib.h>
#include <sys/stat.h>

#include <filesystem>
#include <memory>
#include <string>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "absl/time/time.h"
#include "common/base/ids.h"
#include "common/base/metrics.h"
#include "common/process/private_postgres.h"
#include "gtest/gtest.h"
#include "services/events/adapters/postgres/migrator.h"
#include "services/events/adapters/postgres/pool.h"
#include "services/events/core/incident.h"

namespace aislewatch::events {

/// The test program's PostgreSQL server, started when it is first needed, removed at the end.
class TestServer : public ::testing::Environment {
 public:
  static PrivatePostgres& Get() {
    if (postgres() == nullptr) {
      folder() = "/tmp/aw-events-XXXXXX";
      if (mkdtemp(folder().data()) == nullptr) abort();
      chmod(folder().c_str(), 0755);
      PrivatePostgres::Options options;
      options.directory = folder() + "/pg";
      options.durable = false;
      postgres() = PrivatePostgres::Start(options).value();
    }
    return *postgres();
  }
  void TearDown() override {
    postgres().reset();
    if (!folder().empty()) std::filesystem::remove_all(folder());
  }

 private:
  static std::unique_ptr<PrivatePostgres>& postgres() {
    static std::unique_ptr<PrivatePostgres> instance;
    return instance;
  }
  static std::string& folder() {
    static std::string path;
    return path;
  }
};

inline ::testing::Environment* const kTestServer =
    ::testing::AddGlobalTestEnvironment(new TestServer);

class DatabaseTest : public ::testing::Test {
 protected:
  void SetUp() override {
    if (!PrivatePostgres::Installed()) GTEST_SKIP() << "PostgreSQL is not installed";
    database_ = absl::StrCat("test_", absl::StrReplaceAll(NewUuid(), {{"-", ""}}));
    DatabaseOptions options;
    options.conninfo = TestServer::Get().connection_string();
    Connection admin(CompleteConninfo(options).value());
    pqxx::nontransaction create(admin.raw());
    create.exec("CREATE DATABASE " + database_);
    options.conninfo += " dbname=" + database_;
    conninfo_ = CompleteConninfo(options).value();
    if (!MigrateFirst()) return;
    Connection connection(conninfo_);
    ASSERT_TRUE(Migrate(connection).ok());
    pool_ = std::make_unique<Pool>(conninfo_, 8, absl::Seconds(30), metrics_);
    pool_->Open();
  }

  /// Whether the database gets its schema and the pool is opened.
  virtual bool MigrateFirst() const { return true; }

  /// Runs SQL and returns the first field of the first row.
  std::string Sql(const std::string& sql) {
    Connection connection(conninfo_);
    Transaction transaction(connection);
    const auto rows = transaction.RunScript(sql);
    transaction.Commit();
    return rows.empty() ? "" : ReadText(rows[0][0]);
  }

  std::string database_;
  std::string conninfo_;
  FakeMetrics metrics_;
  std::unique_ptr<Pool> pool_;
};

/// Transition `number` of an incident opened at noon on 2026-03-04.
inline Transition MakeTransition(const std::string& incident_id, uint32_t number,
                                 Severity severity = Severity::kWarning) {
  const absl::Time opened = absl::FromUnixSeconds(1772625600);
  Transition transition;
  transition.number = number;
  transition.kind = number == 1 ? TransitionKind::kOpened : TransitionKind::kUpdated;
  transition.time = opened + absl::Seconds(number);
  Incident& incident = transition.incident;
  incident.incident_id = incident_id;
  incident.camera_id = "camera-1";
  incident.store_id = "store-1";
  incident.kind = IncidentKind::kConcealment;
  incident.severity = severity;
  incident.state = IncidentState::kOpen;
  incident.opened_time = opened;
  incident.updated_time = opened + absl::Seconds(number);
  incident.peak_risk = 0.5f;
  incident.tracks = {{7, 0.5f, opened, opened + absl::Seconds(number)}};
  incident.content = absl::StrCat("{\"incidentId\":\"", incident_id, "\"}");
  return transition;
}

}  // namespace aislewatch::events
