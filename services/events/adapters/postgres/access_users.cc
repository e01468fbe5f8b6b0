// The part of PostgresAccessStore that keeps users.
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "common/base/status.h"
#include "services/events/adapters/postgres/access_store.h"

namespace aislewatch::events {
namespace {

constexpr char kFromUsers[] = " FROM users u LEFT JOIN login_failures f USING (name_key)";

absl::Status NoUser(const std::string& name) {
  return absl::NotFoundError(absl::StrCat("there is no user ", name));
}

// Changes of users go one after another, so that two of them cannot take each other's last admin.
void LockUsers(Transaction& transaction) {
  static const Statement lock{"users_lock",
                              "SELECT pg_advisory_xact_lock(hashtext('aislewatch.users'))"};
  transaction.Run(lock);
}

bool HasAdmin(Transaction& transaction) {
  static const Statement select{
      "users_admin",
      absl::StrCat("SELECT EXISTS (SELECT 1 FROM users WHERE role = ", Number(Role::kAdmin),
                   " AND NOT disabled AND cardinality(store_ids) = 0"
                   " AND cardinality(camera_ids) = 0)")};
  return ReadBool(transaction.Run(select)[0][0]);
}

absl::Status CheckAdmin(Transaction& transaction, bool had_admin) {
  if (!had_admin || HasAdmin(transaction)) return absl::OkStatus();
  return absl::FailedPreconditionError(
      "no enabled admin of the whole installation would be left; make another user one first");
}

}  // namespace

std::string ScopeColumns(absl::string_view alias) {
  // Ids have no spaces.
  return absl::StrCat("array_to_string(", alias, ".store_ids, ' '), array_to_string(", alias,
                      ".camera_ids, ' ')");
}

Scope ReadScope(const pqxx::row& row, int first) {
  return {absl::StrSplit(ReadText(row[first]), ' ', absl::SkipEmpty()),
          absl::StrSplit(ReadText(row[first + 1]), ' ', absl::SkipEmpty())};
}

std::string UserColumns() {
  return absl::StrCat("u.user_id, u.name, u.role, ", ScopeColumns("u"), ", u.disabled, ",
                      MicrosOf("u.create_time"), ", ", MicrosOf("u.last_login_time"), ", ",
                      MicrosOf("f.locked_until"));
}

StoredUser ReadUser(const pqxx::row& row) {
  StoredUser stored;
  stored.user_id = ReadText(row[0]);
  stored.user.name = ReadText(row[1]);
  stored.user.role = static_cast<Role>(ReadInt(row[2]));
  stored.user.scope = ReadScope(row, 3);
  stored.user.disabled = ReadBool(row[5]);
  stored.user.create_time = ReadTime(row[6]).value_or(absl::UnixEpoch());
  stored.user.last_login_time = ReadTime(row[7]);
  stored.user.locked_until = ReadTime(row[8]);
  return stored;
}

absl::Status PostgresAccessStore::CreateUser(const StoredUser& stored) {
  static const Statement insert{
      "user_insert",
      "INSERT INTO users (user_id, name, name_key, role, store_ids, camera_ids, disabled, password,"
      "   create_time) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9) ON CONFLICT DO NOTHING"};
  const User& user = stored.user;
  Params params;
  params.Text(stored.user_id).Text(user.name).Text(absl::AsciiStrToLower(user.name));
  params.Int(Number(user.role)).Array(user.scope.store_ids).Array(user.scope.camera_ids);
  params.Bool(user.disabled).Text(stored.password).Time(user.create_time);
  return pool_.Run([&](Transaction& transaction) -> absl::Status {
    if (transaction.Run(insert, params).affected_rows() > 0) return absl::OkStatus();
    return absl::AlreadyExistsError(
        absl::StrCat("there is a user ", user.name, " already; change it, or choose another name"));
  });
}

absl::StatusOr<User> PostgresAccessStore::UpdateUser(const User& user,
                                                     const std::string& password) {
  static const Statement update{
      "user_update",
      "UPDATE users SET role = $2, store_ids = $3, camera_ids = $4, disabled = $5,"
      "   password = coalesce($6, password) WHERE name_key = $1 RETURNING user_id"};
  static const Statement end_sessions{"user_end_sessions",
                                      "DELETE FROM sessions WHERE user_id = $1"};
  static const Statement unlock{"user_unlock", "DELETE FROM login_failures WHERE name_key = $1"};
  static const Statement select{
      "user_updated", absl::StrCat("SELECT ", UserColumns(), kFromUsers, " WHERE u.name_key = $1")};
  const std::string key = absl::AsciiStrToLower(user.name);
  Params params;
  params.Text(key).Int(Number(user.role));
  params.Array(user.scope.store_ids).Array(user.scope.camera_ids).Bool(user.disabled);
  password.empty() ? params.Null() : params.Text(password);
  User stored;
  AW_RETURN_IF_ERROR(pool_.Run([&](Transaction& transaction) -> absl::Status {
    LockUsers(transaction);
    const bool had_admin = HasAdmin(transaction);
    const auto rows = transaction.Run(update, params);
    if (rows.empty()) return NoUser(user.name);
    AW_RETURN_IF_ERROR(CheckAdmin(transaction, had_admin));
    transaction.Run(end_sessions, Params().Text(ReadText(rows[0][0])));
    transaction.Run(unlock, Params().Text(key));
    stored = ReadUser(transaction.Run(select, Params().Text(key))[0]).user;
    return absl::OkStatus();
  }));
  return stored;
}

absl::Status PostgresAccessStore::DeleteUser(const std::string& name) {
  static const Statement remove{"user_delete", "DELETE FROM users WHERE name_key = $1"};
  return pool_.Run([&](Transaction& transaction) -> absl::Status {
    LockUsers(transaction);
    const bool had_admin = HasAdmin(transaction);
    const Params key = Params().Text(absl::AsciiStrToLower(name));
    if (transaction.Run(remove, key).affected_rows() == 0) return NoUser(name);
    return CheckAdmin(transaction, had_admin);
  });
}

absl::StatusOr<std::vector<User>> PostgresAccessStore::ListUsers() {
  static const Statement select{
      "user_list", absl::StrCat("SELECT ", UserColumns(), kFromUsers, " ORDER BY u.name_key")};
  std::vector<User> users;
  AW_RETURN_IF_ERROR(pool_.Run([&](Transaction& transaction) {
    users.clear();
    for (const auto& row : transaction.Run(select)) users.push_back(ReadUser(row).user);
    return absl::OkStatus();
  }));
  return users;
}

absl::StatusOr<StoredUser> PostgresAccessStore::FindUser(const std::string& name) {
  static const Statement select{"user_find", absl::StrCat("SELECT ", UserColumns(), ", u.password",
                                                          kFromUsers, " WHERE u.name_key = $1")};
  StoredUser stored;
  AW_RETURN_IF_ERROR(pool_.Run([&](Transaction& transaction) -> absl::Status {
    const auto rows = transaction.Run(select, Params().Text(absl::AsciiStrToLower(name)));
    if (rows.empty()) return NoUser(name);
    stored = ReadUser(rows[0]);
    stored.password = ReadText(rows[0][kUserColumns]);
    return absl::OkStatus();
  }));
  return stored;
}

absl::Status PostgresAccessStore::SetPassword(const std::string& user_id,
                                              const std::string& password,
                                              const std::string& keep_session) {
  static const Statement update{"user_password",
                                "UPDATE users SET password = $2 WHERE user_id = $1"};
  static const Statement end_others{
      "user_end_others", "DELETE FROM sessions WHERE user_id = $1 AND session_hash <> $2"};
  return pool_.Run([&](Transaction& transaction) -> absl::Status {
    if (transaction.Run(update, Params().Text(user_id).Text(password)).affected_rows() == 0) {
      return absl::NotFoundError("the user was removed");
    }
    transaction.Run(end_others, Params().Text(user_id).Bytes(keep_session));
    return absl::OkStatus();
  });
}

absl::Status PostgresAccessStore::ReplaceHash(const StoredUser& user, const std::string& password) {
  static const Statement update{
      "user_hash", "UPDATE users SET password = $3 WHERE user_id = $1 AND password = $2"};
  return Execute(update, Params().Text(user.user_id).Text(user.password).Text(password));
}

}  // namespace aislewatch::events
