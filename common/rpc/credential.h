// Channels whose calls carry a credential: the metadata "authorization: Bearer CREDENTIAL" that
// event storage asks for (proto/aislewatch/v1/access.proto).
//
// gRPC's own call credentials need TLS; these go over plaintext, too, where the network is trusted.
// Sources are thread-safe and are called for each call, on its thread.
#pragma once

#include <grpcpp/channel.h>

#include <functional>
#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "common/rpc/tls.h"

namespace aislewatch {

/// Gives the credential for a call; an empty one sends none.
using CredentialSource = std::function<std::string()>;

/// Always the same.
CredentialSource FixedCredential(std::string credential);

/// The first line of a file, read again every few seconds, so that a token is rotated without a
/// restart; a file that cannot be read leaves what was read before. INVALID_ARGUMENT where the file
/// cannot be read now, or its first line is no credential.
absl::StatusOr<CredentialSource> CredentialFromFile(const std::string& path);

/// As MakeChannel of channel.h; `credential` may be null. A call that brings an authorization of
/// its own keeps it.
absl::StatusOr<std::shared_ptr<grpc::Channel>> MakeChannel(const std::string& target,
                                                           const TlsFiles& tls,
                                                           CredentialSource credential);

}  // namespace aislewatch
