#include "services/events/rpc/access_service.h"

#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/base/status.h"
#include "services/events/rpc/access_convert.h"

namespace aislewatch::events {

grpc::ServerUnaryReactor* AccessRpc::Login(grpc::CallbackServerContext* context,
                                           const v1::LoginRequest* request,
                                           v1::LoginResponse* response) {
  return password_calls_.RunNoted<v1::LoginResponse>(
      context, "Login", response,
      [request](const v1::LoginResponse& session) {
        Principal who;
        who.name = session.has_principal() ? session.principal().name() : request->name();
        who.role = static_cast<Role>(static_cast<int>(session.principal().role()));
        return AuditNote{absl::StrCat("user ", who.name), std::move(who)};
      },
      [this, request]() -> absl::StatusOr<v1::LoginResponse> {
        AW_ASSIGN_OR_RETURN(const NewSession session,
                            access_.Login(request->name(), request->password()));
        v1::LoginResponse answer;
        answer.set_session(session.secret);
        *answer.mutable_principal() = ToProto(session.principal);
        return answer;
      });
}

grpc::ServerUnaryReactor* AccessRpc::Logout(grpc::CallbackServerContext* context,
                                            const v1::LogoutRequest*,
                                            v1::LogoutResponse* response) {
  return calls_.Run<v1::LogoutResponse>(
      context, "Logout", response, [this, context]() -> absl::StatusOr<v1::LogoutResponse> {
        const std::optional<std::string> credential = CredentialOf(*context);
        if (!credential.has_value())
          return absl::UnauthenticatedError("the call has no session to end");
        AW_RETURN_IF_ERROR(access_.Logout(*credential));
        return v1::LogoutResponse();
      });
}

grpc::ServerUnaryReactor* AccessRpc::Authenticate(grpc::CallbackServerContext* context,
                                                  const v1::AuthenticateRequest*,
                                                  v1::AuthenticateResponse* response) {
  return calls_.Run<v1::AuthenticateResponse>(
      context, "Authenticate", response,
      [](const Principal& principal) -> absl::StatusOr<v1::AuthenticateResponse> {
        v1::AuthenticateResponse answer;
        *answer.mutable_principal() = ToProto(principal);
        return answer;
      });
}

grpc::ServerUnaryReactor* AccessRpc::ChangePassword(grpc::CallbackServerContext* context,
                                                    const v1::ChangePasswordRequest* request,
                                                    v1::ChangePasswordResponse* response) {
  return password_calls_.RunNoted<v1::ChangePasswordResponse>(
      context, "ChangePassword", response, [](const auto&) { return AuditNote(); },
      [this, context,
       request](const Principal& principal) -> absl::StatusOr<v1::ChangePasswordResponse> {
        AW_RETURN_IF_ERROR(access_.ChangePassword(principal, CredentialOf(*context).value_or(""),
                                                  request->current_password(),
                                                  request->new_password()));
        return v1::ChangePasswordResponse();
      });
}

grpc::ServerUnaryReactor* AccessRpc::CreateUser(grpc::CallbackServerContext* context,
                                                const v1::CreateUserRequest* request,
                                                v1::CreateUserResponse* response) {
  return password_calls_.RunNoted<v1::CreateUserResponse>(
      context, "CreateUser", response,
      [request](const auto&) {
        return AuditNote{absl::StrCat("user ", request->user().name()), {}};
      },
      [this, request]() -> absl::StatusOr<v1::CreateUserResponse> {
        AW_ASSIGN_OR_RETURN(const User user, access_.CreateUser(UserFromProto(request->user()),
                                                                request->password()));
        v1::CreateUserResponse answer;
        *answer.mutable_user() = ToProto(user);
        return answer;
      });
}

grpc::ServerUnaryReactor* AccessRpc::UpdateUser(grpc::CallbackServerContext* context,
                                                const v1::UpdateUserRequest* request,
                                                v1::UpdateUserResponse* response) {
  return password_calls_.RunNoted<v1::UpdateUserResponse>(
      context, "UpdateUser", response,
      [request](const auto&) {
        return AuditNote{absl::StrCat("user ", request->user().name()), {}};
      },
      [this, request]() -> absl::StatusOr<v1::UpdateUserResponse> {
        AW_ASSIGN_OR_RETURN(const User user, access_.UpdateUser(UserFromProto(request->user()),
                                                                request->password()));
        v1::UpdateUserResponse answer;
        *answer.mutable_user() = ToProto(user);
        return answer;
      });
}

grpc::ServerUnaryReactor* AccessRpc::DeleteUser(grpc::CallbackServerContext* context,
                                                const v1::DeleteUserRequest* request,
                                                v1::DeleteUserResponse* response) {
  return calls_.RunNoted<v1::DeleteUserResponse>(
      context, "DeleteUser", response,
      [request](const auto&) {
        return AuditNote{absl::StrCat("user ", request->name()), {}};
      },
      [this, request]() -> absl::StatusOr<v1::DeleteUserResponse> {
        AW_RETURN_IF_ERROR(access_.DeleteUser(request->name()));
        return v1::DeleteUserResponse();
      });
}

grpc::ServerUnaryReactor* AccessRpc::ListUsers(grpc::CallbackServerContext* context,
                                               const v1::ListUsersRequest*,
                                               v1::ListUsersResponse* response) {
  return calls_.Run<v1::ListUsersResponse>(
      context, "ListUsers", response, [this]() -> absl::StatusOr<v1::ListUsersResponse> {
        AW_ASSIGN_OR_RETURN(const auto users, access_.ListUsers());
        v1::ListUsersResponse answer;
        for (const User& user : users) *answer.add_users() = ToProto(user);
        return answer;
      });
}

grpc::ServerUnaryReactor* AccessRpc::CreateApiToken(grpc::CallbackServerContext* context,
                                                    const v1::CreateApiTokenRequest* request,
                                                    v1::CreateApiTokenResponse* response) {
  return calls_.RunNoted<v1::CreateApiTokenResponse>(
      context, "CreateApiToken", response,
      [request](const v1::CreateApiTokenResponse& made) {
        // The name, where it got no id.
        return AuditNote{absl::StrCat("token ", made.has_token() ? made.token().token_id()
                                                                 : request->token().name()),
                         {}};
      },
      [this, request]() -> absl::StatusOr<v1::CreateApiTokenResponse> {
        AW_ASSIGN_OR_RETURN(const NewToken made,
                            access_.CreateToken(TokenFromProto(request->token())));
        v1::CreateApiTokenResponse answer;
        *answer.mutable_token() = ToProto(made.token);
        answer.set_secret(made.secret);
        return answer;
      });
}

grpc::ServerUnaryReactor* AccessRpc::RevokeApiToken(grpc::CallbackServerContext* context,
                                                    const v1::RevokeApiTokenRequest* request,
                                                    v1::RevokeApiTokenResponse* response) {
  return calls_.RunNoted<v1::RevokeApiTokenResponse>(
      context, "RevokeApiToken", response,
      [request](const auto&) {
        return AuditNote{absl::StrCat("token ", request->token_id()), {}};
      },
      [this, request]() -> absl::StatusOr<v1::RevokeApiTokenResponse> {
        AW_RETURN_IF_ERROR(access_.RevokeToken(request->token_id()));
        return v1::RevokeApiTokenResponse();
      });
}

grpc::ServerUnaryReactor* AccessRpc::ListApiTokens(grpc::CallbackServerContext* context,
                                                   const v1::ListApiTokensRequest*,
                                                   v1::ListApiTokensResponse* response) {
  return calls_.Run<v1::ListApiTokensResponse>(
      context, "ListApiTokens", response, [this]() -> absl::StatusOr<v1::ListApiTokensResponse> {
        AW_ASSIGN_OR_RETURN(const auto tokens, access_.ListTokens());
        v1::ListApiTokensResponse answer;
        for (const ApiToken& token : tokens) *answer.add_tokens() = ToProto(token);
        return answer;
      });
}

grpc::ServerUnaryReactor* AccessRpc::ListAuditEntries(grpc::CallbackServerContext* context,
                                                      const v1::ListAuditEntriesRequest* request,
                                                      v1::ListAuditEntriesResponse* response) {
  return calls_.Run<v1::ListAuditEntriesResponse>(
      context, "ListAuditEntries", response,
      [this, request]() -> absl::StatusOr<v1::ListAuditEntriesResponse> {
        AW_ASSIGN_OR_RETURN(AuditPage page,
                            audit_.List(AuditQueryFromProto(*request), request->page_size(),
                                        request->page_token()));
        v1::ListAuditEntriesResponse answer;
        for (const AuditEntry& entry : page.entries) *answer.add_entries() = ToProto(entry);
        answer.set_next_page_token(std::move(page.next_page_token));
        return answer;
      });
}

}  // namespace aislewatch::events
