#include "cli/commands/access_text.h"

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/time/time.h"
#include "common/rpc/convert.h"

namespace aislewatch {

void AddAccessFlags(CLI::App& command, AccessFlags& flags, const std::set<std::string>& roles,
                    bool role_required) {
  command.add_option("--role", flags.role, "What it may do")
      ->check(CLI::IsMember(roles))
      ->required(role_required);
  command.add_option("--store", flags.stores, "Only in this store; may be given several times");
  command.add_option("--camera", flags.cameras, "Only this camera; may be given several times");
}

v1::Role ParseRole(const std::string& word) {
  v1::Role role = v1::ROLE_UNSPECIFIED;
  v1::Role_Parse(absl::StrCat("ROLE_", absl::AsciiStrToUpper(word)), &role);
  return role;
}

void SetScope(const AccessFlags& flags, v1::Scope& scope) {
  for (const std::string& store : flags.stores) scope.add_store_ids(store);
  for (const std::string& camera : flags.cameras) scope.add_camera_ids(camera);
}

std::string RoleText(v1::Role role) {
  return absl::AsciiStrToLower(v1::Role_Name(role).substr(std::string("ROLE_").size()));
}

std::string ScopeText(const v1::Scope& scope) {
  if (scope.store_ids().empty() && scope.camera_ids().empty()) return "everything";
  std::string text = absl::StrJoin(scope.store_ids(), ",");
  if (!scope.camera_ids().empty()) {
    absl::StrAppend(&text, text.empty() ? "" : " ", "cameras ",
                    absl::StrJoin(scope.camera_ids(), ","));
  }
  return text;
}

std::string TimeText(const google::protobuf::Timestamp& time) {
  return absl::FormatTime("%Y-%m-%d %H:%M", FromProto(time), absl::LocalTimeZone());
}

bool SameUserName(const std::string& one, const std::string& other) {
  return absl::EqualsIgnoreCase(one, other);
}

}  // namespace aislewatch
