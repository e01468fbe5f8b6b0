#include "services/events/adapters/postgres/access_store.h"

#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "common/base/status.h"

namespace aislewatch::events {
namespace {

// A day without a failure, and it is forgotten that there were any.
constexpr absl::Duration kRememberFailures = absl::Hours(24);

std::string TokenColumns() {
  return absl::StrCat("t.token_id, t.name, t.role, ", ScopeColumns("t"), ", ",
                      MicrosOf("t.create_time"), ", ", MicrosOf("t.expire_time"), ", ",
                      MicrosOf("t.use_time"), ", ", MicrosOf("t.revoke_time"));
}

ApiToken ReadToken(const pqxx::row& row) {
  ApiToken token;
  token.token_id = ReadText(row[0]);
  token.name = ReadText(row[1]);
  token.role = static_cast<Role>(ReadInt(row[2]));
  token.scope = ReadScope(row, 3);
  token.create_time = ReadTime(row[5]).value_or(absl::UnixEpoch());
  token.expire_time = ReadTime(row[6]);
  token.last_used_time = ReadTime(row[7]);
  token.revoke_time = ReadTime(row[8]);
  return token;
}

absl::Status NoCredential() { return absl::NotFoundError("there is no such credential"); }

}  // namespace

absl::Status PostgresAccessStore::Execute(const Statement& statement, const Params& params) {
  return pool_.Run([&](Transaction& transaction) {
    transaction.Run(statement, params);
    return absl::OkStatus();
  });
}

absl::StatusOr<std::optional<absl::Time>> PostgresAccessStore::BeginAttempt(
    const std::string& name, absl::Time now,
    absl::FunctionRef<absl::Duration(int failures)> lock_for) {
  // Takes the row's lock: attempts at the same time are counted one after another.
  static const Statement count{
      "attempt_count",
      "INSERT INTO login_failures AS f (name_key, failures, last_time) VALUES ($1, 1, $2)"
      " ON CONFLICT (name_key) DO UPDATE SET last_time = $2, locked_until = NULL,"
      "   failures = CASE WHEN f.last_time < $3::timestamptz THEN 1 ELSE f.failures + 1 END"
      " WHERE f.locked_until IS NULL OR f.locked_until <= $2 RETURNING failures"};
  static const Statement locked{"attempt_locked",
                                absl::StrCat("SELECT ", MicrosOf("locked_until"),
                                             " FROM login_failures WHERE name_key = $1")};
  static const Statement lock{"attempt_lock",
                              "UPDATE login_failures SET locked_until = $2 WHERE name_key = $1"};
  static const Statement sweep{
      "attempt_sweep",
      "DELETE FROM login_failures WHERE name_key IN (SELECT name_key FROM login_failures"
      "   WHERE last_time < $1 ORDER BY last_time LIMIT 10 FOR UPDATE SKIP LOCKED)"};
  const std::string key = absl::AsciiStrToLower(name);
  std::optional<absl::Time> until;
  AW_RETURN_IF_ERROR(pool_.Run([&](Transaction& transaction) {
    until.reset();
    const auto rows =
        transaction.Run(count, Params().Text(key).Time(now).Time(now - kRememberFailures));
    if (rows.empty()) {
      const auto found = transaction.Run(locked, Params().Text(key));
      // Gone again where its owner has logged in just now.
      until = found.empty() ? std::nullopt : ReadTime(found[0][0]);
      return absl::OkStatus();
    }
    const absl::Duration duration = lock_for(static_cast<int>(ReadInt(rows[0][0])));
    if (duration > absl::ZeroDuration()) {
      transaction.Run(lock, Params().Text(key).Time(now + duration));
    }
    transaction.Run(sweep, Params().Time(now - kRememberFailures));
    return absl::OkStatus();
  }));
  return until;
}

absl::Status PostgresAccessStore::ForgetFailures(const std::string& name) {
  static const Statement forget{"attempt_forget", "DELETE FROM login_failures WHERE name_key = $1"};
  return Execute(forget, Params().Text(absl::AsciiStrToLower(name)));
}

absl::Status PostgresAccessStore::CreateSession(const std::string& hash, const StoredUser& user,
                                                absl::Time now, absl::Time oldest_session) {
  // Locks the user's row, so that whoever changes the user afterwards ends this session, too.
  static const Statement login{"session_login",
                               "UPDATE users SET last_login_time = $3"
                               " WHERE user_id = $1 AND password = $2 AND NOT disabled"};
  static const Statement insert{"session_insert",
                                "INSERT INTO sessions (session_hash, user_id, create_time, "
                                "use_time) VALUES ($1, $2, $3, $3)"};
  static const Statement sweep{"session_sweep", "DELETE FROM sessions WHERE create_time < $1"};
  return pool_.Run([&](Transaction& transaction) -> absl::Status {
    const auto updated =
        transaction.Run(login, Params().Text(user.user_id).Text(user.password).Time(now));
    if (updated.affected_rows() == 0) return absl::NotFoundError("the user was changed");
    transaction.Run(insert, Params().Bytes(hash).Text(user.user_id).Time(now));
    transaction.Run(sweep, Params().Time(oldest_session));
    return absl::OkStatus();
  });
}

absl::StatusOr<StoredSession> PostgresAccessStore::FindSession(const std::string& hash) {
  static const Statement select{
      "session_find",
      absl::StrCat("SELECT ", UserColumns(), ", ", MicrosOf("s.create_time"), ", ",
                   MicrosOf("s.use_time"),
                   " FROM sessions s JOIN users u USING (user_id)"
                   " LEFT JOIN login_failures f USING (name_key) WHERE s.session_hash = $1")};
  StoredSession session;
  AW_RETURN_IF_ERROR(pool_.Run([&](Transaction& transaction) -> absl::Status {
    const auto rows = transaction.Run(select, Params().Bytes(hash));
    if (rows.empty()) return NoCredential();
    StoredUser user = ReadUser(rows[0]);
    session = {std::move(user.user), std::move(user.user_id),
               ReadTime(rows[0][kUserColumns]).value_or(absl::UnixEpoch()),
               ReadTime(rows[0][kUserColumns + 1]).value_or(absl::UnixEpoch())};
    return absl::OkStatus();
  }));
  return session;
}

absl::Status PostgresAccessStore::TouchSession(const std::string& hash, absl::Time now) {
  static const Statement touch{
      "session_touch",
      "UPDATE sessions SET use_time = $2 WHERE session_hash = $1 AND use_time < $2"};
  return Execute(touch, Params().Bytes(hash).Time(now));
}

absl::Status PostgresAccessStore::DeleteSession(const std::string& hash) {
  static const Statement remove{"session_delete", "DELETE FROM sessions WHERE session_hash = $1"};
  return Execute(remove, Params().Bytes(hash));
}

absl::Status PostgresAccessStore::CreateToken(const ApiToken& token, const std::string& hash) {
  static const Statement insert{"token_insert",
                                "INSERT INTO api_tokens (token_id, token_hash, name, role, "
                                "store_ids, camera_ids, create_time,"
                                "   expire_time) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)"};
  Params params;
  params.Text(token.token_id).Bytes(hash).Text(token.name).Int(Number(token.role));
  params.Array(token.scope.store_ids).Array(token.scope.camera_ids);
  params.Time(token.create_time).Time(token.expire_time);
  return Execute(insert, params);
}

absl::StatusOr<ApiToken> PostgresAccessStore::FindToken(const std::string& hash) {
  static const Statement select{
      "token_find",
      absl::StrCat("SELECT ", TokenColumns(), " FROM api_tokens t WHERE t.token_hash = $1")};
  ApiToken token;
  AW_RETURN_IF_ERROR(pool_.Run([&](Transaction& transaction) -> absl::Status {
    const auto rows = transaction.Run(select, Params().Bytes(hash));
    if (rows.empty()) return NoCredential();
    token = ReadToken(rows[0]);
    return absl::OkStatus();
  }));
  return token;
}

absl::Status PostgresAccessStore::TouchToken(const std::string& hash, absl::Time now) {
  static const Statement touch{"token_touch",
                               "UPDATE api_tokens SET use_time = $2 WHERE token_hash = $1"
                               " AND (use_time IS NULL OR use_time < $2)"};
  return Execute(touch, Params().Bytes(hash).Time(now));
}

absl::Status PostgresAccessStore::RevokeToken(const std::string& token_id, absl::Time now) {
  static const Statement revoke{"token_revoke",
                                "UPDATE api_tokens SET revoke_time = coalesce(revoke_time, $2)"
                                " WHERE token_id = $1"};
  return pool_.Run([&](Transaction& transaction) -> absl::Status {
    const auto result = transaction.Run(revoke, Params().Text(token_id).Time(now));
    if (result.affected_rows() > 0) return absl::OkStatus();
    return absl::NotFoundError(absl::StrCat("there is no token ", token_id));
  });
}

absl::StatusOr<std::vector<ApiToken>> PostgresAccessStore::ListTokens() {
  static const Statement select{
      "token_list", absl::StrCat("SELECT ", TokenColumns(),
                                 " FROM api_tokens t ORDER BY t.create_time DESC, t.token_id")};
  std::vector<ApiToken> tokens;
  AW_RETURN_IF_ERROR(pool_.Run([&](Transaction& transaction) {
    tokens.clear();
    for (const auto& row : transaction.Run(select)) tokens.push_back(ReadToken(row));
    return absl::OkStatus();
  }));
  return tokens;
}

}  // namespace aislewatch::events
