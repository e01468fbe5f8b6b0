// aislewatch tokens add|revoke|list: credentials of machines.

#include <grpcpp/client_context.h>

#include <cstdio>
#include <memory>
#include <string>

#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "aislewatch/v1/access.grpc.pb.h"
#include "cli/commands/access_text.h"
#include "cli/commands/commands.h"
#include "cli/commands/events_command.h"
#include "common/base/status.h"
#include "common/rpc/convert.h"

namespace aislewatch {
namespace {

using TokensStub = v1::AccessService::Stub;

struct TokensFlags : EventsCommandOptions {
  std::string name, id;
  AccessFlags access;
  int days = 0;
};

void PrintToken(const v1::ApiToken& token) {
  std::string state = token.has_revoke_time()   ? "revoked " + TimeText(token.revoke_time())
                      : token.has_expire_time() ? "until " + TimeText(token.expire_time())
                                                : "no end";
  std::printf("%s  %-20s %-9s %-24s %-24s %s\n", token.token_id().c_str(), token.name().c_str(),
              RoleText(token.role()).c_str(), ScopeText(token.scope()).c_str(), state.c_str(),
              token.has_last_used_time() ? ("used " + TimeText(token.last_used_time())).c_str()
                                         : "never used");
}

absl::Status ListTokens(const TokensFlags& options, TokensStub& stub) {
  grpc::ClientContext context;
  v1::ListApiTokensResponse response;
  AW_RETURN_IF_ERROR(FromGrpc(stub.ListApiTokens(&context, v1::ListApiTokensRequest(), &response)));
  for (const v1::ApiToken& token : response.tokens()) {
    if (options.json)
      std::printf("%s\n", MessageJson(token).c_str());
    else
      PrintToken(token);
  }
  if (response.tokens().empty() && !options.json) std::printf("no tokens\n");
  return absl::OkStatus();
}

// The secret alone goes to standard output, so that it can be written to a file.
absl::Status AddToken(const TokensFlags& options, TokensStub& stub) {
  v1::CreateApiTokenRequest request;
  v1::ApiToken& token = *request.mutable_token();
  token.set_name(options.name);
  token.set_role(ParseRole(options.access.role));
  SetScope(options.access, *token.mutable_scope());
  if (options.days > 0) {
    *token.mutable_expire_time() = ToProto(absl::Now() + absl::Hours(24) * options.days);
  }
  grpc::ClientContext context;
  v1::CreateApiTokenResponse response;
  AW_RETURN_IF_ERROR(FromGrpc(stub.CreateApiToken(&context, request, &response)));
  if (options.json) {
    std::printf("%s\n", MessageJson(response).c_str());
  } else {
    std::printf("%s\n", response.secret().c_str());
    std::fprintf(stderr, "token %s; its secret is shown only now\n",
                 response.token().token_id().c_str());
  }
  return absl::OkStatus();
}

absl::Status RevokeToken(const TokensFlags& options, TokensStub& stub) {
  grpc::ClientContext context;
  v1::RevokeApiTokenRequest request;
  request.set_token_id(options.id);
  v1::RevokeApiTokenResponse response;
  return FromGrpc(stub.RevokeApiToken(&context, request, &response));
}

}  // namespace

void AddTokensCommand(CLI::App& parent, CommandContext& context) {
  auto options = std::make_shared<TokensFlags>();
  CLI::App* group = parent.add_subcommand("tokens", "Lists, makes and revokes tokens of machines");
  group->require_subcommand(1);
  group->footer(
      "Example:\n  aislewatch tokens add ingest --role ingest > ingest.token\n"
      "  aislewatch tokens add till-system --role viewer --store store-1 --days 365\n"
      "A command sends the token in --token-file or $AISLEWATCH_TOKEN.");
  AddEventsAction<v1::AccessService>(*group, context, options, "list", "Newest first", ListTokens);
  CLI::App* add = AddEventsAction<v1::AccessService>(
      *group, context, options, "add", "Makes a token and prints its secret", AddToken);
  add->add_option("name", options->name, "What it is for")->required();
  AddAccessFlags(*add, options->access, {"viewer", "operator", "admin", "ingest"}, true);
  add->add_option("--days", options->days, "It ends after so many days; without, never")
      ->check(CLI::Range(1, 36500));
  CLI::App* revoke = AddEventsAction<v1::AccessService>(*group, context, options, "revoke",
                                                        "Ends a token at once", RevokeToken);
  revoke->add_option("id", options->id, "The token's id, as `list` shows it")->required();
}

}  // namespace aislewatch
