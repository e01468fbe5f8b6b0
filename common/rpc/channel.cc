#include "common/rpc/channel.h"

#include <grpcpp/client_context.h>
#include <grpcpp/create_channel.h>
#include <grpcpp/generic/generic_stub.h>
#include <grpcpp/security/credentials.h>
#include <grpcpp/support/channel_arguments.h>

#include <CLI/CLI.hpp>

#include "absl/strings/str_cat.h"
#include "absl/synchronization/notification.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "common/base/status.h"

namespace aislewatch {

void KeepCallbackThreads() {
  // Never destroyed: a channel refers to the callback threads from its first callback call on.
  static const auto* const channel = [] {
    auto* kept = new std::shared_ptr<grpc::Channel>(
        grpc::CreateChannel("unix:/nowhere", grpc::InsecureChannelCredentials()));
    grpc::GenericStub stub(*kept);
    grpc::ClientContext context;
    context.set_deadline(absl::ToChronoTime(absl::UnixEpoch()));
    const grpc::Slice nothing("");
    grpc::ByteBuffer request(&nothing, 1);
    grpc::ByteBuffer response;
    absl::Notification done;
    stub.UnaryCall(&context, "/", grpc::StubOptions(), &request, &response,
                   [&done](const grpc::Status&) { done.Notify(); });
    done.WaitForNotification();
    return kept;
  }();
  (void)channel;
}

void AddDialFlags(CLI::App& app, const std::string& prefix, TlsFiles& tls) {
  app.add_option(absl::StrCat("--", prefix, "tls-ca"), tls.ca,
                 "PEM file; dial with TLS and trust servers whose certificate it signed");
  app.add_option(absl::StrCat("--", prefix, "tls-certificate"), tls.certificate,
                 "PEM file of the own certificate, where servers ask for one");
  app.add_option(absl::StrCat("--", prefix, "tls-key"), tls.key, "PEM file of its key");
}

absl::StatusOr<std::shared_ptr<grpc::Channel>> MakeChannel(const std::string& target,
                                                           const TlsFiles& tls) {
  KeepCallbackThreads();
  if (target.empty()) return absl::InvalidArgumentError("the address of a service is empty");
  grpc::ChannelArguments arguments;
  arguments.SetMaxReceiveMessageSize(kMaxMessageBytes);
  arguments.SetMaxSendMessageSize(kMaxMessageBytes);
  arguments.SetLoadBalancingPolicyName("round_robin");
  // Servers allow a ping every 30 s; twice that never earns too_many_pings.
  arguments.SetInt(GRPC_ARG_KEEPALIVE_TIME_MS, 60'000);
  // Also the TCP_USER_TIMEOUT: a host that lost its power is noticed when what was sent to it has
  // not been acknowledged for so long. Cameras must not be unwatched for ten seconds.
  arguments.SetInt(GRPC_ARG_KEEPALIVE_TIMEOUT_MS, 5'000);
  arguments.SetInt(GRPC_ARG_INITIAL_RECONNECT_BACKOFF_MS, 100);
  arguments.SetInt(GRPC_ARG_MIN_RECONNECT_BACKOFF_MS, 100);
  arguments.SetInt(GRPC_ARG_MAX_RECONNECT_BACKOFF_MS, 2'000);
  // A name is asked for again when a connection breaks, but by default at most every 30 s. That
  // first answer still has the pod that just died and not the one that takes its place, so the
  // channel would do without the new one for half a minute. Two seconds is as long as a stage may
  // be missed, and little work for a name server: nobody asks while connections hold.
  arguments.SetInt(GRPC_ARG_DNS_MIN_TIME_BETWEEN_RESOLUTIONS_MS, 2'000);
  // Streams of one program to one target need not share a connection with another program's, but
  // a subchannel pool shared between channels would pin all cameras to one connection.
  arguments.SetInt(GRPC_ARG_USE_LOCAL_SUBCHANNEL_POOL, 1);
  AW_ASSIGN_OR_RETURN(const auto credentials, MakeChannelCredentials(tls));
  return grpc::CreateCustomChannel(target, credentials, arguments);
}

}  // namespace aislewatch
