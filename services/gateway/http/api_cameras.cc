// Cameras and webhooks: what admins set up.
#include <utility>

#include "absl/strings/str_cat.h"
#include "services/gateway/http/api.h"
#include "services/gateway/http/unary_route.h"

namespace aislewatch::gateway {

void AddCameraRoutes(const ApiContext& api, RouteTable& table) {
  using Stub = v1::CameraRegistryService::Stub;
  Stub& stub = *api.storage.cameras;
  const std::string cameras = absl::StrCat(kApi, "/cameras");
  const std::string one = cameras + "/{id}";
  table.Add(UnaryRoute({"GET",
                        cameras,
                        "Cameras by id, by page",
                        "cameras",
                        {},
                        std::nullopt,
                        {"store_ids", "page_size", "page_token"}},
                       stub, &Stub::ListCameras));
  table.Add(UnaryRoute({"POST", cameras, "Add a camera", "cameras", {}, "camera", {}, 201}, stub,
                       &Stub::CreateCamera));
  table.Add(UnaryRoute({"GET", one, "A camera and how it is", "cameras", {{"id", "camera_id"}}},
                       stub, &Stub::GetCamera));
  table.Add(UnaryRoute({"PUT",
                        one,
                        "Replace a camera's settings, zones and rules",
                        "cameras",
                        {{"id", "camera.camera_id"}},
                        "camera"},
                       stub, &Stub::UpdateCamera));
  table.Add(UnaryRoute({"DELETE",
                        one,
                        "Remove a camera; its incidents stay",
                        "cameras",
                        {{"id", "camera_id"}},
                        std::nullopt,
                        {},
                        204},
                       stub, &Stub::DeleteCamera));
}

void AddWebhookRoutes(const ApiContext& api, RouteTable& table) {
  using Stub = v1::WebhookService::Stub;
  Stub& stub = *api.storage.webhooks;
  const std::string webhooks = absl::StrCat(kApi, "/webhooks");
  const std::string one = webhooks + "/{id}";
  table.Add(UnaryRoute({"GET", webhooks, "Webhooks and how they go", "webhooks"}, stub,
                       &Stub::ListWebhooks));
  table.Add(UnaryRoute({"POST",
                        webhooks,
                        "Add a webhook; its secret is in this answer alone",
                        "webhooks",
                        {},
                        "",
                        {},
                        201},
                       stub, &Stub::CreateWebhook));
  table.Add(
      UnaryRoute({"PUT", one, "Change a webhook", "webhooks", {{"id", "webhook.webhook_id"}}, ""},
                 stub, &Stub::UpdateWebhook));
  table.Add(UnaryRoute({"DELETE",
                        one,
                        "Remove a webhook with its deliveries",
                        "webhooks",
                        {{"id", "webhook_id"}},
                        std::nullopt,
                        {},
                        204},
                       stub, &Stub::DeleteWebhook));
  UnarySpec test = {
      "POST", one + "/test", "Send a test event now", "webhooks", {{"id", "webhook_id"}}};
  test.timeout = absl::Seconds(40);  // The receiver may be slow.
  table.Add(UnaryRoute(std::move(test), stub, &Stub::TestWebhook));
  table.Add(UnaryRoute({"GET",
                        one + "/deliveries",
                        "Deliveries, newest first, by page",
                        "webhooks",
                        {{"id", "webhook_id"}},
                        std::nullopt,
                        {"state", "page_size", "page_token"}},
                       stub, &Stub::ListDeliveries));
  table.Add(UnaryRoute({"POST",
                        absl::StrCat(kApi, "/deliveries/{id}/retry"),
                        "Try a dead delivery again at once",
                        "webhooks",
                        {{"id", "delivery_id"}}},
                       stub, &Stub::RetryDelivery));
}

}  // namespace aislewatch::gateway
