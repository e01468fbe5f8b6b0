// aislewatch webhooks list|add|set|remove|test|deliveries|retry: incidents told to other systems.

#include <grpcpp/client_context.h>

#include <algorithm>
#include <cstdio>
#include <memory>
#include <string>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "aislewatch/v1/webhooks.grpc.pb.h"
#include "cli/commands/commands.h"
#include "cli/commands/events_command.h"
#include "common/base/status.h"
#include "common/rpc/convert.h"

namespace aislewatch {
namespace {

using WebhooksStub = v1::WebhookService::Stub;

struct WebhooksFlags : EventsCommandOptions {
  std::string id, name, url, severity, state;
  std::vector<std::string> stores, cameras, kinds;
  bool enable = false, disable = false;
  int limit = 50;
};

const std::vector<std::string> kKindWords = {
    "concealment",     "loitering", "restricted_zone", "fight",
    "checkout_bypass", "crowd",     "weapon",          "any"};

void PrintWebhook(const v1::Webhook& webhook) {
  std::printf("%s  %-20s %-8s %4u waiting %4u dead  %s%s%s\n", webhook.webhook_id().c_str(),
              webhook.name().c_str(), webhook.enabled() ? "enabled" : "disabled", webhook.waiting(),
              webhook.dead(), webhook.url().c_str(), webhook.last_error().empty() ? "" : "  ",
              webhook.last_error().c_str());
}

// Flags that were given replace what is there; "any" empties a list.
template <class Field>
void Replace(const std::vector<std::string>& values, Field* field) {
  if (values.empty()) return;
  field->Clear();
  for (const std::string& value : values) {
    if (value != "any") *field->Add() = value;
  }
}

void ApplyFlags(const WebhooksFlags& options, v1::Webhook& webhook) {
  if (!options.name.empty()) webhook.set_name(options.name);
  if (!options.url.empty()) webhook.set_url(options.url);
  v1::IncidentFilter& filter = *webhook.mutable_filter();
  Replace(options.stores, filter.mutable_store_ids());
  Replace(options.cameras, filter.mutable_camera_ids());
  if (!options.kinds.empty()) filter.clear_kinds();
  for (const std::string& word : options.kinds) {
    v1::IncidentKind kind = v1::INCIDENT_KIND_UNSPECIFIED;
    // CLI11 has checked the word; "any" is no kind and adds none.
    if (v1::IncidentKind_Parse(absl::StrCat("INCIDENT_KIND_", absl::AsciiStrToUpper(word)),
                               &kind)) {
      filter.add_kinds(kind);
    }
  }
  if (!options.severity.empty()) {
    v1::Severity severity = v1::SEVERITY_UNSPECIFIED;
    v1::Severity_Parse(absl::StrCat("SEVERITY_", absl::AsciiStrToUpper(options.severity)),
                       &severity);
    filter.set_min_severity(severity);
  }
  if (options.enable || options.disable) webhook.set_enabled(options.enable);
}

absl::StatusOr<v1::ListWebhooksResponse> FetchWebhooks(WebhooksStub& stub) {
  grpc::ClientContext context;
  v1::ListWebhooksResponse response;
  AW_RETURN_IF_ERROR(FromGrpc(stub.ListWebhooks(&context, {}, &response)));
  return response;
}

absl::Status ListWebhooks(const WebhooksFlags& options, WebhooksStub& stub) {
  AW_ASSIGN_OR_RETURN(const v1::ListWebhooksResponse response, FetchWebhooks(stub));
  for (const v1::Webhook& webhook : response.webhooks()) {
    if (options.json)
      std::printf("%s\n", MessageJson(webhook).c_str());
    else
      PrintWebhook(webhook);
  }
  if (response.webhooks().empty() && !options.json) std::printf("no webhooks\n");
  return absl::OkStatus();
}

absl::Status AddWebhook(const WebhooksFlags& options, WebhooksStub& stub) {
  v1::CreateWebhookRequest request;
  request.mutable_webhook()->set_enabled(true);
  ApplyFlags(options, *request.mutable_webhook());
  grpc::ClientContext context;
  v1::CreateWebhookResponse response;
  AW_RETURN_IF_ERROR(FromGrpc(stub.CreateWebhook(&context, request, &response)));
  if (options.json) {
    std::printf("%s\n", MessageJson(response).c_str());
    return absl::OkStatus();
  }
  std::printf("%s\n", response.webhook().webhook_id().c_str());
  std::printf("secret, shown only now, with which the receiver checks signatures: %s\n",
              response.secret().c_str());
  return absl::OkStatus();
}

absl::Status SetWebhook(const WebhooksFlags& options, WebhooksStub& stub) {
  if (options.enable && options.disable) {
    return absl::InvalidArgumentError("say either --enable or --disable");
  }
  AW_ASSIGN_OR_RETURN(const v1::ListWebhooksResponse all, FetchWebhooks(stub));
  v1::UpdateWebhookRequest request;
  for (const v1::Webhook& webhook : all.webhooks()) {
    if (webhook.webhook_id() == options.id) *request.mutable_webhook() = webhook;
  }
  if (!request.has_webhook()) {
    return absl::NotFoundError(
        absl::StrCat("there is no webhook ", options.id, "; see `aislewatch webhooks list`"));
  }
  ApplyFlags(options, *request.mutable_webhook());
  grpc::ClientContext context;
  v1::UpdateWebhookResponse response;
  AW_RETURN_IF_ERROR(FromGrpc(stub.UpdateWebhook(&context, request, &response)));
  if (options.json)
    std::printf("%s\n", MessageJson(response.webhook()).c_str());
  else
    PrintWebhook(response.webhook());
  return absl::OkStatus();
}

absl::Status RemoveWebhook(const WebhooksFlags& options, WebhooksStub& stub) {
  grpc::ClientContext context;
  v1::DeleteWebhookRequest request;
  request.set_webhook_id(options.id);
  v1::DeleteWebhookResponse response;
  return FromGrpc(stub.DeleteWebhook(&context, request, &response));
}

absl::Status TestWebhook(const WebhooksFlags& options, WebhooksStub& stub) {
  grpc::ClientContext context;
  v1::TestWebhookRequest request;
  request.set_webhook_id(options.id);
  v1::TestWebhookResponse response;
  AW_RETURN_IF_ERROR(FromGrpc(stub.TestWebhook(&context, request, &response)));
  if (options.json) std::printf("%s\n", MessageJson(response).c_str());
  if (!response.delivered()) return absl::UnavailableError(response.error());
  if (!options.json) std::printf("delivered: the receiver answered %u\n", response.status());
  return absl::OkStatus();
}

void PrintDelivery(const v1::Delivery& delivery) {
  const std::string state =
      absl::AsciiStrToLower(v1::DeliveryState_Name(delivery.state()).substr(15));
  std::printf("%s  %s %-9s %2u tries  %-28s %s  %s\n", delivery.delivery_id().c_str(),
              absl::FormatTime("%Y-%m-%d %H:%M:%S", FromProto(delivery.create_time()),
                               absl::LocalTimeZone())
                  .c_str(),
              state.c_str(), delivery.attempts(), delivery.event_type().c_str(),
              delivery.incident_id().c_str(), delivery.last_error().c_str());
}

absl::Status ListDeliveries(const WebhooksFlags& options, WebhooksStub& stub) {
  v1::ListDeliveriesRequest request;
  request.set_webhook_id(options.id);
  v1::DeliveryState state = v1::DELIVERY_STATE_UNSPECIFIED;
  if (!options.state.empty()) {
    v1::DeliveryState_Parse(absl::StrCat("DELIVERY_STATE_", absl::AsciiStrToUpper(options.state)),
                            &state);
  }
  request.set_state(state);
  int left = options.limit;
  while (left > 0) {
    request.set_page_size(std::min(left, 500));
    grpc::ClientContext context;
    v1::ListDeliveriesResponse response;
    AW_RETURN_IF_ERROR(FromGrpc(stub.ListDeliveries(&context, request, &response)));
    for (const v1::Delivery& delivery : response.deliveries()) {
      if (options.json)
        std::printf("%s\n", MessageJson(delivery).c_str());
      else
        PrintDelivery(delivery);
    }
    left -= response.deliveries_size();
    if (response.next_page_token().empty()) break;
    request.set_page_token(response.next_page_token());
  }
  if (left == options.limit && !options.json) std::printf("no deliveries\n");
  return absl::OkStatus();
}

absl::Status RetryDelivery(const WebhooksFlags& options, WebhooksStub& stub) {
  grpc::ClientContext context;
  v1::RetryDeliveryRequest request;
  request.set_delivery_id(options.id);
  v1::RetryDeliveryResponse response;
  return FromGrpc(stub.RetryDelivery(&context, request, &response));
}

void AddWebhookFilterFlags(CLI::App& command, WebhooksFlags& options) {
  command.add_option("--store", options.stores, "Only of these stores; any: of every one")
      ->delimiter(',');
  command.add_option("--camera", options.cameras, "Only of these cameras; any: of every one")
      ->delimiter(',');
  command.add_option("--kind", options.kinds, "Only of these kinds; any: of every one")
      ->delimiter(',')
      ->check(CLI::IsMember(kKindWords));
  command.add_option("--min-severity", options.severity, "Only this urgent or more")
      ->check(CLI::IsMember({"info", "warning", "critical"}));
}

}  // namespace

void AddWebhooksCommand(CLI::App& parent, CommandContext& context) {
  auto options = std::make_shared<WebhooksFlags>();
  CLI::App* group = parent.add_subcommand("webhooks", "Tells incidents to other systems over HTTP");
  group->require_subcommand(1);
  group->footer(
      "Example:\n  aislewatch webhooks add till https://till.example/hook --min-severity warning\n"
      "  aislewatch webhooks deliveries ID --state dead");
  const auto action = [&](const char* name, const char* help,
                          absl::Status (*run)(const WebhooksFlags&, WebhooksStub&)) {
    return AddEventsAction<v1::WebhookService>(*group, context, options, name, help, run);
  };
  action("list", "All webhooks and how they go", ListWebhooks);
  CLI::App* add = action("add", "Adds one and prints its secret", AddWebhook);
  add->add_option("name", options->name, "A name for people")->required();
  add->add_option("url", options->url, "Where to; https://...")->required();
  AddWebhookFilterFlags(*add, *options);
  CLI::App* set = action("set", "Changes what is given; the secret stays", SetWebhook);
  set->add_option("id", options->id, "The webhook")->required();
  set->add_option("--name", options->name, "A name for people");
  set->add_option("--url", options->url, "Where to");
  set->add_flag("--enable", options->enable, "Deliver to it");
  set->add_flag("--disable", options->disable, "Do not deliver to it");
  AddWebhookFilterFlags(*set, *options);
  action("remove", "Removes it with its deliveries", RemoveWebhook)
      ->add_option("id", options->id, "The webhook")
      ->required();
  action("test", "Sends a test event and says what came back", TestWebhook)
      ->add_option("id", options->id, "The webhook")
      ->required();
  CLI::App* deliveries = action("deliveries", "Its deliveries, newest first", ListDeliveries);
  deliveries->add_option("id", options->id, "The webhook")->required();
  deliveries->add_option("--state", options->state, "Only these")
      ->check(CLI::IsMember({"waiting", "delivered", "dead"}));
  deliveries->add_option("--limit", options->limit, "At most so many")
      ->check(CLI::Range(1, 1'000'000))
      ->capture_default_str();
  action("retry", "Tries a delivery again at once", RetryDelivery)
      ->add_option("id", options->id, "The delivery")
      ->required();
}

}  // namespace aislewatch
