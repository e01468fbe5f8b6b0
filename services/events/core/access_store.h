// What access control needs of a database.
//
// Implementations are thread-safe and block; errors as in stores.h, UNAVAILABLE while the database
// is away. Names are looked up by their lower-case form. Hashes of sessions and tokens are 32
// bytes.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "services/events/core/access.h"

namespace aislewatch::events {

/// A user as stored.
struct StoredUser {
  User user;
  std::string user_id;
  std::string password;  // Hash, as HashPassword makes it.
};

/// A session as stored, with its user.
struct StoredSession {
  User user;
  std::string user_id;
  absl::Time create_time;
  absl::Time use_time;
};

class AccessStore {
 public:
  virtual ~AccessStore() = default;

  /// ALREADY_EXISTS.
  virtual absl::Status CreateUser(const StoredUser& user) = 0;
  /// Replaces role, scope, lock and, where `password` is not empty, the password's hash; ends the
  /// user's sessions and forgets failed logins. Returns the user as stored. NOT_FOUND;
  /// FAILED_PRECONDITION where no enabled admin of the whole installation would be left.
  virtual absl::StatusOr<User> UpdateUser(const User& user, const std::string& password) = 0;
  /// NOT_FOUND, FAILED_PRECONDITION as UpdateUser.
  virtual absl::Status DeleteUser(const std::string& name) = 0;
  /// By name.
  virtual absl::StatusOr<std::vector<User>> ListUsers() = 0;
  /// NOT_FOUND.
  virtual absl::StatusOr<StoredUser> FindUser(const std::string& name) = 0;
  /// Replaces the password's hash and ends the sessions but `keep_session`. NOT_FOUND.
  virtual absl::Status SetPassword(const std::string& user_id, const std::string& password,
                                   const std::string& keep_session) = 0;
  /// Replaces the hash of an unchanged password; OK where it was changed meanwhile.
  virtual absl::Status ReplaceHash(const StoredUser& user, const std::string& password) = 0;

  /// Counts an attempt to log in as a failure, before its password is looked at, so that attempts
  /// at the same time are all counted; and locks the name for `lock_for(failures in a row)`, where
  /// that is more than zero. Where the name is locked already, counts nothing and returns until
  /// when.
  virtual absl::StatusOr<std::optional<absl::Time>> BeginAttempt(
      const std::string& name, absl::Time now,
      absl::FunctionRef<absl::Duration(int failures)> lock_for) = 0;
  /// The attempt was none of an attacker: forgets the name's failures.
  virtual absl::Status ForgetFailures(const std::string& name) = 0;

  /// Begins a session at `now` and notes the login; removes sessions that began before
  /// `oldest_session`. NOT_FOUND where the user was removed or disabled, or got another password,
  /// since `user` was read.
  virtual absl::Status CreateSession(const std::string& hash, const StoredUser& user,
                                     absl::Time now, absl::Time oldest_session) = 0;
  /// NOT_FOUND.
  virtual absl::StatusOr<StoredSession> FindSession(const std::string& hash) = 0;
  virtual absl::Status TouchSession(const std::string& hash, absl::Time now) = 0;
  /// OK where there is none.
  virtual absl::Status DeleteSession(const std::string& hash) = 0;

  virtual absl::Status CreateToken(const ApiToken& token, const std::string& hash) = 0;
  /// Also revoked and expired ones. NOT_FOUND.
  virtual absl::StatusOr<ApiToken> FindToken(const std::string& hash) = 0;
  virtual absl::Status TouchToken(const std::string& hash, absl::Time now) = 0;
  /// Keeps the first revocation's time. NOT_FOUND.
  virtual absl::Status RevokeToken(const std::string& token_id, absl::Time now) = 0;
  /// Newest first.
  virtual absl::StatusOr<std::vector<ApiToken>> ListTokens() = 0;
};

}  // namespace aislewatch::events
