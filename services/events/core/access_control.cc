#include "services/events/core/access_control.h"

#include <algorithm>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "common/base/ids.h"
#include "common/base/secret.h"
#include "common/base/sha256.h"
#include "common/base/status.h"
#include "services/events/core/access_validation.h"
#include "services/events/core/faults.h"

namespace aislewatch::events {
namespace {

constexpr absl::string_view kTokenPrefix = "awt_";
constexpr absl::string_view kSessionPrefix = "awc_";
// Longer ones are none of ours, and are not worth hashing.
constexpr size_t kMaxCredential = 128;

absl::Status UnknownCredential() {
  return absl::UnauthenticatedError(
      "the credential is unknown, has expired or was revoked; log in again, or get a new token");
}

absl::Duration LockFor(int failures) {
  const int beyond = failures - AccessControl::kFailuresBeforeLock;
  if (beyond < 0) return absl::ZeroDuration();
  return std::min(AccessControl::kLongestLock, absl::Minutes(1) * (1 << std::min(beyond, 10)));
}

absl::Time SessionEnd(absl::Time created, absl::Time used) {
  return std::min(created + AccessControl::kSessionLife, used + AccessControl::kSessionIdle);
}

Principal PrincipalOf(const User& user, const std::string& user_id, absl::Time end) {
  Principal principal;
  principal.name = user.name;
  principal.role = user.role;
  principal.scope = user.scope;
  principal.expire_time = end;
  principal.user_id = user_id;
  return principal;
}

}  // namespace

AccessControl::AccessControl(AccessStore& store, Clock& clock, PasswordCost cost)
    : store_(store),
      clock_(clock),
      cost_(cost),
      nobody_(HashPassword("nobody has this password", cost).value_or("")) {}

absl::StatusOr<bool> AccessControl::CheckPassword(const std::string& name,
                                                  const std::string& password, StoredUser& user) {
  const absl::Time now = clock_.Now();
  AW_ASSIGN_OR_RETURN(const auto locked, store_.BeginAttempt(name, now, LockFor));
  if (locked.has_value()) {
    const absl::Duration left = absl::Ceil(*locked - now, absl::Seconds(1));
    return absl::ResourceExhaustedError(absl::StrCat("too many wrong passwords for ", name,
                                                     "; try again in ", absl::FormatDuration(left),
                                                     ", or ask an admin to unlock it"));
  }
  auto found = store_.FindUser(name);
  if (!found.ok() && !absl::IsNotFound(found.status())) return found.status();
  // The same work whoever it is. No stored password is over 1024 bytes.
  AW_ASSIGN_OR_RETURN(const bool right, VerifyPassword(absl::string_view(password).substr(0, 1025),
                                                       found.ok() ? found->password : nobody_));
  if (!right || !found.ok() || found->user.disabled) return false;
  user = *std::move(found);
  AW_RETURN_IF_ERROR(store_.ForgetFailures(name));
  return true;
}

absl::StatusOr<NewSession> AccessControl::Login(const std::string& name,
                                                const std::string& password) {
  const absl::Status refused = absl::UnauthenticatedError("the name or the password is wrong");
  // Nobody has such a name, and everybody knows that.
  if (!IsUserName(name)) return refused;
  StoredUser user;
  AW_ASSIGN_OR_RETURN(const bool right, CheckPassword(name, password, user));
  if (!right) return refused;
  AW_ASSIGN_OR_RETURN(std::string secret, NewSecret(kSessionPrefix));
  const absl::Time now = clock_.Now();
  const absl::Status created =
      store_.CreateSession(Sha256Bytes(secret), user, now, now - kSessionLife);
  if (absl::IsNotFound(created)) return refused;
  AW_RETURN_IF_ERROR(created);
  if (NeedsRehash(user.password, cost_)) {
    AW_ASSIGN_OR_RETURN(const std::string hash, HashPassword(password, cost_));
    AW_RETURN_IF_ERROR(store_.ReplaceHash(user, hash));
  }
  return NewSession{std::move(secret), PrincipalOf(user.user, user.user_id, SessionEnd(now, now))};
}

absl::Status AccessControl::Logout(const std::string& credential) {
  if (!absl::StartsWith(credential, kSessionPrefix)) {
    return absl::InvalidArgumentError(
        "the credential is no session; an API token ends when an admin revokes it");
  }
  AW_RETURN_IF_ERROR(store_.DeleteSession(Sha256Bytes(credential)));
  Forget();
  return absl::OkStatus();
}

absl::StatusOr<AccessControl::Known> AccessControl::FindSession(const std::string& hash,
                                                                absl::Time now) {
  AW_ASSIGN_OR_RETURN(const StoredSession session, store_.FindSession(hash));
  const absl::Time end = SessionEnd(session.create_time, session.use_time);
  if (now >= end || session.user.disabled) return UnknownCredential();
  return Known{PrincipalOf(session.user, session.user_id, end), now, session.use_time,
               session.create_time};
}

absl::StatusOr<AccessControl::Known> AccessControl::FindToken(const std::string& hash,
                                                              absl::Time now) {
  AW_ASSIGN_OR_RETURN(const ApiToken token, store_.FindToken(hash));
  if (token.revoke_time.has_value() ||
      (token.expire_time.has_value() && now >= *token.expire_time)) {
    return UnknownCredential();
  }
  Known known;
  known.principal.name = token.name;
  known.principal.role = token.role;
  known.principal.scope = token.scope;
  known.principal.is_token = true;
  known.principal.expire_time = token.expire_time;
  known.checked = now;
  known.used = token.last_used_time.value_or(absl::InfinitePast());
  known.created = token.create_time;
  return known;
}

absl::StatusOr<AccessControl::Known> AccessControl::Find(const std::string& credential,
                                                         const std::string& hash, absl::Time now) {
  uint64_t generation = 0;
  {
    absl::MutexLock lock(&mutex_);
    const auto found = known_.find(hash);
    if (found != known_.end() && now - found->second.checked < kCacheFor &&
        now < found->second.principal.expire_time.value_or(absl::InfiniteFuture())) {
      return found->second;
    }
    generation = generation_;
  }
  auto known =
      absl::StartsWith(credential, kTokenPrefix) ? FindToken(hash, now) : FindSession(hash, now);
  if (absl::IsNotFound(known.status())) return UnknownCredential();
  AW_RETURN_IF_ERROR(known.status());
  absl::MutexLock lock(&mutex_);
  // What was read before a revocation must not outlive it.
  if (generation != generation_) return *known;
  if (known_.size() >= kMaxKnown) known_.clear();
  known_[hash] = *known;
  return *known;
}

void AccessControl::Touch(const std::string& hash, absl::Time now, Known& known) {
  const bool token = known.principal.is_token;
  // A note that could not be written is no reason to refuse the call: the next one writes it.
  if (!(token ? store_.TouchToken(hash, now) : store_.TouchSession(hash, now)).ok()) return;
  known.used = now;
  if (!token) known.principal.expire_time = SessionEnd(known.created, now);
  absl::MutexLock lock(&mutex_);
  const auto found = known_.find(hash);
  if (found != known_.end()) found->second = known;
}

absl::StatusOr<Principal> AccessControl::Authenticate(const std::string& credential, bool use) {
  const bool ours =
      absl::StartsWith(credential, kTokenPrefix) || absl::StartsWith(credential, kSessionPrefix);
  if (!ours || credential.size() > kMaxCredential) return UnknownCredential();
  const absl::Time now = clock_.Now();
  const std::string hash = Sha256Bytes(credential);
  AW_ASSIGN_OR_RETURN(Known known, Find(credential, hash, now));
  if (use && now - known.used >= kTouchEvery) Touch(hash, now, known);
  return std::move(known.principal);
}

absl::Status AccessControl::ChangePassword(const Principal& principal,
                                           const std::string& credential,
                                           const std::string& current, const std::string& next) {
  if (principal.user_id.empty()) {
    return absl::PermissionDeniedError("only a user has a password; log in and call again");
  }
  Faults faults;
  CheckPasswordText(next, faults);
  AW_RETURN_IF_ERROR(faults.ToStatus("new password"));
  StoredUser user;
  AW_ASSIGN_OR_RETURN(const bool right, CheckPassword(principal.name, current, user));
  if (!right) return absl::PermissionDeniedError("the current password is wrong");
  AW_ASSIGN_OR_RETURN(const std::string hash, HashPassword(next, cost_));
  AW_RETURN_IF_ERROR(store_.SetPassword(principal.user_id, hash, Sha256Bytes(credential)));
  Forget();
  return absl::OkStatus();
}

absl::StatusOr<User> AccessControl::CreateUser(User user, const std::string& password) {
  AW_RETURN_IF_ERROR(CheckUser(user, password, /*password_required=*/true));
  user.create_time = clock_.Now();
  user.last_login_time.reset();
  user.locked_until.reset();
  StoredUser stored{std::move(user), NewUuid(), ""};
  AW_ASSIGN_OR_RETURN(stored.password, HashPassword(password, cost_));
  AW_RETURN_IF_ERROR(store_.CreateUser(stored));
  return std::move(stored.user);
}

absl::StatusOr<User> AccessControl::UpdateUser(const User& user, const std::string& password) {
  AW_RETURN_IF_ERROR(CheckUser(user, password, /*password_required=*/false));
  std::string hash;
  if (!password.empty()) {
    AW_ASSIGN_OR_RETURN(hash, HashPassword(password, cost_));
  }
  AW_ASSIGN_OR_RETURN(User stored, store_.UpdateUser(user, hash));
  Forget();
  return stored;
}

absl::Status AccessControl::DeleteUser(const std::string& name) {
  AW_RETURN_IF_ERROR(store_.DeleteUser(name));
  Forget();
  return absl::OkStatus();
}

absl::StatusOr<NewToken> AccessControl::CreateToken(ApiToken token) {
  const absl::Time now = clock_.Now();
  AW_RETURN_IF_ERROR(CheckToken(token, now));
  token.token_id = NewUuid();
  token.create_time = now;
  token.last_used_time.reset();
  token.revoke_time.reset();
  AW_ASSIGN_OR_RETURN(std::string secret, NewSecret(kTokenPrefix));
  AW_RETURN_IF_ERROR(store_.CreateToken(token, Sha256Bytes(secret)));
  return NewToken{std::move(token), std::move(secret)};
}

absl::Status AccessControl::RevokeToken(const std::string& token_id) {
  if (!IsUuid(token_id)) {
    return absl::InvalidArgumentError("token_id must be a UUID in lower-case hexadecimal");
  }
  AW_RETURN_IF_ERROR(store_.RevokeToken(token_id, clock_.Now()));
  Forget();
  return absl::OkStatus();
}

void AccessControl::Forget() {
  absl::MutexLock lock(&mutex_);
  ++generation_;
  known_.clear();
}

}  // namespace aislewatch::events
