#include "services/events/rpc/access_convert.h"

#include "common/rpc/convert.h"

namespace aislewatch::events {
namespace {

Scope ScopeFromProto(const v1::Scope& from) {
  return {{from.store_ids().begin(), from.store_ids().end()},
          {from.camera_ids().begin(), from.camera_ids().end()}};
}

void SetScope(const Scope& scope, v1::Scope& to) {
  for (const std::string& id : scope.store_ids) to.add_store_ids(id);
  for (const std::string& id : scope.camera_ids) to.add_camera_ids(id);
}

Role RoleFromProto(v1::Role role) {
  return role >= 0 && role <= kLastRole ? static_cast<Role>(role) : Role::kUnspecified;
}

}  // namespace

v1::Principal ToProto(const Principal& principal) {
  v1::Principal to;
  to.set_name(principal.name);
  to.set_role(static_cast<v1::Role>(principal.role));
  SetScope(principal.scope, *to.mutable_scope());
  to.set_is_token(principal.is_token);
  if (principal.expire_time.has_value()) {
    *to.mutable_expire_time() = aislewatch::ToProto(*principal.expire_time);
  }
  return to;
}

v1::User ToProto(const User& user) {
  v1::User to;
  to.set_name(user.name);
  to.set_role(static_cast<v1::Role>(user.role));
  SetScope(user.scope, *to.mutable_scope());
  to.set_disabled(user.disabled);
  *to.mutable_create_time() = aislewatch::ToProto(user.create_time);
  if (user.last_login_time.has_value()) {
    *to.mutable_last_login_time() = aislewatch::ToProto(*user.last_login_time);
  }
  if (user.locked_until.has_value()) {
    *to.mutable_locked_until() = aislewatch::ToProto(*user.locked_until);
  }
  return to;
}

v1::ApiToken ToProto(const ApiToken& token) {
  v1::ApiToken to;
  to.set_token_id(token.token_id);
  to.set_name(token.name);
  to.set_role(static_cast<v1::Role>(token.role));
  SetScope(token.scope, *to.mutable_scope());
  *to.mutable_create_time() = aislewatch::ToProto(token.create_time);
  if (token.expire_time.has_value()) {
    *to.mutable_expire_time() = aislewatch::ToProto(*token.expire_time);
  }
  if (token.last_used_time.has_value()) {
    *to.mutable_last_used_time() = aislewatch::ToProto(*token.last_used_time);
  }
  if (token.revoke_time.has_value()) {
    *to.mutable_revoke_time() = aislewatch::ToProto(*token.revoke_time);
  }
  return to;
}

User UserFromProto(const v1::User& from) {
  User user;
  user.name = from.name();
  user.role = RoleFromProto(from.role());
  user.scope = ScopeFromProto(from.scope());
  user.disabled = from.disabled();
  return user;
}

ApiToken TokenFromProto(const v1::ApiToken& from) {
  ApiToken token;
  token.name = from.name();
  token.role = RoleFromProto(from.role());
  token.scope = ScopeFromProto(from.scope());
  if (from.has_expire_time()) token.expire_time = aislewatch::FromProto(from.expire_time());
  return token;
}

AuditQuery AuditQueryFromProto(const v1::ListAuditEntriesRequest& from) {
  AuditQuery query;
  query.principal = from.principal();
  query.target = from.target();
  if (from.has_from_time()) query.from = aislewatch::FromProto(from.from_time());
  if (from.has_until_time()) query.until = aislewatch::FromProto(from.until_time());
  return query;
}

v1::AuditEntry ToProto(const AuditEntry& entry) {
  v1::AuditEntry to;
  to.set_number(entry.number);
  *to.mutable_time() = aislewatch::ToProto(entry.time);
  to.set_principal(entry.principal);
  to.set_role(static_cast<v1::Role>(entry.role));
  to.set_is_token(entry.is_token);
  to.set_action(entry.action);
  to.set_target(entry.target);
  to.set_result(entry.result);
  return to;
}

}  // namespace aislewatch::events
