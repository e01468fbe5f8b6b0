// Users, sessions and tokens in PostgreSQL. Thread-safe; blocks; see core/access_store.h for the
// contract.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "services/events/adapters/postgres/pool.h"
#include "services/events/core/access_store.h"

namespace aislewatch::events {

class PostgresAccessStore : public AccessStore {
 public:
  /// `pool` must outlive the store.
  explicit PostgresAccessStore(Pool& pool) : pool_(pool) {}

  absl::Status CreateUser(const StoredUser& user) override;
  absl::StatusOr<User> UpdateUser(const User& user, const std::string& password) override;
  absl::Status DeleteUser(const std::string& name) override;
  absl::StatusOr<std::vector<User>> ListUsers() override;
  absl::StatusOr<StoredUser> FindUser(const std::string& name) override;
  absl::Status SetPassword(const std::string& user_id, const std::string& password,
                           const std::string& keep_session) override;
  absl::Status ReplaceHash(const StoredUser& user, const std::string& password) override;

  absl::StatusOr<std::optional<absl::Time>> BeginAttempt(
      const std::string& name, absl::Time now,
      absl::FunctionRef<absl::Duration(int failures)> lock_for) override;
  absl::Status ForgetFailures(const std::string& name) override;

  absl::Status CreateSession(const std::string& hash, const StoredUser& user, absl::Time now,
                             absl::Time oldest_session) override;
  absl::StatusOr<StoredSession> FindSession(const std::string& hash) override;
  absl::Status TouchSession(const std::string& hash, absl::Time now) override;
  absl::Status DeleteSession(const std::string& hash) override;

  absl::Status CreateToken(const ApiToken& token, const std::string& hash) override;
  absl::StatusOr<ApiToken> FindToken(const std::string& hash) override;
  absl::Status TouchToken(const std::string& hash, absl::Time now) override;
  absl::Status RevokeToken(const std::string& token_id, absl::Time now) override;
  absl::StatusOr<std::vector<ApiToken>> ListTokens() override;

 private:
  absl::Status Execute(const Statement& statement, const Params& params);

  Pool& pool_;
};

/// Columns of `users` under alias u and of `login_failures` under f, and reading them.
std::string UserColumns();
inline constexpr int kUserColumns = 9;
StoredUser ReadUser(const pqxx::row& row);
/// A scope of two columns that ScopeColumns names, from column `first` on.
std::string ScopeColumns(absl::string_view alias);
Scope ReadScope(const pqxx::row& row, int first);

}  // namespace aislewatch::events
