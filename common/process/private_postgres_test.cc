#include "common/process/private_postgres.h"

#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace aislewatch {
namespace {

namespace fs = std::filesystem;
using ::testing::HasSubstr;

class PrivatePostgresTest : public ::testing::Test {
 protected:
  void SetUp() override {
    if (!PrivatePostgres::Installed()) GTEST_SKIP() << "PostgreSQL is not installed";
    folder_ = "/tmp/aw-postgres-XXXXXX";
    ASSERT_NE(mkdtemp(folder_.data()), nullptr);
    chmod(folder_.c_str(), 0755);
    options_.directory = folder_ + "/pg";
    options_.durable = false;
  }
  void TearDown() override {
    std::error_code ignored;
    if (!folder_.empty()) fs::remove_all(folder_, ignored);
  }

  // Runs one statement with psql, from the same folder as the server's programs or PATH.
  static bool Run(const PrivatePostgres& postgres, const std::string& sql) {
    ChildProcess::Options psql;
    psql.argv = {
        "psql", "--no-psqlrc", "-v", "ON_ERROR_STOP=1", "-c", sql, postgres.connection_string()};
    auto child = ChildProcess::Spawn(psql);
    return child.ok() && (*child)->Wait()->ok();
  }

  std::string folder_;
  PrivatePostgres::Options options_;
};

TEST_F(PrivatePostgresTest, KeepsItsDataOverStopAndCrash) {
  auto postgres = PrivatePostgres::Start(options_);
  ASSERT_TRUE(postgres.ok()) << postgres.status();
  ASSERT_TRUE(Run(**postgres, "CREATE TABLE kept AS SELECT 1"));
  (*postgres)->Stop();
  EXPECT_FALSE((*postgres)->running());
  ASSERT_TRUE((*postgres)->Restart().ok());
  ASSERT_TRUE(Run(**postgres, "INSERT INTO kept VALUES (2)"));
  (*postgres)->Kill();
  const absl::Status restarted = (*postgres)->Restart();
  ASSERT_TRUE(restarted.ok()) << restarted;
  EXPECT_TRUE(Run(**postgres, "SELECT FROM kept"));
}

TEST_F(PrivatePostgresTest, OpensAnExistingDirectoryAgain) {
  ASSERT_TRUE(Run(**PrivatePostgres::Start(options_), "CREATE TABLE kept AS SELECT 1"));
  auto again = PrivatePostgres::Start(options_);
  ASSERT_TRUE(again.ok()) << again.status();
  EXPECT_TRUE(Run(**again, "SELECT FROM kept"));
}

TEST_F(PrivatePostgresTest, IgnoresAPidFileWhoseProcessIsSomebodyElse) {
  { ASSERT_TRUE(PrivatePostgres::Start(options_).ok()); }
  // As after a crash and a reboot: the process id now belongs to another program, init.
  std::ofstream(options_.directory + "/data/postmaster.pid") << "1\n";
  auto again = PrivatePostgres::Start(options_);
  ASSERT_TRUE(again.ok()) << again.status();
}

// Not a test: what the next one runs as the owner that is killed.
TEST_F(PrivatePostgresTest, DISABLED_HelperThatOwnsAServer) {
  options_.directory = getenv("HELPER_DIRECTORY");
  auto postgres = PrivatePostgres::Start(options_);
  ASSERT_TRUE(postgres.ok()) << postgres.status();
  ASSERT_TRUE(Run(**postgres, "CREATE TABLE kept AS SELECT 1"));
  std::ofstream(getenv("HELPER_PIPE")) << "started";
  pause();
}

TEST_F(PrivatePostgresTest, TakesOverWhenItsOwnerWasKilled) {
  const std::string pipe = folder_ + "/pipe";
  ASSERT_EQ(mkfifo(pipe.c_str(), 0600), 0);
  ChildProcess::Options helper;
  helper.argv = {fs::read_symlink("/proc/self/exe").string(),
                 "--gtest_filter=*DISABLED_HelperThatOwnsAServer",
                 "--gtest_also_run_disabled_tests"};
  helper.environment = {{"HELPER_DIRECTORY", options_.directory}, {"HELPER_PIPE", pipe}};
  auto owner = ChildProcess::Spawn(helper);
  ASSERT_TRUE(owner.ok()) << owner.status();
  std::string word;
  std::ifstream(pipe) >> word;  // Blocks until the helper writes.
  ASSERT_EQ(word, "started");
  (*owner)->Kill();
  auto postgres = PrivatePostgres::Start(options_);
  ASSERT_TRUE(postgres.ok()) << postgres.status();
  EXPECT_TRUE(Run(**postgres, "SELECT FROM kept"));
}

TEST_F(PrivatePostgresTest, LeavesADirectoryAloneThatSomebodyUses) {
  auto first = PrivatePostgres::Start(options_);
  ASSERT_TRUE(first.ok()) << first.status();
  const auto second = PrivatePostgres::Start(options_);
  EXPECT_EQ(second.status().code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_THAT(second.status().message(), HasSubstr(options_.directory));
  EXPECT_TRUE(Run(**first, "SELECT 1"));
}

TEST_F(PrivatePostgresTest, PutsTheSocketElsewhereWhenThePathIsTooLong) {
  options_.directory = absl::StrCat(folder_, "/", std::string(100, 'x'));
  auto postgres = PrivatePostgres::Start(options_);
  ASSERT_TRUE(postgres.ok()) << postgres.status();
  EXPECT_TRUE(Run(**postgres, "SELECT 1"));
}

TEST_F(PrivatePostgresTest, ListensOnNoTcpPort) {
  auto postgres = PrivatePostgres::Start(options_);
  ASSERT_TRUE(postgres.ok()) << postgres.status();
  EXPECT_TRUE(Run(**postgres,
                  "DO $$ BEGIN IF current_setting('listen_addresses') <> '' THEN "
                  "RAISE 'listens'; END IF; END $$"));
}

TEST_F(PrivatePostgresTest, NamesTheFolderThatItsUserCannotEnter) {
  if (geteuid() != 0) GTEST_SKIP() << "only root runs the server as another user";
  chmod(folder_.c_str(), 0700);
  const auto postgres = PrivatePostgres::Start(options_);
  EXPECT_EQ(postgres.status().code(), absl::StatusCode::kInvalidArgument);
  EXPECT_THAT(postgres.status().message(), HasSubstr(absl::StrCat(folder_, " is closed")));
}

TEST_F(PrivatePostgresTest, ShowsTheServersLogWhenItCannotStart) {
  { ASSERT_TRUE(PrivatePostgres::Start(options_).ok()); }
  std::ofstream(options_.directory + "/data/postgresql.conf") << "no_such_setting = 1\n";
  const auto postgres = PrivatePostgres::Start(options_);
  EXPECT_EQ(postgres.status().code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_THAT(postgres.status().message(), HasSubstr("no_such_setting"));
}

}  // namespace
}  // namespace aislewatch
