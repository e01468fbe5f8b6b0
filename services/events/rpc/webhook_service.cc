#include "services/events/rpc/webhook_service.h"

#include "absl/strings/str_cat.h"
#include "common/base/status.h"
#include "services/events/rpc/webhook_convert.h"

namespace aislewatch::events {

grpc::ServerUnaryReactor* WebhookRpc::CreateWebhook(grpc::CallbackServerContext* context,
                                                    const v1::CreateWebhookRequest* request,
                                                    v1::CreateWebhookResponse* response) {
  return calls_.RunNoted<v1::CreateWebhookResponse>(
      context, "CreateWebhook", response,
      [request](const v1::CreateWebhookResponse& made) {
        // The name, where it got no id.
        return AuditNote{absl::StrCat("webhook ", made.has_webhook() ? made.webhook().webhook_id()
                                                                     : request->webhook().name()),
                         {}};
      },
      [this, request]() -> absl::StatusOr<v1::CreateWebhookResponse> {
        AW_ASSIGN_OR_RETURN(const WebhookWithSecret created,
                            book_.Create(WebhookFromProto(request->webhook())));
        v1::CreateWebhookResponse answer;
        *answer.mutable_webhook() = ToProto(created.webhook);
        answer.set_secret(created.secret);
        return answer;
      });
}

grpc::ServerUnaryReactor* WebhookRpc::UpdateWebhook(grpc::CallbackServerContext* context,
                                                    const v1::UpdateWebhookRequest* request,
                                                    v1::UpdateWebhookResponse* response) {
  return calls_.RunNoted<v1::UpdateWebhookResponse>(
      context, "UpdateWebhook", response,
      [request](const auto&) {
        return AuditNote{absl::StrCat("webhook ", request->webhook().webhook_id()), {}};
      },
      [this, request]() -> absl::StatusOr<v1::UpdateWebhookResponse> {
        AW_ASSIGN_OR_RETURN(const Webhook stored,
                            book_.Update(WebhookFromProto(request->webhook())));
        v1::UpdateWebhookResponse answer;
        *answer.mutable_webhook() = ToProto(stored);
        return answer;
      });
}

grpc::ServerUnaryReactor* WebhookRpc::DeleteWebhook(grpc::CallbackServerContext* context,
                                                    const v1::DeleteWebhookRequest* request,
                                                    v1::DeleteWebhookResponse* response) {
  return calls_.RunNoted<v1::DeleteWebhookResponse>(
      context, "DeleteWebhook", response,
      [request](const auto&) {
        return AuditNote{absl::StrCat("webhook ", request->webhook_id()), {}};
      },
      [this, request]() -> absl::StatusOr<v1::DeleteWebhookResponse> {
        AW_RETURN_IF_ERROR(book_.Delete(request->webhook_id()));
        return v1::DeleteWebhookResponse();
      });
}

grpc::ServerUnaryReactor* WebhookRpc::ListWebhooks(grpc::CallbackServerContext* context,
                                                   const v1::ListWebhooksRequest*,
                                                   v1::ListWebhooksResponse* response) {
  return calls_.Run<v1::ListWebhooksResponse>(
      context, "ListWebhooks", response, [this]() -> absl::StatusOr<v1::ListWebhooksResponse> {
        AW_ASSIGN_OR_RETURN(const auto webhooks, book_.List());
        v1::ListWebhooksResponse answer;
        for (const Webhook& webhook : webhooks) *answer.add_webhooks() = ToProto(webhook);
        return answer;
      });
}

grpc::ServerUnaryReactor* WebhookRpc::TestWebhook(grpc::CallbackServerContext* context,
                                                  const v1::TestWebhookRequest* request,
                                                  v1::TestWebhookResponse* response) {
  return calls_.RunNoted<v1::TestWebhookResponse>(
      context, "TestWebhook", response,
      [request](const auto&) {
        return AuditNote{absl::StrCat("webhook ", request->webhook_id()), {}};
      },
      [this, request]() -> absl::StatusOr<v1::TestWebhookResponse> {
        AW_ASSIGN_OR_RETURN(const DeliveryOutcome outcome, book_.Test(request->webhook_id()));
        v1::TestWebhookResponse answer;
        answer.set_delivered(outcome.state == DeliveryState::kDelivered);
        answer.set_status(static_cast<uint32_t>(outcome.status));
        answer.set_error(outcome.error);
        return answer;
      });
}

grpc::ServerUnaryReactor* WebhookRpc::ListDeliveries(grpc::CallbackServerContext* context,
                                                     const v1::ListDeliveriesRequest* request,
                                                     v1::ListDeliveriesResponse* response) {
  return calls_.Run<v1::ListDeliveriesResponse>(
      context, "ListDeliveries", response,
      [this, request]() -> absl::StatusOr<v1::ListDeliveriesResponse> {
        AW_ASSIGN_OR_RETURN(DeliveryPage page,
                            book_.ListDeliveries(request->webhook_id(),
                                                 static_cast<DeliveryState>(request->state()),
                                                 request->page_size(), request->page_token()));
        v1::ListDeliveriesResponse answer;
        for (const Delivery& delivery : page.deliveries) {
          *answer.add_deliveries() = ToProto(delivery);
        }
        answer.set_next_page_token(std::move(page.next_page_token));
        return answer;
      });
}

grpc::ServerUnaryReactor* WebhookRpc::RetryDelivery(grpc::CallbackServerContext* context,
                                                    const v1::RetryDeliveryRequest* request,
                                                    v1::RetryDeliveryResponse* response) {
  return calls_.RunNoted<v1::RetryDeliveryResponse>(
      context, "RetryDelivery", response,
      [request](const auto&) {
        return AuditNote{absl::StrCat("delivery ", request->delivery_id()), {}};
      },
      [this, request]() -> absl::StatusOr<v1::RetryDeliveryResponse> {
        AW_RETURN_IF_ERROR(book_.Retry(request->delivery_id()));
        return v1::RetryDeliveryResponse();
      });
}

}  // namespace aislewatch::events
