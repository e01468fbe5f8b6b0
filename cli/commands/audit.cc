// aislewatch audit: who did what.

#include <grpcpp/client_context.h>

#include <algorithm>
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

struct AuditFlags : EventsCommandOptions {
  std::string principal, target;
  int days = 0;
  uint32_t limit = 100;
};

void PrintEntry(const v1::AuditEntry& entry) {
  const std::string role = entry.role() == v1::ROLE_UNSPECIFIED ? "-" : RoleText(entry.role());
  std::printf("%s  %-20s %-9s %-18s %-48s %s\n",
              absl::FormatTime("%Y-%m-%d %H:%M:%S", FromProto(entry.time()), absl::LocalTimeZone())
                  .c_str(),
              (entry.principal() + (entry.is_token() ? " (token)" : "")).c_str(), role.c_str(),
              entry.action().c_str(), entry.target().c_str(), entry.result().c_str());
}

absl::Status ListAudit(const AuditFlags& options, v1::AccessService::Stub& stub) {
  v1::ListAuditEntriesRequest request;
  request.set_principal(options.principal);
  request.set_target(options.target);
  if (options.days > 0) {
    *request.mutable_from_time() = ToProto(absl::Now() - absl::Hours(24) * options.days);
  }
  uint32_t left = options.limit;
  while (left > 0) {
    request.set_page_size(std::min(left, 500u));
    grpc::ClientContext context;
    v1::ListAuditEntriesResponse response;
    AW_RETURN_IF_ERROR(FromGrpc(stub.ListAuditEntries(&context, request, &response)));
    for (const v1::AuditEntry& entry : response.entries()) {
      if (options.json)
        std::printf("%s\n", MessageJson(entry).c_str());
      else
        PrintEntry(entry);
    }
    left -= std::min<uint32_t>(left, response.entries_size());
    if (response.next_page_token().empty()) {
      if (left == options.limit && !options.json) std::printf("no entries\n");
      break;
    }
    request.set_page_token(response.next_page_token());
  }
  return absl::OkStatus();
}

}  // namespace

void AddAuditCommand(CLI::App& parent, CommandContext& context) {
  auto options = std::make_shared<AuditFlags>();
  CLI::App* audit = AddEventsAction<v1::AccessService>(
      parent, context, options, "audit", "Who did what, newest first", ListAudit);
  audit->footer(
      "Example:\n  aislewatch audit --principal ada --days 7\n"
      "  aislewatch audit --target \"camera aisle-1\" --json");
  audit->add_option("--principal", options->principal, "Only what this user or token did");
  audit->add_option("--target", options->target,
                    "Only what was about this, as the list shows it: \"camera aisle-1\"");
  audit->add_option("--days", options->days, "Only the last so many days")
      ->check(CLI::Range(1, 36500));
  audit->add_option("--limit", options->limit, "At most so many entries")
      ->check(CLI::Range(1, 1'000'000))
      ->capture_default_str();
}

}  // namespace aislewatch
