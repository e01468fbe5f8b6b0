// Lets calls in: reads the credential from the metadata "authorization: Bearer CREDENTIAL", asks
// AccessControl whose it is, and holds the call to the role that its method needs.
//
// Every call of every service of event storage passes here: unary ones through BlockingCalls,
// streams with Enter. What a scope hides is up to core's scoped stores. Thread-safe; must outlive
// every call.
#pragma once

#include <grpcpp/server_context.h>

#include <functional>
#include <optional>
#include <string>

#include "absl/status/statusor.h"
#include "services/events/core/access_control.h"

namespace aislewatch::events {

/// The credential of a call; unset where it has none. An empty one is one that nobody has.
std::optional<std::string> CredentialOf(const grpc::CallbackServerContext& context);

class AccessGate {
 public:
  /// Who calls, or why the call is refused. Blocks on the database. `use` as for
  /// AccessControl::Authenticate. May be called again, to see whether the credential still holds.
  using Entry = std::function<absl::StatusOr<Principal>(bool use)>;

  /// `require_credentials`: without it a call without a credential is the installation's own.
  AccessGate(AccessControl& access, bool require_credentials)
      : access_(access), require_credentials_(require_credentials) {}

  /// For a call of `method`. UNAUTHENTICATED, PERMISSION_DENIED, UNAVAILABLE. Does not block and
  /// does not keep the context.
  Entry Enter(const grpc::CallbackServerContext& context, const char* method);

  /// Who calls, whatever it may do: for the audit log. Blocks as an Entry does.
  absl::StatusOr<Principal> Identify(const grpc::CallbackServerContext& context);

 private:
  AccessControl& access_;
  const bool require_credentials_;
};

}  // namespace aislewatch::events
