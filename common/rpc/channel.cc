#include "common/rpc/channel.h"

#include <grpcpp/client_context.h>
#include <grpcpp/create_channel.h>
#include <grpcpp/generic/generic_stub.h>
#include <grpcpp/security/credentials.h>
#include <grpcpp/support/channel_arguments.h>
#include <grpcpp/support/client_interceptor.h>

#include <CLI/CLI.hpp>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/synchronization/notification.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "common/base/status.h"
#include "common/rpc/credential.h"

namespace aislewatch {
namespace {

// Adds the credential to what a call sends first.
class CredentialInterceptor final : public grpc::experimental::Interceptor {
 public:
  explicit CredentialInterceptor(const CredentialSource& source) : source_(source) {}

  void Intercept(grpc::experimental::InterceptorBatchMethods* methods) override {
    using grpc::experimental::InterceptionHookPoints;
    if (methods->QueryInterceptionHookPoint(InterceptionHookPoints::PRE_SEND_INITIAL_METADATA)) {
      auto* metadata = methods->GetSendInitialMetadata();
      const std::string credential = source_();
      if (!credential.empty() && metadata->count("authorization") == 0) {
        metadata->emplace("authorization", absl::StrCat("Bearer ", credential));
      }
    }
    methods->Proceed();
  }

 private:
  const CredentialSource& source_;
};

class CredentialInterceptors final : public grpc::experimental::ClientInterceptorFactoryInterface {
 public:
  explicit CredentialInterceptors(CredentialSource source) : source_(std::move(source)) {}

  grpc::experimental::Interceptor* CreateClientInterceptor(
      grpc::experimental::ClientRpcInfo*) override {
    return new CredentialInterceptor(source_);
  }

 private:
  const CredentialSource source_;  // Lives as long as the channel, and so longer than its calls.
};

absl::StatusOr<std::shared_ptr<grpc::Channel>> OpenChannel(const std::string& target,
                                                           const TlsFiles& tls,
                                                           CredentialSource credential,
                                                           const std::string& server_name) {
  KeepCallbackThreads();
  if (target.empty()) return absl::InvalidArgumentError("the address of a service is empty");
  grpc::ChannelArguments arguments;
  arguments.SetMaxReceiveMessageSize(kMaxMessageBytes);
  arguments.SetMaxSendMessageSize(kMaxMessageBytes);
  arguments.SetLoadBalancingPolicyName("round_robin");
  // Also the TCP_USER_TIMEOUT: a host that lost its power is noticed when what was sent to it has
  // not been acknowledged for so long. Cameras must not be unwatched for ten seconds.
  arguments.SetInt(GRPC_ARG_KEEPALIVE_TIMEOUT_MS, 5'000);
  // Who only listens, as consoles do to incidents, sends nothing that could go unacknowledged. So
  // ask after so long a silence, for as long as it lasts (gRPC would ask twice). Servers allow it
  // twice as often.
  arguments.SetInt(GRPC_ARG_KEEPALIVE_TIME_MS, 5'000);
  arguments.SetInt(GRPC_ARG_HTTP2_MAX_PINGS_WITHOUT_DATA, 0);
  arguments.SetInt(GRPC_ARG_INITIAL_RECONNECT_BACKOFF_MS, 100);
  arguments.SetInt(GRPC_ARG_MAX_RECONNECT_BACKOFF_MS, 2'000);
  // In spite of its name, how long a connection may take until the server has greeted, TLS and all:
  // long enough for one that is busy, and a host that is gone is not waited for for 20 s.
  arguments.SetInt(GRPC_ARG_MIN_RECONNECT_BACKOFF_MS, 2'000);
  // A name is asked for again when a connection breaks, but by default at most every 30 s. That
  // first answer still has the pod that just died and not the one that takes its place, so the
  // channel would do without the new one for half a minute. Two seconds is as long as a stage may
  // be missed, and little work for a name server: nobody asks while connections hold.
  arguments.SetInt(GRPC_ARG_DNS_MIN_TIME_BETWEEN_RESOLUTIONS_MS, 2'000);
  // Streams of one program to one target need not share a connection with another program's, but
  // a subchannel pool shared between channels would pin all cameras to one connection.
  arguments.SetInt(GRPC_ARG_USE_LOCAL_SUBCHANNEL_POOL, 1);
  if (!server_name.empty()) arguments.SetString(GRPC_ARG_DEFAULT_AUTHORITY, server_name);
  AW_ASSIGN_OR_RETURN(const auto credentials, MakeChannelCredentials(tls));
  if (credential == nullptr) return grpc::CreateCustomChannel(target, credentials, arguments);
  std::vector<std::unique_ptr<grpc::experimental::ClientInterceptorFactoryInterface>> interceptors;
  interceptors.push_back(std::make_unique<CredentialInterceptors>(std::move(credential)));
  return grpc::experimental::CreateCustomChannelWithInterceptors(target, credentials, arguments,
                                                                 std::move(interceptors));
}

}  // namespace

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
  return OpenChannel(target, tls, nullptr, "");
}

absl::StatusOr<std::shared_ptr<grpc::Channel>> MakeChannel(const std::string& target,
                                                           const TlsFiles& tls,
                                                           CredentialSource credential) {
  return OpenChannel(target, tls, std::move(credential), "");
}

absl::StatusOr<std::shared_ptr<grpc::Channel>> MakeChannelByName(const std::string& target,
                                                                 const TlsFiles& tls,
                                                                 const std::string& server_name) {
  return OpenChannel(target, tls, nullptr, server_name);
}

}  // namespace aislewatch
