// WebhookService over gRPC: converts, calls core, converts back.
//
// Thread-safe. Nothing blocks on gRPC's threads. What is passed must outlive the gRPC server.
#pragma once

#include "aislewatch/v1/webhooks.grpc.pb.h"
#include "services/events/core/webhooks/webhook_book.h"
#include "services/events/rpc/blocking_calls.h"

namespace aislewatch::events {

class WebhookRpc final : public v1::WebhookService::CallbackService {
 public:
  WebhookRpc(WebhookBook& book, BlockingCalls& calls) : book_(book), calls_(calls) {}

  grpc::ServerUnaryReactor* CreateWebhook(grpc::CallbackServerContext* context,
                                          const v1::CreateWebhookRequest* request,
                                          v1::CreateWebhookResponse* response) override;
  grpc::ServerUnaryReactor* UpdateWebhook(grpc::CallbackServerContext* context,
                                          const v1::UpdateWebhookRequest* request,
                                          v1::UpdateWebhookResponse* response) override;
  grpc::ServerUnaryReactor* DeleteWebhook(grpc::CallbackServerContext* context,
                                          const v1::DeleteWebhookRequest* request,
                                          v1::DeleteWebhookResponse* response) override;
  grpc::ServerUnaryReactor* ListWebhooks(grpc::CallbackServerContext* context,
                                         const v1::ListWebhooksRequest* request,
                                         v1::ListWebhooksResponse* response) override;
  grpc::ServerUnaryReactor* TestWebhook(grpc::CallbackServerContext* context,
                                        const v1::TestWebhookRequest* request,
                                        v1::TestWebhookResponse* response) override;
  grpc::ServerUnaryReactor* ListDeliveries(grpc::CallbackServerContext* context,
                                           const v1::ListDeliveriesRequest* request,
                                           v1::ListDeliveriesResponse* response) override;
  grpc::ServerUnaryReactor* RetryDelivery(grpc::CallbackServerContext* context,
                                          const v1::RetryDeliveryRequest* request,
                                          v1::RetryDeliveryResponse* response) override;

 private:
  WebhookBook& book_;
  BlockingCalls& calls_;
};

}  // namespace aislewatch::events
