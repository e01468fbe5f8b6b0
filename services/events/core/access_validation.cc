#include "services/events/core/access_validation.h"

#include <algorithm>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "common/base/ids.h"

namespace aislewatch::events {
namespace {

constexpr size_t kMaxUserNameLength = 128;
constexpr size_t kMaxTokenNameLength = 128;
constexpr size_t kMinPasswordBytes = 12;
constexpr size_t kMaxPasswordBytes = 1024;
constexpr size_t kMaxScopeIds = 1000;

void CheckScope(const Scope& scope, Faults& faults) {
  if (scope.store_ids.size() > kMaxScopeIds) faults.Add("scope.store_ids", "are more than 1000");
  if (scope.camera_ids.size() > kMaxScopeIds) faults.Add("scope.camera_ids", "are more than 1000");
  for (const std::string& id : scope.store_ids) faults.Add(CheckId(id, "scope.store_ids"));
  for (const std::string& id : scope.camera_ids) faults.Add(CheckId(id, "scope.camera_ids"));
}

bool IsTokenName(const std::string& name) {
  return !name.empty() && name.size() <= kMaxTokenNameLength &&
         absl::StripAsciiWhitespace(name) == name &&
         std::none_of(name.begin(), name.end(), [](char c) { return absl::ascii_iscntrl(c); });
}

}  // namespace

bool IsUserName(const std::string& name) {
  return !name.empty() && name.size() <= kMaxUserNameLength &&
         std::all_of(name.begin(), name.end(), [](char c) {
           return absl::ascii_isalnum(c) || c == '.' || c == '_' || c == '@' || c == '-';
         });
}

void CheckPasswordText(const std::string& password, Faults& faults) {
  if (password.size() < kMinPasswordBytes || password.size() > kMaxPasswordBytes) {
    faults.Add("password", "must be 12..1024 bytes");
  }
}

absl::Status CheckUser(const User& user, const std::string& password, bool password_required) {
  Faults faults;
  if (!IsUserName(user.name)) {
    faults.Add("name", "must be 1..128 characters of A-Z, a-z, 0-9, '.', '_', '@' and '-'");
  }
  if (user.role != Role::kViewer && user.role != Role::kOperator && user.role != Role::kAdmin) {
    faults.Add("role", "must be VIEWER, OPERATOR or ADMIN");
  }
  CheckScope(user.scope, faults);
  if (password_required || !password.empty()) CheckPasswordText(password, faults);
  return faults.ToStatus("user");
}

absl::Status CheckToken(const ApiToken& token, absl::Time now) {
  Faults faults;
  if (!IsTokenName(token.name)) {
    faults.Add("name", "must be 1..128 bytes without control characters or spaces around it");
  }
  if (static_cast<int>(token.role) < 1 || static_cast<int>(token.role) > kLastRole) {
    faults.Add("role", "must be VIEWER, OPERATOR, ADMIN or INGEST");
  }
  CheckScope(token.scope, faults);
  if (token.expire_time.has_value() && *token.expire_time <= now) {
    faults.Add("expire_time", "has passed");
  }
  if (token.expire_time.has_value() && *token.expire_time >= absl::FromUnixSeconds(253402300800)) {
    faults.Add("expire_time", "must lie before the year 10000; leave it unset for never");
  }
  return faults.ToStatus("token");
}

}  // namespace aislewatch::events
