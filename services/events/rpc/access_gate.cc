#include "services/events/rpc/access_gate.h"

#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/string_view.h"
#include "common/base/status.h"
#include "services/events/core/access_rights.h"

namespace aislewatch::events {

std::optional<std::string> CredentialOf(const grpc::CallbackServerContext& context) {
  const auto [first, last] = context.client_metadata().equal_range("authorization");
  if (first == last) return std::nullopt;
  const absl::string_view value(first->second.data(), first->second.size());
  constexpr absl::string_view kScheme = "Bearer ";
  // Two of them could be read one way here and another way in front of us.
  if (std::next(first) != last || !absl::StartsWithIgnoreCase(value, kScheme)) return "";
  return std::string(value.substr(kScheme.size()));
}

AccessGate::Entry AccessGate::Enter(const grpc::CallbackServerContext& context,
                                    const char* method) {
  return [this, method, credential = CredentialOf(context)](bool use) -> absl::StatusOr<Principal> {
    const Right right = RightFor(method);
    if (right == Right::kOpen) return Principal();
    if (!credential.has_value()) {
      if (!require_credentials_ && right != Right::kIdentify) return Principal::Installation();
      return absl::UnauthenticatedError(
          "the call has no credential; log in, or send an API token as the metadata "
          "\"authorization: Bearer TOKEN\"");
    }
    AW_ASSIGN_OR_RETURN(Principal principal, access_.Authenticate(*credential, use));
    AW_RETURN_IF_ERROR(CheckRight(principal, method));
    return principal;
  };
}

absl::StatusOr<Principal> AccessGate::Identify(const grpc::CallbackServerContext& context) {
  const std::optional<std::string> credential = CredentialOf(context);
  if (credential.has_value()) return access_.Authenticate(*credential, /*use=*/false);
  if (!require_credentials_) return Principal::Installation();
  return absl::UnauthenticatedError("the call has no credential");
}

}  // namespace aislewatch::events
