// The services behind the gateway, as stubs over shared channels.
//
// Thread-safe. Stubs block; Contexts give every call its deadline and the caller's credential.
#pragma once

#include <grpcpp/channel.h>
#include <grpcpp/client_context.h>

#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "aislewatch/v1/access.grpc.pb.h"
#include "aislewatch/v1/attention.grpc.pb.h"
#include "aislewatch/v1/cameras.grpc.pb.h"
#include "aislewatch/v1/events.grpc.pb.h"
#include "aislewatch/v1/webhooks.grpc.pb.h"

namespace aislewatch::gateway {

/// Event storage, which serves five services.
struct EventStorage {
  explicit EventStorage(const std::shared_ptr<grpc::Channel>& shared);

  const std::shared_ptr<grpc::Channel> channel;
  const std::unique_ptr<v1::EventStorageService::Stub> events;
  const std::unique_ptr<v1::CameraRegistryService::Stub> cameras;
  const std::unique_ptr<v1::AccessService::Stub> access;
  const std::unique_ptr<v1::WebhookService::Stub> webhooks;
  const std::unique_ptr<v1::AttentionService::Stub> attention;
};

/// Gives `context` the caller's credential, where there is one.
void SetCredential(grpc::ClientContext& context, const std::string& secret);
/// The same with a deadline.
void Prepare(grpc::ClientContext& context, const std::string& secret, absl::Duration timeout);

/// Who the credential belongs to. Blocks for up to 5 s.
absl::StatusOr<v1::Principal> Authenticate(const EventStorage& storage, const std::string& secret);

/// Waits for a connection for up to a second where there is none: the first one, and one that was
/// lost, take a moment, and calls would fail at once.
void AwaitConnection(const EventStorage& storage);

/// Whether event storage is connected and says that it is ready. Blocks for up to 2 s.
bool IsReady(const EventStorage& storage);

}  // namespace aislewatch::gateway
