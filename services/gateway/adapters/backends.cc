#include "services/gateway/adapters/backends.h"

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "common/base/status.h"
#include "common/rpc/convert.h"
#include "common/rpc/health.h"

namespace aislewatch::gateway {

EventStorage::EventStorage(const std::shared_ptr<grpc::Channel>& shared)
    : channel(shared),
      events(v1::EventStorageService::NewStub(shared)),
      cameras(v1::CameraRegistryService::NewStub(shared)),
      access(v1::AccessService::NewStub(shared)),
      webhooks(v1::WebhookService::NewStub(shared)),
      attention(v1::AttentionService::NewStub(shared)) {}

void SetCredential(grpc::ClientContext& context, const std::string& secret) {
  if (!secret.empty()) context.AddMetadata("authorization", absl::StrCat("Bearer ", secret));
}

void Prepare(grpc::ClientContext& context, const std::string& secret, absl::Duration timeout) {
  SetCredential(context, secret);
  context.set_deadline(absl::ToChronoTime(absl::Now() + timeout));
}

absl::StatusOr<v1::Principal> Authenticate(const EventStorage& storage, const std::string& secret) {
  grpc::ClientContext context;
  Prepare(context, secret, absl::Seconds(5));
  v1::AuthenticateResponse response;
  AW_RETURN_IF_ERROR(FromGrpc(storage.access->Authenticate(&context, {}, &response)));
  return response.principal();
}

void AwaitConnection(const EventStorage& storage) {
  if (storage.channel->GetState(true) == GRPC_CHANNEL_READY) return;
  storage.channel->WaitForConnected(absl::ToChronoTime(absl::Now() + absl::Seconds(1)));
}

bool IsReady(const EventStorage& storage) {
  const auto serving = IsServing(storage.channel, "readiness", absl::Now() + absl::Seconds(2));
  return serving.ok() && *serving;
}

}  // namespace aislewatch::gateway
