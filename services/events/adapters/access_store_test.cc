// Access control on a real PostgreSQL.
#include "services/events/adapters/postgres/access_store.h"

#include <thread>

#include "common/base/clock.h"
#include "gmock/gmock.h"
#include "services/events/core/access_control.h"
#include "services/events/testing/database_test.h"

namespace aislewatch::events {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;

constexpr char kSecret[] = "correct horse battery";

class AccessStoreTest : public DatabaseTest {
 protected:
  void SetUp() override {
    DatabaseTest::SetUp();
    if (pool_ == nullptr) return;
    store_ = std::make_unique<PostgresAccessStore>(*pool_);
    access_ = std::make_unique<AccessControl>(*store_, clock_, PasswordCost{10, 1, 1});
  }
  absl::Status AddUser(const std::string& name, Role role, Scope scope = {}) {
    User user;
    user.name = name;
    user.role = role;
    user.scope = std::move(scope);
    return access_->CreateUser(user, kSecret).status();
  }

  FakeClock clock_{absl::FromUnixSeconds(1772625600)};
  std::unique_ptr<PostgresAccessStore> store_;
  std::unique_ptr<AccessControl> access_;
};

TEST_F(AccessStoreTest, KeepsUsersWithTheirScopes) {
  ASSERT_TRUE(AddUser("Zoe", Role::kViewer, {{"store-1", "store-2"}, {"cam:1"}}).ok());
  ASSERT_TRUE(AddUser("anna", Role::kAdmin).ok());
  EXPECT_TRUE(absl::IsAlreadyExists(AddUser("zoE", Role::kViewer)));
  const auto users = access_->ListUsers().value();
  ASSERT_EQ(users.size(), 2u);
  EXPECT_EQ(users[0].name, "anna");
  EXPECT_TRUE(users[0].scope.everything());
  EXPECT_EQ(users[1].name, "Zoe");
  EXPECT_EQ(users[1].role, Role::kViewer);
  EXPECT_THAT(users[1].scope.store_ids, ElementsAre("store-1", "store-2"));
  EXPECT_THAT(users[1].scope.camera_ids, ElementsAre("cam:1"));
  EXPECT_EQ(users[1].create_time, clock_.Now());
  EXPECT_FALSE(users[1].last_login_time.has_value());
}

TEST_F(AccessStoreTest, KeepsNoSecrets) {
  ASSERT_TRUE(AddUser("anna", Role::kAdmin).ok());
  const std::string session = access_->Login("anna", kSecret)->secret;
  ApiToken token;
  token.name = "till";
  token.role = Role::kViewer;
  const std::string secret = access_->CreateToken(token)->secret;
  const std::string all =
      Sql("SELECT (SELECT json_agg(u)::text FROM users u)"
          " || (SELECT json_agg(s)::text FROM sessions s)"
          " || (SELECT json_agg(t)::text FROM api_tokens t)");
  EXPECT_THAT(all, HasSubstr("$scrypt$ln=10"));
  EXPECT_THAT(all, HasSubstr("till"));
  for (const std::string& hidden : {std::string(kSecret), session, secret}) {
    EXPECT_THAT(all, Not(HasSubstr(hidden)));
    // Nor in the form in which bytea is written.
    EXPECT_THAT(all, Not(HasSubstr(absl::BytesToHexString(hidden))));
  }
}

TEST_F(AccessStoreTest, SessionsSlideAndEnd) {
  ASSERT_TRUE(AddUser("anna", Role::kAdmin).ok());
  const std::string session = access_->Login("ANNA", kSecret)->secret;
  EXPECT_EQ(access_->ListUsers()->at(0).last_login_time, clock_.Now());
  clock_.Advance(absl::Hours(11));
  EXPECT_EQ(access_->Authenticate(session)->expire_time, clock_.Now() + absl::Hours(12));
  clock_.Advance(absl::Hours(11));
  // Another replica knows of the use.
  AccessControl other(*store_, clock_);
  EXPECT_EQ(other.Authenticate(session)->name, "anna");
  EXPECT_TRUE(other.Logout(session).ok());
  clock_.Advance(AccessControl::kCacheFor);
  EXPECT_TRUE(absl::IsUnauthenticated(access_->Authenticate(session).status()));
  EXPECT_EQ(Sql("SELECT count(*) FROM sessions"), "0");
}

TEST_F(AccessStoreTest, SweepsSessionsThatCannotBeUsedAnyMore) {
  ASSERT_TRUE(AddUser("anna", Role::kAdmin).ok());
  ASSERT_TRUE(access_->Login("anna", kSecret).ok());
  clock_.Advance(AccessControl::kSessionLife + absl::Seconds(1));
  ASSERT_TRUE(access_->Login("anna", kSecret).ok());
  EXPECT_EQ(Sql("SELECT count(*) FROM sessions"), "1");
}

TEST_F(AccessStoreTest, KeepsTheLastAdminWhateverComesAtTheSameTime) {
  ASSERT_TRUE(AddUser("anna", Role::kAdmin).ok());
  ASSERT_TRUE(AddUser("bert", Role::kAdmin).ok());
  absl::Status first, second;
  std::thread other([&] { first = access_->DeleteUser("anna"); });
  second = access_->DeleteUser("bert");
  other.join();
  EXPECT_NE(first.ok(), second.ok());
  EXPECT_TRUE(absl::IsFailedPrecondition(first.ok() ? second : first));
  EXPECT_EQ(access_->ListUsers()->size(), 1u);
  EXPECT_TRUE(absl::IsNotFound(access_->DeleteUser("carl")));
  User last = access_->ListUsers()->at(0);
  last.scope.camera_ids = {"camera-1"};
  EXPECT_TRUE(absl::IsFailedPrecondition(access_->UpdateUser(last, "").status()));
  EXPECT_TRUE(access_->ListUsers()->at(0).scope.everything());
}

TEST_F(AccessStoreTest, ChangesEndSessionsAndUnlock) {
  ASSERT_TRUE(AddUser("anna", Role::kAdmin).ok());
  ASSERT_TRUE(AddUser("otto", Role::kOperator).ok());
  const std::string session = access_->Login("otto", kSecret)->secret;
  for (int i = 0; i < AccessControl::kFailuresBeforeLock; ++i) {
    access_->Login("Otto", "incorrect horse").IgnoreError();
  }
  User otto = access_->ListUsers()->at(1);
  EXPECT_EQ(otto.locked_until, clock_.Now() + absl::Minutes(1));
  EXPECT_TRUE(absl::IsResourceExhausted(access_->Login("otto", kSecret).status()));
  EXPECT_TRUE(access_->Authenticate(session).ok());  // A lock does not end what has begun.
  otto.role = Role::kViewer;
  otto.scope.store_ids = {"store-1"};
  const User changed = access_->UpdateUser(otto, "a new password").value();
  EXPECT_EQ(changed.role, Role::kViewer);
  EXPECT_FALSE(changed.locked_until.has_value());
  EXPECT_TRUE(absl::IsUnauthenticated(access_->Authenticate(session).status()));
  EXPECT_TRUE(absl::IsUnauthenticated(access_->Login("otto", kSecret).status()));
  EXPECT_TRUE(access_->Login("otto", "a new password").ok());
}

TEST_F(AccessStoreTest, CountsAttemptsAtTheSameTime) {
  ASSERT_TRUE(AddUser("anna", Role::kAdmin).ok());
  std::vector<std::thread> attackers;
  std::atomic<int> tried = 0;
  for (int i = 0; i < 4; ++i) {
    attackers.emplace_back([&] {
      for (int attempt = 0; attempt < 10; ++attempt) {
        const absl::Status status = access_->Login("anna", "incorrect horse").status();
        if (absl::IsUnauthenticated(status)) ++tried;
      }
    });
  }
  for (std::thread& attacker : attackers) attacker.join();
  EXPECT_EQ(tried, AccessControl::kFailuresBeforeLock);
}

TEST_F(AccessStoreTest, ASessionDoesNotOutliveTheUserThatItWasBegunFor) {
  ASSERT_TRUE(AddUser("anna", Role::kAdmin).ok());
  ASSERT_TRUE(AddUser("otto", Role::kOperator).ok());
  // The password is changed between the check and the beginning of the session.
  const StoredUser before = store_->FindUser("otto").value();
  ASSERT_TRUE(access_->UpdateUser(before.user, "a new password").ok());
  const absl::Status late =
      store_->CreateSession(std::string(32, 'x'), before, clock_.Now(), clock_.Now());
  EXPECT_TRUE(absl::IsNotFound(late)) << late;
  const std::string session = access_->Login("otto", "a new password")->secret;
  ASSERT_TRUE(access_->DeleteUser("otto").ok());
  EXPECT_TRUE(absl::IsUnauthenticated(access_->Authenticate(session).status()));
}

TEST_F(AccessStoreTest, TokensAreListedNewestFirstAndNoteTheirUse) {
  ApiToken token;
  token.name = "till";
  token.role = Role::kIngest;
  token.scope.store_ids = {"store-1"};
  token.expire_time = clock_.Now() + absl::Hours(24);
  const NewToken first = access_->CreateToken(token).value();
  clock_.Advance(absl::Seconds(1));
  token.name = "second";
  token.expire_time.reset();
  const NewToken second = access_->CreateToken(token).value();
  EXPECT_EQ(access_->Authenticate(first.secret)->scope.store_ids, token.scope.store_ids);
  ASSERT_TRUE(access_->RevokeToken(second.token.token_id).ok());
  const auto tokens = access_->ListTokens().value();
  ASSERT_EQ(tokens.size(), 2u);
  EXPECT_EQ(tokens[0].name, "second");
  EXPECT_EQ(tokens[0].revoke_time, clock_.Now());
  EXPECT_FALSE(tokens[0].expire_time.has_value());
  EXPECT_EQ(tokens[1].last_used_time, clock_.Now());
  EXPECT_EQ(tokens[1].expire_time, first.token.expire_time);
  EXPECT_TRUE(absl::IsUnauthenticated(access_->Authenticate(second.secret).status()));
  EXPECT_TRUE(absl::IsNotFound(access_->RevokeToken(NewUuid())));
}

}  // namespace
}  // namespace aislewatch::events
