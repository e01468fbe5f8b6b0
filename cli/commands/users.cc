// aislewatch users add|set|remove|list: who may log in to the console.

#include <grpcpp/client_context.h>

#include <cstdio>
#include <memory>
#include <string>

#include "aislewatch/v1/access.grpc.pb.h"
#include "cli/commands/access_text.h"
#include "cli/commands/commands.h"
#include "cli/commands/events_command.h"
#include "cli/console/password_prompt.h"
#include "common/base/status.h"
#include "common/rpc/convert.h"

namespace aislewatch {
namespace {

using UsersStub = v1::AccessService::Stub;

struct UsersFlags : EventsCommandOptions {
  std::string name, password_file;
  AccessFlags access;
  bool disable = false, enable = false, change_password = false, everywhere = false;
};

void PrintUser(const v1::User& user) {
  std::printf(
      "%-24s %-9s %-24s %-9s %s%s\n", user.name().c_str(), RoleText(user.role()).c_str(),
      ScopeText(user.scope()).c_str(), user.disabled() ? "disabled" : "enabled",
      user.has_last_login_time() ? ("last login " + TimeText(user.last_login_time())).c_str()
                                 : "never logged in",
      user.has_locked_until() ? (", locked until " + TimeText(user.locked_until())).c_str() : "");
}

void ShowUser(const UsersFlags& options, const v1::User& user) {
  if (options.json)
    std::printf("%s\n", MessageJson(user).c_str());
  else
    PrintUser(user);
}

absl::StatusOr<v1::ListUsersResponse> AllUsers(UsersStub& stub) {
  grpc::ClientContext context;
  v1::ListUsersResponse response;
  AW_RETURN_IF_ERROR(FromGrpc(stub.ListUsers(&context, v1::ListUsersRequest(), &response)));
  return response;
}

absl::Status ListUsers(const UsersFlags& options, UsersStub& stub) {
  AW_ASSIGN_OR_RETURN(const v1::ListUsersResponse response, AllUsers(stub));
  for (const v1::User& user : response.users()) ShowUser(options, user);
  if (response.users().empty() && !options.json) std::printf("no users\n");
  return absl::OkStatus();
}

absl::Status AddUser(const UsersFlags& options, UsersStub& stub) {
  v1::CreateUserRequest request;
  v1::User& user = *request.mutable_user();
  user.set_name(options.name);
  user.set_role(ParseRole(options.access.role));
  user.set_disabled(options.disable);
  SetScope(options.access, *user.mutable_scope());
  AW_ASSIGN_OR_RETURN(*request.mutable_password(),
                      AskNewPassword(options.password_file, "password of " + options.name));
  grpc::ClientContext context;
  v1::CreateUserResponse response;
  AW_RETURN_IF_ERROR(FromGrpc(stub.CreateUser(&context, request, &response)));
  ShowUser(options, response.user());
  return absl::OkStatus();
}

absl::Status CheckSetFlags(const UsersFlags& options) {
  const bool scope = !options.access.stores.empty() || !options.access.cameras.empty();
  if (options.enable && options.disable) {
    return absl::InvalidArgumentError("say either --enable or --disable");
  }
  if (options.everywhere && scope) {
    return absl::InvalidArgumentError("--everywhere leaves no room for --store and --camera");
  }
  return absl::OkStatus();
}

// What no flag names stays as it is.
absl::Status SetUser(const UsersFlags& options, UsersStub& stub) {
  AW_RETURN_IF_ERROR(CheckSetFlags(options));
  AW_ASSIGN_OR_RETURN(const v1::ListUsersResponse users, AllUsers(stub));
  v1::UpdateUserRequest request;
  for (const v1::User& user : users.users()) {
    if (SameUserName(user.name(), options.name)) *request.mutable_user() = user;
  }
  if (!request.has_user()) {
    return absl::NotFoundError("there is no user " + options.name +
                               "; see `aislewatch users list`");
  }
  v1::User& user = *request.mutable_user();
  if (!options.access.role.empty()) user.set_role(ParseRole(options.access.role));
  if (options.enable || options.disable) user.set_disabled(options.disable);
  if (options.everywhere) user.clear_scope();
  if (!options.access.stores.empty() || !options.access.cameras.empty()) {
    user.clear_scope();
    SetScope(options.access, *user.mutable_scope());
  }
  if (options.change_password || !options.password_file.empty()) {
    AW_ASSIGN_OR_RETURN(*request.mutable_password(),
                        AskNewPassword(options.password_file, "new password of " + user.name()));
  }
  grpc::ClientContext context;
  v1::UpdateUserResponse response;
  AW_RETURN_IF_ERROR(FromGrpc(stub.UpdateUser(&context, request, &response)));
  ShowUser(options, response.user());
  return absl::OkStatus();
}

absl::Status RemoveUser(const UsersFlags& options, UsersStub& stub) {
  grpc::ClientContext context;
  v1::DeleteUserRequest request;
  request.set_name(options.name);
  v1::DeleteUserResponse response;
  return FromGrpc(stub.DeleteUser(&context, request, &response));
}

}  // namespace

void AddUsersCommand(CLI::App& parent, CommandContext& context) {
  auto options = std::make_shared<UsersFlags>();
  CLI::App* group = parent.add_subcommand("users", "Lists, adds and changes users of the console");
  group->require_subcommand(1);
  group->footer(
      "Example:\n  aislewatch users add anna --role admin\n"
      "  aislewatch users add otto --role operator --store store-1\n"
      "The password is asked for, or read from --password-file.");
  AddEventsAction<v1::AccessService>(*group, context, options, "list", "All users", ListUsers);
  CLI::App* add =
      AddEventsAction<v1::AccessService>(*group, context, options, "add", "Adds a user", AddUser);
  CLI::App* set = AddEventsAction<v1::AccessService>(
      *group, context, options, "set",
      "Changes a user, unlocks it and ends its sessions; what no flag names stays", SetUser);
  CLI::App* remove = AddEventsAction<v1::AccessService>(*group, context, options, "remove",
                                                        "Removes a user", RemoveUser);
  for (CLI::App* command : {add, set, remove}) {
    command->add_option("name", options->name, "The user")->required();
  }
  for (CLI::App* command : {add, set}) {
    AddAccessFlags(*command, options->access, {"viewer", "operator", "admin"}, command == add);
    command->add_option("--password-file", options->password_file,
                        "File whose first line is the password; - is standard input");
    command->add_flag("--disable", options->disable, "It cannot log in");
  }
  set->add_flag("--enable", options->enable, "It can log in");
  set->add_flag("--everywhere", options->everywhere, "Every store and camera");
  set->add_flag("--password", options->change_password, "Ask for a new password");
}

}  // namespace aislewatch
