// aislewatch-events --create-admin: the first user.

#include <CLI/CLI.hpp>
#include <cstdio>
#include <fstream>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "services/events/adapters/postgres/access_store.h"
#include "services/events/app.h"
#include "services/events/core/access_control.h"
#include "services/events/testing/database_test.h"

namespace aislewatch::events {
namespace {

using ::testing::HasSubstr;

class CreateAdminTest : public DatabaseTest {
 protected:
  bool MigrateFirst() const override { return false; }

  absl::StatusOr<bool> Run(std::vector<std::string> arguments) {
    EventsApp app;
    ServerOptions server;
    CLI::App flags;
    app.AddFlags(flags, server);
    arguments.insert(arguments.end(), {"--database", conninfo_});
    std::reverse(arguments.begin(), arguments.end());  // As CLI11 takes them.
    flags.parse(arguments);
    return app.Prepare();
  }
};

TEST_F(CreateAdminTest, MigratesAddsTheAdminOnceAndEnds) {
  const std::string file = absl::StrCat(::testing::TempDir(), database_, ".password");
  std::ofstream(file) << "correct horse battery\r\n";
  const std::vector<std::string> arguments = {"--create-admin", "anna", "--password-file", file};
  const auto serve = Run(arguments);
  ASSERT_TRUE(serve.ok()) << serve.status();
  EXPECT_FALSE(*serve);
  Pool pool(conninfo_, 1, absl::Seconds(30), metrics_);
  pool.Open();
  PostgresAccessStore store(pool);
  AccessControl access(store);
  const auto session = access.Login("anna", "correct horse battery");
  ASSERT_TRUE(session.ok()) << session.status();
  EXPECT_EQ(session->principal.role, Role::kAdmin);
  EXPECT_TRUE(session->principal.scope.everything());
  EXPECT_TRUE(absl::IsAlreadyExists(Run(arguments).status()));

  std::ofstream(file, std::ios::trunc) << "short\n";
  const absl::Status weak = Run({"--create-admin", "bert", "--password-file", file}).status();
  EXPECT_TRUE(absl::IsInvalidArgument(weak));
  EXPECT_THAT(std::string(weak.message()), HasSubstr("12..1024"));
  std::remove(file.c_str());
  EXPECT_TRUE(absl::IsInvalidArgument(Run(arguments).status()));
  EXPECT_THROW(Run({"--create-admin", "carl"}).IgnoreError(), CLI::ParseError);
}

}  // namespace
}  // namespace aislewatch::events
