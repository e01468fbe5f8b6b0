// Who calls, what they may do and where. Plain values; enumerations carry the numbers of
// aislewatch.v1.
#pragma once

#include <algorithm>
#include <optional>
#include <string>
#include <vector>

#include "absl/time/time.h"

namespace aislewatch::events {

enum class Role : int { kUnspecified = 0, kViewer = 1, kOperator = 2, kAdmin = 3, kIngest = 4 };
inline constexpr int kLastRole = 4;

/// Stores, and cameras of these stores; an empty list means all of them.
struct Scope {
  std::vector<std::string> store_ids;
  std::vector<std::string> camera_ids;

  bool everything() const { return store_ids.empty() && camera_ids.empty(); }
  bool Covers(const std::string& store_id, const std::string& camera_id) const {
    const auto has = [](const std::vector<std::string>& ids, const std::string& id) {
      return ids.empty() || std::find(ids.begin(), ids.end(), id) != ids.end();
    };
    return has(store_ids, store_id) && has(camera_ids, camera_id);
  }
};

/// Who calls. By default nobody, who may do nothing.
struct Principal {
  std::string name;
  Role role = Role::kUnspecified;
  Scope scope;
  bool is_token = false;
  std::optional<absl::Time> expire_time;
  std::string user_id;  // UUID; empty for a token.
  /// The installation itself: a peer without a credential, where none is required. It may do
  /// everything, everywhere.
  bool installation = false;

  static Principal Installation() {
    Principal principal;
    principal.installation = true;
    return principal;
  }
};

/// A user of the console.
struct User {
  std::string name;
  Role role = Role::kUnspecified;
  Scope scope;
  bool disabled = false;
  absl::Time create_time;
  std::optional<absl::Time> last_login_time;
  std::optional<absl::Time> locked_until;
};

/// A token of a machine, without its secret.
struct ApiToken {
  std::string token_id;  // UUID
  std::string name;
  Role role = Role::kUnspecified;
  Scope scope;
  absl::Time create_time;
  std::optional<absl::Time> expire_time;
  std::optional<absl::Time> last_used_time;
  std::optional<absl::Time> revoke_time;
};

}  // namespace aislewatch::events
