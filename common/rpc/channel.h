// Channels to other services, all with the same keepalive, limits and balancing.
#pragma once

#include <grpcpp/channel.h>

#include <memory>
#include <string>

#include "absl/status/statusor.h"

namespace CLI {
class App;
}

namespace aislewatch {

/// Largest message in either direction, in bytes.
inline constexpr int kMaxMessageBytes = 16 * 1024 * 1024;

/// Certificates for TLS, as PEM files. All empty means plaintext.
struct TlsFiles {
  /// Certificates of the authorities to trust.
  std::string ca;
  /// Own certificate and key; on a client they make the TLS mutual.
  std::string certificate;
  std::string key;
  bool enabled() const { return !ca.empty() || !certificate.empty() || !key.empty(); }
};

/// Adds --PREFIXtls-ca, --PREFIXtls-certificate and --PREFIXtls-key for a program that dials
/// others.
void AddDialFlags(CLI::App& app, const std::string& prefix, TlsFiles& tls);

/// Reads a whole file. NOT_FOUND names the file.
absl::StatusOr<std::string> ReadFileToString(const std::string& path);

/// A channel to `target` (host:port, or dns:///name:port for a headless Service, balanced round
/// robin). Connects lazily. NOT_FOUND where a certificate cannot be read; INVALID_ARGUMENT without
/// an address, or where `tls` has a certificate without its key or without authorities to trust.
absl::StatusOr<std::shared_ptr<grpc::Channel>> MakeChannel(const std::string& target,
                                                           const TlsFiles& tls = {});

/// Keeps gRPC's callback threads alive until the process ends. gRPC 1.51 stops them with the last
/// user of the callback API and aborts (ref_counted.h, "prior > 0") where the next user comes at
/// that moment, as in a process that closes a channel and makes another. MakeChannel and ServerHost
/// call it. Idempotent.
void KeepCallbackThreads();

}  // namespace aislewatch
