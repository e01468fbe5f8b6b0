// TLS from PEM files that may be replaced while they are used.
//
// gRPC reads the files again every two seconds, so a certificate is rotated without a restart: new
// connections take what lies there, open ones stay as they are. A file that cannot be read leaves
// what was read before. Replace a certificate and its key at once (Kubernetes does, by a symbolic
// link): while they do not belong together, new connections fail. Thread-safe.
#pragma once

#include <grpcpp/security/credentials.h>
#include <grpcpp/security/server_credentials.h>

#include <memory>
#include <string>

#include "absl/status/statusor.h"

namespace aislewatch {

/// Certificates for TLS, as PEM files. All empty means plaintext.
struct TlsFiles {
  /// Certificates of the authorities to trust.
  std::string ca;
  /// Own certificate and key; on a client they make the TLS mutual.
  std::string certificate;
  std::string key;
  bool enabled() const { return !ca.empty() || !certificate.empty() || !key.empty(); }
};

/// For servers. With `tls.ca`, clients must present a certificate that it signed. INVALID_ARGUMENT
/// without certificate or key, or where a file is not what it should be; it is named.
absl::StatusOr<std::shared_ptr<grpc::ServerCredentials>> MakeServerCredentials(const TlsFiles& tls);

/// For clients, who trust servers by `tls.ca` if the certificate is for the name that they dial.
/// INVALID_ARGUMENT without authorities, with half a pair, or where a file is not what it should
/// be.
absl::StatusOr<std::shared_ptr<grpc::ChannelCredentials>> MakeChannelCredentials(
    const TlsFiles& tls);

}  // namespace aislewatch
