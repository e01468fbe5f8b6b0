#include "services/events/core/access_control.h"

#include "common/base/clock.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "services/events/core/access_rights.h"
#include "services/events/testing/fake_access_store.h"

namespace aislewatch::events {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::SizeIs;
using ::testing::StartsWith;

constexpr char kRight[] = "correct horse battery";
constexpr char kWrong[] = "incorrect horse battery";
constexpr PasswordCost kCheap{10, 1, 1};

class AccessControlTest : public ::testing::Test {
 protected:
  AccessControlTest() {
    AddUser("Anna", Role::kAdmin);
    AddUser("otto", Role::kOperator);
  }
  void AddUser(const std::string& name, Role role) {
    User user;
    user.name = name;
    user.role = role;
    ASSERT_TRUE(access_.CreateUser(user, kRight).ok());
  }
  std::string Session(const std::string& name) { return access_.Login(name, kRight)->secret; }
  absl::StatusCode Code(const std::string& credential) {
    return access_.Authenticate(credential).status().code();
  }
  NewToken Token(Role role) {
    ApiToken token;
    token.name = "till";
    token.role = role;
    return access_.CreateToken(token).value();
  }

  FakeClock clock_{absl::FromUnixSeconds(1772625600)};
  FakeAccessStore store_;
  AccessControl access_{store_, clock_, kCheap};
};

TEST_F(AccessControlTest, LogsInWithoutRegardToTheCaseOfTheName) {
  const auto session = access_.Login("aNNA", kRight);
  ASSERT_TRUE(session.ok()) << session.status();
  EXPECT_EQ(session->principal.name, "Anna");
  EXPECT_EQ(session->principal.role, Role::kAdmin);
  EXPECT_EQ(access_.Authenticate(session->secret)->name, "Anna");
  EXPECT_EQ(access_.Authenticate(session->secret)->expire_time, clock_.Now() + absl::Hours(12));
}

TEST_F(AccessControlTest, SaysTheSameOfUnknownNamesWrongPasswordsAndDisabledUsers) {
  User user;
  user.name = "dora";
  user.role = Role::kViewer;
  user.disabled = true;
  ASSERT_TRUE(access_.CreateUser(user, kRight).ok());
  const absl::Status wrong = access_.Login("anna", kWrong).status();
  EXPECT_EQ(wrong.code(), absl::StatusCode::kUnauthenticated);
  EXPECT_EQ(access_.Login("nobody", kRight).status(), wrong);
  EXPECT_EQ(access_.Login("dora", kRight).status(), wrong);
  EXPECT_EQ(access_.Login("no such\nname", kRight).status(), wrong);
}

TEST_F(AccessControlTest, LocksNamesThatExistAndOthersAlike) {
  for (const std::string name : {"anna", "nobody"}) {
    for (int i = 0; i < AccessControl::kFailuresBeforeLock; ++i) {
      EXPECT_EQ(access_.Login(name, kWrong).status().code(), absl::StatusCode::kUnauthenticated);
    }
    // Also with the right password: otherwise guessing could go on.
    EXPECT_EQ(access_.Login(name, kRight).status().code(), absl::StatusCode::kResourceExhausted);
  }
}

TEST_F(AccessControlTest, LocksForLongerWithEachFailureButNeverForEver) {
  for (int i = 0; i < AccessControl::kFailuresBeforeLock; ++i) {
    access_.Login("anna", kWrong).IgnoreError();
  }
  absl::Duration expected = absl::Minutes(1);
  for (int i = 0; i < 8; ++i) {
    clock_.Advance(expected - absl::Seconds(1));
    EXPECT_TRUE(absl::IsResourceExhausted(access_.Login("anna", kWrong).status())) << i;
    clock_.Advance(absl::Seconds(1));
    EXPECT_TRUE(absl::IsUnauthenticated(access_.Login("anna", kWrong).status())) << i;
    expected = std::min(2 * expected, AccessControl::kLongestLock);
  }
  clock_.Advance(AccessControl::kLongestLock);
  EXPECT_TRUE(access_.Login("anna", kRight).ok());
  // That was forgotten with the login.
  EXPECT_TRUE(absl::IsUnauthenticated(access_.Login("anna", kWrong).status()));
  EXPECT_TRUE(access_.Login("anna", kRight).ok());
}

TEST_F(AccessControlTest, SessionsEndTwelveHoursAfterTheLastUseAndAfterSevenDays) {
  const std::string session = Session("anna");
  const absl::Time began = clock_.Now();
  clock_.Advance(absl::Hours(11));
  EXPECT_EQ(access_.Authenticate(session)->expire_time, clock_.Now() + absl::Hours(12));
  clock_.Advance(absl::Hours(12));
  EXPECT_EQ(Code(session), absl::StatusCode::kUnauthenticated);

  const std::string busy = Session("anna");
  const absl::Time end = clock_.Now() + absl::Hours(7 * 24);
  while (clock_.Now() + absl::Hours(10) < end) {
    clock_.Advance(absl::Hours(10));
    ASSERT_EQ(Code(busy), absl::StatusCode::kOk) << clock_.Now() - began;
  }
  EXPECT_EQ(access_.Authenticate(busy)->expire_time, end);
  clock_.Advance(end - clock_.Now());
  EXPECT_EQ(Code(busy), absl::StatusCode::kUnauthenticated);
}

TEST_F(AccessControlTest, LookingWithoutUseDoesNotMoveTheEnd) {
  const std::string session = Session("anna");
  for (int i = 0; i < 11; ++i) {
    clock_.Advance(absl::Hours(1));
    EXPECT_TRUE(access_.Authenticate(session, /*use=*/false).ok());
  }
  clock_.Advance(absl::Hours(1));
  EXPECT_EQ(Code(session), absl::StatusCode::kUnauthenticated);
}

TEST_F(AccessControlTest, ReadsAndWritesSeldom) {
  const std::string token = Token(Role::kIngest).secret;
  for (int i = 0; i < 60; ++i) {
    for (int call = 0; call < 5; ++call) ASSERT_TRUE(access_.Authenticate(token).ok());
    clock_.Advance(absl::Seconds(1));
  }
  EXPECT_LE(store_.reads(), 31);
  EXPECT_EQ(store_.touches(), 1);
}

TEST_F(AccessControlTest, TokensHoldUntilTheyExpireOrAreRevoked) {
  const NewToken made = Token(Role::kViewer);
  EXPECT_THAT(made.secret, SizeIs(4 + 43));
  EXPECT_THAT(made.secret, StartsWith("awt_"));
  EXPECT_TRUE(access_.Authenticate(made.secret)->is_token);
  ASSERT_TRUE(access_.RevokeToken(made.token.token_id).ok());
  EXPECT_EQ(Code(made.secret), absl::StatusCode::kUnauthenticated);  // At once.

  ApiToken brief;
  brief.name = "visitor";
  brief.role = Role::kViewer;
  brief.expire_time = clock_.Now() + absl::Seconds(1);
  const std::string secret = access_.CreateToken(brief)->secret;
  EXPECT_EQ(Code(secret), absl::StatusCode::kOk);
  clock_.Advance(absl::Seconds(1));
  EXPECT_EQ(Code(secret), absl::StatusCode::kUnauthenticated);  // Though it was looked up just now.
  EXPECT_TRUE(absl::IsInvalidArgument(access_.CreateToken(brief).status()));
}

TEST_F(AccessControlTest, KnowsNoCredentialsOfOthers) {
  for (const std::string& credential :
       {std::string(), std::string("awt_"), std::string("awc_x"), std::string("Basic x"),
        "awt_" + std::string(1'000'000, 'x')}) {
    EXPECT_EQ(Code(credential), absl::StatusCode::kUnauthenticated);
  }
  store_.set_available(false);
  EXPECT_EQ(Code("awt_x"), absl::StatusCode::kUnavailable);
}

TEST_F(AccessControlTest, LoggingOutEndsTheSessionAtOnceAndAgainIsNoError) {
  const std::string session = Session("anna");
  EXPECT_EQ(Code(session), absl::StatusCode::kOk);
  EXPECT_TRUE(access_.Logout(session).ok());
  EXPECT_EQ(Code(session), absl::StatusCode::kUnauthenticated);
  EXPECT_TRUE(access_.Logout(session).ok());
  EXPECT_TRUE(absl::IsInvalidArgument(access_.Logout(Token(Role::kAdmin).secret)));
}

TEST_F(AccessControlTest, ChangingAUserEndsItsSessions) {
  const std::string session = Session("otto");
  User otto = access_.ListUsers()->at(1);
  ASSERT_EQ(otto.name, "otto");
  EXPECT_EQ(Code(session), absl::StatusCode::kOk);
  otto.role = Role::kViewer;
  ASSERT_TRUE(access_.UpdateUser(otto, "").ok());
  EXPECT_EQ(Code(session), absl::StatusCode::kUnauthenticated);
  EXPECT_EQ(access_.Login("otto", kRight)->principal.role, Role::kViewer);
}

TEST_F(AccessControlTest, AUserChangesItsOwnPassword) {
  const std::string session = Session("otto");
  const std::string other = Session("otto");
  const Principal otto = access_.Authenticate(session).value();
  EXPECT_TRUE(
      absl::IsPermissionDenied(access_.ChangePassword(otto, session, kWrong, "another password")));
  EXPECT_TRUE(absl::IsInvalidArgument(access_.ChangePassword(otto, session, kRight, "short")));
  ASSERT_TRUE(access_.ChangePassword(otto, session, kRight, "another password").ok());
  EXPECT_EQ(Code(session), absl::StatusCode::kOk);
  EXPECT_EQ(Code(other), absl::StatusCode::kUnauthenticated);
  EXPECT_TRUE(access_.Login("otto", "another password").ok());
  EXPECT_FALSE(access_.Login("otto", kRight).ok());
  Principal token;
  token.is_token = true;
  EXPECT_TRUE(absl::IsPermissionDenied(access_.ChangePassword(token, "awt_x", kRight, kWrong)));
}

TEST_F(AccessControlTest, KeepsAnAdminOfTheWholeInstallation) {
  User anna = access_.ListUsers()->at(0);
  for (int way = 0; way < 3; ++way) {
    User changed = anna;
    if (way == 0) changed.role = Role::kOperator;
    if (way == 1) changed.disabled = true;
    if (way == 2) changed.scope.store_ids = {"store-1"};
    EXPECT_TRUE(absl::IsFailedPrecondition(access_.UpdateUser(changed, "").status())) << way;
  }
  EXPECT_TRUE(absl::IsFailedPrecondition(access_.DeleteUser("anna")));
}

TEST_F(AccessControlTest, ListsEveryFaultOfAUser) {
  User user;
  user.name = "a b";
  user.role = Role::kIngest;
  user.scope.store_ids = {"store 1"};
  const absl::Status status = access_.CreateUser(user, "short").status();
  EXPECT_TRUE(absl::IsInvalidArgument(status));
  for (const char* part : {"name", "role", "store_ids", "password"}) {
    EXPECT_THAT(std::string(status.message()), HasSubstr(part));
  }
  EXPECT_THAT(std::string(status.message()), Not(HasSubstr("short")));
}

TEST_F(AccessControlTest, RaisesTheCostOfAHashWithTheNextLogin) {
  const std::string before = store_.FindUser("anna")->password;
  AccessControl later(store_, clock_, PasswordCost{11, 2, 1});
  ASSERT_TRUE(later.Login("anna", kRight).ok());
  const std::string after = store_.FindUser("anna")->password;
  EXPECT_THAT(before, StartsWith("$scrypt$ln=10,r=1,p=1$"));
  EXPECT_THAT(after, StartsWith("$scrypt$ln=11,r=2,p=1$"));
  EXPECT_TRUE(later.Login("anna", kRight).ok());
}

TEST(PasswordTest, IsScryptAsInItsSpecification) {
  // RFC 7914, section 12: scrypt("pleaseletmein", "SodiumChloride", 16384, 8, 1), first 32 bytes.
  const std::string hash =
      "$scrypt$ln=14,r=8,p=1$U29kaXVtQ2hsb3JpZGU$cCO9yzr9c0hGHAbNgf046_2o-7qQT44-qbVD9lRdofI";
  EXPECT_FALSE(VerifyPassword("pleaseletmeout", hash).value());
  EXPECT_TRUE(VerifyPassword("pleaseletmein", hash).value()) << hash;
}

TEST(PasswordTest, SaltsAndDefaultsAreAsRecommended) {
  const std::string one = HashPassword("pleaseletmein").value();
  EXPECT_THAT(one, StartsWith("$scrypt$ln=15,r=8,p=1$"));
  EXPECT_NE(one, HashPassword("pleaseletmein").value());
  EXPECT_TRUE(VerifyPassword("pleaseletmein", one).value());
  EXPECT_FALSE(VerifyPassword("x", "$scrypt$ln=40,r=8,p=1$AAAA$AAAA").ok());
  EXPECT_FALSE(VerifyPassword("x", "").ok());
}

TEST(AccessRightsTest, RefusesWhatNobodyWasGivenTheRightTo) {
  Principal admin;
  admin.name = "anna";
  admin.role = Role::kAdmin;
  EXPECT_TRUE(absl::IsPermissionDenied(CheckRight(admin, "NewMethod")));
  EXPECT_TRUE(CheckRight(admin, "ListUsers").ok());
  EXPECT_TRUE(absl::IsPermissionDenied(CheckRight(admin, "RecordTransitions")));
  EXPECT_TRUE(absl::IsPermissionDenied(CheckRight(Principal(), "GetIncident")));
}

}  // namespace
}  // namespace aislewatch::events
