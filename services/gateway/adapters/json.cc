#include "services/gateway/adapters/json.h"

#include <google/protobuf/descriptor.h>
#include <google/protobuf/timestamp.pb.h>
#include <google/protobuf/util/json_util.h>

#include <algorithm>
#include <cmath>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "common/base/status.h"
#include "common/rpc/convert.h"

namespace aislewatch::gateway {
namespace {

using google::protobuf::FieldDescriptor;
using google::protobuf::Message;

absl::Status WrongValue(absl::string_view name, absl::string_view text,
                        absl::string_view expected) {
  return absl::InvalidArgumentError(
      absl::StrCat(name, "=", text.substr(0, 64), " must be ", expected));
}

bool IsTime(const FieldDescriptor* field) {
  return field->cpp_type() == FieldDescriptor::CPPTYPE_MESSAGE &&
         field->message_type()->full_name() == "google.protobuf.Timestamp";
}

absl::Status SetTime(Message* message, const FieldDescriptor* field, absl::string_view name,
                     const std::string& text) {
  absl::Time time;
  std::string error;
  if (!absl::ParseTime(absl::RFC3339_full, text, &time, &error)) {
    return WrongValue(name, text, "a time such as 2026-01-02T03:04:05Z");
  }
  message->GetReflection()->MutableMessage(message, field)->CopyFrom(ToProto(time));
  return absl::OkStatus();
}

absl::Status SetEnum(Message* message, const FieldDescriptor* field, absl::string_view name,
                     const std::string& text) {
  const auto* value = field->enum_type()->FindValueByName(text);
  if (value == nullptr) {
    std::string names;
    for (int i = 0; i < field->enum_type()->value_count(); ++i) {
      absl::StrAppend(&names, i == 0 ? "" : ", ", field->enum_type()->value(i)->name());
    }
    return WrongValue(name, text, absl::StrCat("one of ", names));
  }
  if (field->is_repeated()) {
    message->GetReflection()->AddEnum(message, field, value);
  } else {
    message->GetReflection()->SetEnum(message, field, value);
  }
  return absl::OkStatus();
}

absl::Status SetField(Message* message, const FieldDescriptor* field, absl::string_view name,
                      const std::string& text) {
  const auto* reflection = message->GetReflection();
  if (IsTime(field)) return SetTime(message, field, name, text);
  switch (field->cpp_type()) {
    case FieldDescriptor::CPPTYPE_ENUM:
      return SetEnum(message, field, name, text);
    case FieldDescriptor::CPPTYPE_STRING:
      if (field->is_repeated()) {
        reflection->AddString(message, field, text);
      } else {
        reflection->SetString(message, field, text);
      }
      return absl::OkStatus();
    case FieldDescriptor::CPPTYPE_UINT32: {
      uint32_t value = 0;
      if (!absl::SimpleAtoi(text, &value)) return WrongValue(name, text, "a number, 0 or more");
      reflection->SetUInt32(message, field, value);
      return absl::OkStatus();
    }
    case FieldDescriptor::CPPTYPE_BOOL:
      if (text != "true" && text != "false") return WrongValue(name, text, "true or false");
      reflection->SetBool(message, field, text == "true");
      return absl::OkStatus();
    default:
      return absl::InvalidArgumentError(absl::StrCat(name, " cannot be given in a query"));
  }
}

}  // namespace

absl::StatusOr<std::string> ToJson(const Message& message) {
  google::protobuf::util::JsonPrintOptions options;
  options.always_print_primitive_fields = true;
  std::string json;
  const auto status = google::protobuf::util::MessageToJsonString(message, &json, options);
  if (!status.ok()) {
    return absl::InternalError(absl::StrCat(message.GetTypeName(), " cannot be written as JSON"));
  }
  return json;
}

absl::Status FromJson(absl::string_view json, Message& message) {
  message.Clear();
  const auto status = google::protobuf::util::JsonStringToMessage(
      {json.data(), json.size()}, &message, google::protobuf::util::JsonParseOptions());
  if (status.ok()) return absl::OkStatus();
  const auto why = status.message();
  return absl::InvalidArgumentError(absl::StrCat(
      "the body is not the JSON of ", message.GetDescriptor()->name(), ": ",
      absl::string_view(why.data(), why.size()), "; see /api/v1/openapi.json for its fields"));
}

std::vector<QueryField> QueryFieldsOf(const google::protobuf::Descriptor* request,
                                      const std::vector<std::string>& names) {
  std::vector<QueryField> fields;
  for (const std::string& name : names) {
    const FieldDescriptor* field = request->FindFieldByName(name);
    GOOGLE_CHECK(field != nullptr) << request->full_name() << " has no field " << name;
    if (field->cpp_type() != FieldDescriptor::CPPTYPE_MESSAGE || IsTime(field)) {
      fields.push_back({field->json_name(), {field}});
      continue;
    }
    for (int i = 0; i < field->message_type()->field_count(); ++i) {
      const FieldDescriptor* inner = field->message_type()->field(i);
      fields.push_back({inner->json_name(), {field, inner}});
    }
  }
  return fields;
}

absl::Status ApplyQuery(const Fields& query, const std::vector<QueryField>& fields,
                        Message& request) {
  std::vector<const QueryField*> seen;
  for (const auto& [name, text] : query) {
    const auto field = std::find_if(fields.begin(), fields.end(),
                                    [&name = name](const QueryField& f) { return f.name == name; });
    if (field == fields.end()) {
      return absl::InvalidArgumentError(
          absl::StrCat("the query has an unknown parameter ", name.substr(0, 64),
                       "; see /api/v1/openapi.json for those there are"));
    }
    const bool again = std::find(seen.begin(), seen.end(), &*field) != seen.end();
    if (again && !field->path.back()->is_repeated()) {
      return absl::InvalidArgumentError(absl::StrCat(name, " is given more than once"));
    }
    seen.push_back(&*field);
    if (text.empty()) continue;  // As if it were not there: what an empty form field sends.
    Message* message = &request;
    for (size_t i = 0; i + 1 < field->path.size(); ++i) {
      message = message->GetReflection()->MutableMessage(message, field->path[i]);
    }
    AW_RETURN_IF_ERROR(SetField(message, field->path.back(), name, text));
  }
  return absl::OkStatus();
}

Message* MutableField(Message& message, absl::string_view name) {
  if (name.empty()) return &message;
  const FieldDescriptor* field = message.GetDescriptor()->FindFieldByName(std::string(name));
  GOOGLE_CHECK(field != nullptr) << message.GetTypeName() << " has no field " << std::string(name);
  return message.GetReflection()->MutableMessage(&message, field);
}

void SetString(Message& message, absl::string_view path, const std::string& value) {
  Message* target = &message;
  const std::vector<std::string> names = absl::StrSplit(path, '.');
  for (size_t i = 0; i + 1 < names.size(); ++i) target = MutableField(*target, names[i]);
  const FieldDescriptor* field = target->GetDescriptor()->FindFieldByName(names.back());
  GOOGLE_CHECK(field != nullptr) << target->GetTypeName() << " has no field " << names.back();
  target->GetReflection()->SetString(target, field, value);
}

std::string GetString(const Message& message, absl::string_view path) {
  const Message* target = &message;
  const std::vector<std::string> names = absl::StrSplit(path, '.');
  for (size_t i = 0; i + 1 < names.size(); ++i) {
    const FieldDescriptor* field = target->GetDescriptor()->FindFieldByName(names[i]);
    target = &target->GetReflection()->GetMessage(*target, field);
  }
  return target->GetReflection()->GetString(*target,
                                            target->GetDescriptor()->FindFieldByName(names.back()));
}

}  // namespace aislewatch::gateway
