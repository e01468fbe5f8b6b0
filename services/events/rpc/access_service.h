// AccessService over gRPC: converts, calls core, converts back.
//
// Thread-safe. Nothing blocks on gRPC's threads. What is passed must outlive the gRPC server.
#pragma once

#include "aislewatch/v1/access.grpc.pb.h"
#include "services/events/core/access_control.h"
#include "services/events/core/audit/audit_trail.h"
#include "services/events/rpc/blocking_calls.h"

namespace aislewatch::events {

class AccessRpc final : public v1::AccessService::CallbackService {
 public:
  /// `password_calls`: for calls that hash passwords, which are slow on purpose: few threads of
  /// their own, so that logins cannot keep others from being answered.
  AccessRpc(AccessControl& access, AuditTrail& audit, BlockingCalls& calls,
            BlockingCalls& password_calls)
      : access_(access), audit_(audit), calls_(calls), password_calls_(password_calls) {}

  grpc::ServerUnaryReactor* Login(grpc::CallbackServerContext* context,
                                  const v1::LoginRequest* request,
                                  v1::LoginResponse* response) override;
  grpc::ServerUnaryReactor* Logout(grpc::CallbackServerContext* context,
                                   const v1::LogoutRequest* request,
                                   v1::LogoutResponse* response) override;
  grpc::ServerUnaryReactor* Authenticate(grpc::CallbackServerContext* context,
                                         const v1::AuthenticateRequest* request,
                                         v1::AuthenticateResponse* response) override;
  grpc::ServerUnaryReactor* ChangePassword(grpc::CallbackServerContext* context,
                                           const v1::ChangePasswordRequest* request,
                                           v1::ChangePasswordResponse* response) override;
  grpc::ServerUnaryReactor* CreateUser(grpc::CallbackServerContext* context,
                                       const v1::CreateUserRequest* request,
                                       v1::CreateUserResponse* response) override;
  grpc::ServerUnaryReactor* UpdateUser(grpc::CallbackServerContext* context,
                                       const v1::UpdateUserRequest* request,
                                       v1::UpdateUserResponse* response) override;
  grpc::ServerUnaryReactor* DeleteUser(grpc::CallbackServerContext* context,
                                       const v1::DeleteUserRequest* request,
                                       v1::DeleteUserResponse* response) override;
  grpc::ServerUnaryReactor* ListUsers(grpc::CallbackServerContext* context,
                                      const v1::ListUsersRequest* request,
                                      v1::ListUsersResponse* response) override;
  grpc::ServerUnaryReactor* CreateApiToken(grpc::CallbackServerContext* context,
                                           const v1::CreateApiTokenRequest* request,
                                           v1::CreateApiTokenResponse* response) override;
  grpc::ServerUnaryReactor* RevokeApiToken(grpc::CallbackServerContext* context,
                                           const v1::RevokeApiTokenRequest* request,
                                           v1::RevokeApiTokenResponse* response) override;
  grpc::ServerUnaryReactor* ListApiTokens(grpc::CallbackServerContext* context,
                                          const v1::ListApiTokensRequest* request,
                                          v1::ListApiTokensResponse* response) override;

  grpc::ServerUnaryReactor* ListAuditEntries(grpc::CallbackServerContext* context,
                                             const v1::ListAuditEntriesRequest* request,
                                             v1::ListAuditEntriesResponse* response) override;

 private:
  AccessControl& access_;
  AuditTrail& audit_;
  BlockingCalls& calls_;
  BlockingCalls& password_calls_;
};

}  // namespace aislewatch::events
