#include "services/gateway/http/unary_route.h"

namespace aislewatch::gateway {

absl::Status FillRequest(const UnarySpec& spec, const std::vector<QueryField>& query,
                         const Call& call, google::protobuf::Message& message) {
  if (spec.body) {
    if (call.request.body.empty()) {
      return absl::InvalidArgumentError(
          "the body is empty; send JSON with Content-Type: application/json");
    }
    AW_RETURN_IF_ERROR(FromJson(call.request.body, *MutableField(message, *spec.body)));
  } else if (!call.request.body.empty() && call.request.body != "{}") {
    return absl::InvalidArgumentError("this request takes no body");
  }
  for (const auto& [name, field] : spec.params) {
    const std::string& value = call.params.at(name);
    const std::string given = GetString(message, field);
    if (!given.empty() && given != value) {
      return absl::InvalidArgumentError(
          absl::StrCat("the body names ", given, " and the address ", value,
                       "; leave it out of the body, or make them the same"));
    }
    SetString(message, field, value);
  }
  AW_RETURN_IF_ERROR(ApplyQuery(call.request.query, query, message));
  return spec.amend ? spec.amend(call, message) : absl::OkStatus();
}

}  // namespace aislewatch::gateway
