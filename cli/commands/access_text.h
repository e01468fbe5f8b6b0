// What `users` and `tokens` share: roles and scopes as flags and as text. Pure functions.
#pragma once

#include <CLI/CLI.hpp>
#include <set>
#include <string>
#include <vector>

#include "aislewatch/v1/access.pb.h"

namespace aislewatch {

struct AccessFlags {
  std::string role;
  std::vector<std::string> stores;
  std::vector<std::string> cameras;
};

/// --role, --store and --camera.
void AddAccessFlags(CLI::App& command, AccessFlags& flags, const std::set<std::string>& roles,
                    bool role_required);
/// "viewer"; CLI11 has checked the word.
v1::Role ParseRole(const std::string& word);
void SetScope(const AccessFlags& flags, v1::Scope& scope);

std::string RoleText(v1::Role role);
/// "everything", or the stores and cameras.
std::string ScopeText(const v1::Scope& scope);
/// To the minute, in local time.
std::string TimeText(const google::protobuf::Timestamp& time);
/// Without regard to case, as event storage compares them.
bool SameUserName(const std::string& one, const std::string& other);

}  // namespace aislewatch
