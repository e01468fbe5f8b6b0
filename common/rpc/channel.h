// Channels to other services, all with the same keepalive, limits and balancing.
#pragma once

#include <grpcpp/channel.h>

#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "common/rpc/tls.h"

namespace CLI {
class App;
}

namespace aislewatch {

/// Largest message in either direction, in bytes.
inline constexpr int kMaxMessageBytes = 16 * 1024 * 1024;

/// Adds --PREFIXtls-ca, --PREFIXtls-certificate and --PREFIXtls-key for a program that dials
/// others.
void AddDialFlags(CLI::App& app, const std::string& prefix, TlsFiles& tls);

/// A channel to `target` (host:port, or dns:///name:port for a headless Service, balanced round
/// robin). Connects lazily. INVALID_ARGUMENT without an address and where MakeChannelCredentials
/// says so.
absl::StatusOr<std::shared_ptr<grpc::Channel>> MakeChannel(const std::string& target,
                                                           const TlsFiles& tls = {});

/// The same to an address that was found by a name: the certificate must be for `server_name`.
absl::StatusOr<std::shared_ptr<grpc::Channel>> MakeChannelByName(const std::string& target,
                                                                 const TlsFiles& tls,
                                                                 const std::string& server_name);

/// Keeps gRPC's callback threads alive until the process ends. gRPC 1.51 stops them with the last
/// user of the callback API and aborts (ref_counted.h, "prior > 0") where the next user comes at
/// that moment, as in a process that closes a channel and makes another. MakeChannel and ServerHost
/// call it. Idempotent.
void KeepCallbackThreads();

}  // namespace aislewatch
