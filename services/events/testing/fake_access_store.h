// An AccessStore in memory, which behaves as PostgreSQL's does. Counts what is written to it.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/synchronization/mutex.h"
#include "services/events/core/access_store.h"

namespace aislewatch::events {

class FakeAccessStore : public AccessStore {
 public:
  absl::Status CreateUser(const StoredUser& user) override {
    absl::MutexLock lock(&mutex_);
    return users_.emplace(absl::AsciiStrToLower(user.user.name), user).second
               ? absl::OkStatus()
               : absl::AlreadyExistsError("user");
  }
  absl::StatusOr<User> UpdateUser(const User& user, const std::string& password) override {
    absl::MutexLock lock(&mutex_);
    const auto found = users_.find(absl::AsciiStrToLower(user.name));
    if (found == users_.end()) return absl::NotFoundError("user");
    const StoredUser before = found->second;
    found->second.user.role = user.role;
    found->second.user.scope = user.scope;
    found->second.user.disabled = user.disabled;
    if (!password.empty()) found->second.password = password;
    if (!HasAdmin()) {
      found->second = before;
      return absl::FailedPreconditionError("no admin would be left");
    }
    EndSessions(before.user_id, "");
    failures_.erase(found->first);
    return found->second.user;
  }
  absl::Status DeleteUser(const std::string& name) override {
    absl::MutexLock lock(&mutex_);
    const auto found = users_.find(absl::AsciiStrToLower(name));
    if (found == users_.end()) return absl::NotFoundError("user");
    const StoredUser before = found->second;
    users_.erase(found);
    if (!HasAdmin()) {
      users_[absl::AsciiStrToLower(name)] = before;
      return absl::FailedPreconditionError("no admin would be left");
    }
    EndSessions(before.user_id, "");
    return absl::OkStatus();
  }
  absl::StatusOr<std::vector<User>> ListUsers() override {
    absl::MutexLock lock(&mutex_);
    std::vector<User> users;
    for (const auto& [key, user] : users_) users.push_back(user.user);
    return users;
  }
  absl::StatusOr<StoredUser> FindUser(const std::string& name) override {
    absl::MutexLock lock(&mutex_);
    const auto found = users_.find(absl::AsciiStrToLower(name));
    if (found == users_.end()) return absl::NotFoundError("user");
    return found->second;
  }
  absl::Status SetPassword(const std::string& user_id, const std::string& password,
                           const std::string& keep_session) override {
    absl::MutexLock lock(&mutex_);
    for (auto& [key, user] : users_) {
      if (user.user_id != user_id) continue;
      user.password = password;
      EndSessions(user_id, keep_session);
      return absl::OkStatus();
    }
    return absl::NotFoundError("user");
  }
  absl::Status ReplaceHash(const StoredUser& user, const std::string& password) override {
    absl::MutexLock lock(&mutex_);
    for (auto& [key, stored] : users_) {
      if (stored.user_id == user.user_id && stored.password == user.password) {
        stored.password = password;
      }
    }
    return absl::OkStatus();
  }

  absl::StatusOr<std::optional<absl::Time>> BeginAttempt(
      const std::string& name, absl::Time now,
      absl::FunctionRef<absl::Duration(int failures)> lock_for) override {
    absl::MutexLock lock(&mutex_);
    Failures& failures = failures_[absl::AsciiStrToLower(name)];
    if (failures.locked_until > now) return std::optional<absl::Time>(failures.locked_until);
    ++failures.count;
    failures.locked_until = now + lock_for(failures.count);
    return std::optional<absl::Time>();
  }
  absl::Status ForgetFailures(const std::string& name) override {
    absl::MutexLock lock(&mutex_);
    failures_.erase(absl::AsciiStrToLower(name));
    return absl::OkStatus();
  }

  absl::Status CreateSession(const std::string& hash, const StoredUser& user, absl::Time now,
                             absl::Time) override {
    absl::MutexLock lock(&mutex_);
    sessions_[hash] = {user.user_id, now, now};
    return absl::OkStatus();
  }
  absl::StatusOr<StoredSession> FindSession(const std::string& hash) override {
    absl::MutexLock lock(&mutex_);
    ++reads_;
    if (!available_) return absl::UnavailableError("away");
    const auto found = sessions_.find(hash);
    if (found == sessions_.end()) return absl::NotFoundError("session");
    for (const auto& [key, user] : users_) {
      if (user.user_id == found->second.user_id) {
        return StoredSession{user.user, user.user_id, found->second.created, found->second.used};
      }
    }
    return absl::NotFoundError("session");
  }
  absl::Status TouchSession(const std::string& hash, absl::Time now) override {
    absl::MutexLock lock(&mutex_);
    ++touches_;
    const auto found = sessions_.find(hash);
    if (found != sessions_.end()) found->second.used = now;
    return absl::OkStatus();
  }
  absl::Status DeleteSession(const std::string& hash) override {
    absl::MutexLock lock(&mutex_);
    sessions_.erase(hash);
    return absl::OkStatus();
  }

  absl::Status CreateToken(const ApiToken& token, const std::string& hash) override {
    absl::MutexLock lock(&mutex_);
    tokens_[hash] = token;
    return absl::OkStatus();
  }
  absl::StatusOr<ApiToken> FindToken(const std::string& hash) override {
    absl::MutexLock lock(&mutex_);
    ++reads_;
    if (!available_) return absl::UnavailableError("away");
    const auto found = tokens_.find(hash);
    if (found == tokens_.end()) return absl::NotFoundError("token");
    return found->second;
  }
  absl::Status TouchToken(const std::string& hash, absl::Time now) override {
    absl::MutexLock lock(&mutex_);
    ++touches_;
    tokens_[hash].last_used_time = now;
    return absl::OkStatus();
  }
  absl::Status RevokeToken(const std::string& token_id, absl::Time now) override {
    absl::MutexLock lock(&mutex_);
    for (auto& [hash, token] : tokens_) {
      if (token.token_id != token_id) continue;
      token.revoke_time = now;
      return absl::OkStatus();
    }
    return absl::NotFoundError("token");
  }
  absl::StatusOr<std::vector<ApiToken>> ListTokens() override {
    absl::MutexLock lock(&mutex_);
    std::vector<ApiToken> tokens;
    for (const auto& [hash, token] : tokens_) tokens.push_back(token);
    return tokens;
  }

  /// Whether credentials can be looked up.
  void set_available(bool available) {
    absl::MutexLock lock(&mutex_);
    available_ = available;
  }
  int reads() const {
    absl::MutexLock lock(&mutex_);
    return reads_;
  }
  int touches() const {
    absl::MutexLock lock(&mutex_);
    return touches_;
  }

 private:
  struct Session {
    std::string user_id;
    absl::Time created;
    absl::Time used;
  };
  struct Failures {
    int count = 0;
    absl::Time locked_until = absl::InfinitePast();
  };

  bool HasAdmin() const ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) {
    for (const auto& [key, user] : users_) {
      if (user.user.role == Role::kAdmin && !user.user.disabled && user.user.scope.everything()) {
        return true;
      }
    }
    return false;
  }
  void EndSessions(const std::string& user_id, const std::string& keep)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) {
    for (auto it = sessions_.begin(); it != sessions_.end();) {
      it = it->second.user_id == user_id && it->first != keep ? sessions_.erase(it) : std::next(it);
    }
  }

  mutable absl::Mutex mutex_;
  std::map<std::string, StoredUser> users_ ABSL_GUARDED_BY(mutex_);
  std::map<std::string, Failures> failures_ ABSL_GUARDED_BY(mutex_);
  std::map<std::string, Session> sessions_ ABSL_GUARDED_BY(mutex_);
  std::map<std::string, ApiToken> tokens_ ABSL_GUARDED_BY(mutex_);
  bool available_ ABSL_GUARDED_BY(mutex_) = true;
  int reads_ ABSL_GUARDED_BY(mutex_) = 0;
  int touches_ ABSL_GUARDED_BY(mutex_) = 0;
};

}  // namespace aislewatch::events
