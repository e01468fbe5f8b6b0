// Users, sessions and API tokens: what AccessService does, without the network.
//
// Secrets leave it once, when they are made; kept are a password's scrypt hash and a credential's
// SHA-256. Names are compared without regard to case. A name that is unknown, disabled or was given
// with a wrong password gets the same answer after the same work, and locks alike, so that nobody
// learns which names exist.
//
// Thread-safe. Every method blocks on the store; Login, ChangePassword, CreateUser and UpdateUser
// hash passwords besides (see password.h) and belong on threads of their own. What Authenticate
// found holds for kCacheFor; on this replica a revocation takes effect at once, on others after
// that time.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "common/base/clock.h"
#include "services/events/core/access.h"
#include "services/events/core/access_store.h"
#include "services/events/core/password.h"

namespace aislewatch::events {

/// A session that has begun. `secret` is its credential.
struct NewSession {
  std::string secret;
  Principal principal;
};

/// A token that was made. `secret` is its credential.
struct NewToken {
  ApiToken token;
  std::string secret;
};

class AccessControl {
 public:
  /// A session ends so long after its last use, and after its beginning.
  static constexpr absl::Duration kSessionIdle = absl::Hours(12);
  static constexpr absl::Duration kSessionLife = absl::Hours(7 * 24);
  /// Last uses are written no more often than this.
  static constexpr absl::Duration kTouchEvery = absl::Minutes(1);
  static constexpr absl::Duration kCacheFor = absl::Seconds(2);
  /// After so many wrong passwords in a row a name is locked for a minute, then, with each further
  /// one, for twice the time, at most kLongestLock: nobody can lock somebody out for ever.
  static constexpr int kFailuresBeforeLock = 10;
  static constexpr absl::Duration kLongestLock = absl::Minutes(15);

  /// `store` and `clock` must outlive it.
  explicit AccessControl(AccessStore& store, Clock& clock = RealClock(), PasswordCost cost = {});

  /// UNAUTHENTICATED; RESOURCE_EXHAUSTED while the name is locked.
  absl::StatusOr<NewSession> Login(const std::string& name, const std::string& password);
  /// OK where the session has ended. INVALID_ARGUMENT where the credential is no session's.
  absl::Status Logout(const std::string& credential);
  /// UNAUTHENTICATED where the credential is unknown, has expired or was revoked. `use`: counts as
  /// a use, which moves a session's end.
  absl::StatusOr<Principal> Authenticate(const std::string& credential, bool use = true);
  /// Ends the user's sessions but `credential`. PERMISSION_DENIED where `current` is wrong or the
  /// caller is no user; RESOURCE_EXHAUSTED as for Login; INVALID_ARGUMENT.
  absl::Status ChangePassword(const Principal& principal, const std::string& credential,
                              const std::string& current, const std::string& next);

  /// INVALID_ARGUMENT lists every fault. ALREADY_EXISTS.
  absl::StatusOr<User> CreateUser(User user, const std::string& password);
  /// An empty password leaves it. INVALID_ARGUMENT and the errors of AccessStore::UpdateUser.
  absl::StatusOr<User> UpdateUser(const User& user, const std::string& password);
  absl::Status DeleteUser(const std::string& name);
  absl::StatusOr<std::vector<User>> ListUsers() { return store_.ListUsers(); }

  absl::StatusOr<NewToken> CreateToken(ApiToken token);
  absl::Status RevokeToken(const std::string& token_id);
  absl::StatusOr<std::vector<ApiToken>> ListTokens() { return store_.ListTokens(); }

 private:
  struct Known {
    Principal principal;
    absl::Time checked;
    absl::Time used;  // As the store has it.
    absl::Time created;
  };
  static constexpr size_t kMaxKnown = 10'000;

  absl::StatusOr<Known> Find(const std::string& credential, const std::string& hash,
                             absl::Time now);
  absl::StatusOr<Known> FindSession(const std::string& hash, absl::Time now);
  absl::StatusOr<Known> FindToken(const std::string& hash, absl::Time now);
  void Touch(const std::string& hash, absl::Time now, Known& known) ABSL_LOCKS_EXCLUDED(mutex_);
  // Whether the password is the user's; counts failures. RESOURCE_EXHAUSTED where the name is
  // locked.
  absl::StatusOr<bool> CheckPassword(const std::string& name, const std::string& password,
                                     StoredUser& user);
  // After a change that ends credentials.
  void Forget() ABSL_LOCKS_EXCLUDED(mutex_);

  AccessStore& store_;
  Clock& clock_;
  const PasswordCost cost_;
  const std::string nobody_;  // The hash that unknown names are checked against.

  absl::Mutex mutex_;
  uint64_t generation_ ABSL_GUARDED_BY(mutex_) = 0;             // Rises with Forget.
  std::map<std::string, Known> known_ ABSL_GUARDED_BY(mutex_);  // By the credential's hash.
};

}  // namespace aislewatch::events
