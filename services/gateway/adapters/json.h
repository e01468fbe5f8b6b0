// Between JSON, queries and our messages: protobuf's own mapping, no second schema.
//
// Stateless and thread-safe. Faults are INVALID_ARGUMENT and name the field.
#pragma once

#include <google/protobuf/message.h>

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "services/gateway/core/http_message.h"

namespace aislewatch::gateway {

/// With every primitive field, also those that have their default.
absl::StatusOr<std::string> ToJson(const google::protobuf::Message& message);

/// Replaces `message`. Unknown fields are faults.
absl::Status FromJson(absl::string_view json, google::protobuf::Message& message);

/// The fields that a query may set: scalars, enums, times and lists of them.
struct QueryField {
  /// Name in the query: lowerCamelCase.
  std::string name;
  /// From the request to the field.
  std::vector<const google::protobuf::FieldDescriptor*> path;
};

/// Those that `names`, such as "page_size" or "filter", name in `request`; a message stands for its
/// own fields. The names must exist.
std::vector<QueryField> QueryFieldsOf(const google::protobuf::Descriptor* request,
                                      const std::vector<std::string>& names);

/// Sets the fields that `query` names; one that is not among `fields` is a fault.
absl::Status ApplyQuery(const Fields& query, const std::vector<QueryField>& fields,
                        google::protobuf::Message& request);

/// Sets the string field at a dotted path, for example "camera.camera_id", which must exist.
void SetString(google::protobuf::Message& message, absl::string_view path,
               const std::string& value);
std::string GetString(const google::protobuf::Message& message, absl::string_view path);
/// The message field of that name, which must exist; the message itself for "".
google::protobuf::Message* MutableField(google::protobuf::Message& message, absl::string_view name);

}  // namespace aislewatch::gateway
