#include "services/gateway/http/openapi.h"

#include <memory>
#include <nlohmann/json.hpp>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "services/gateway/core/problem.h"
#include "services/gateway/http/api.h"

namespace aislewatch::gateway {
namespace {

using Json = nlohmann::ordered_json;
using google::protobuf::Descriptor;
using google::protobuf::EnumDescriptor;
using google::protobuf::FieldDescriptor;

Json Reference(absl::string_view name) {
  return {{"$ref", absl::StrCat("#/components/schemas/", name)}};
}

// Schemas of messages and enums, each made when it is first named.
class Schemas {
 public:
  Json Of(const Descriptor* message) {
    const std::string& name = message->full_name();
    if (name == "google.protobuf.Timestamp") return {{"type", "string"}, {"format", "date-time"}};
    if (name == "google.protobuf.Duration") return {{"type", "string"}, {"example", "1.5s"}};
    if (!schemas_.contains(message->name())) {
      schemas_[message->name()] = Json::object();  // So that a message within itself ends.
      Json properties = Json::object();
      for (int i = 0; i < message->field_count(); ++i) {
        properties[message->field(i)->json_name()] = Of(message->field(i));
      }
      schemas_[message->name()] = {{"type", "object"}, {"properties", std::move(properties)}};
    }
    return Reference(message->name());
  }

  Json Of(const FieldDescriptor* field) {
    if (field->is_repeated()) return {{"type", "array"}, {"items", OfOne(field)}};
    return OfOne(field);
  }

  Json Take() { return std::move(schemas_); }

 private:
  Json OfOne(const FieldDescriptor* field) {
    switch (field->cpp_type()) {
      case FieldDescriptor::CPPTYPE_BOOL:
        return {{"type", "boolean"}};
      case FieldDescriptor::CPPTYPE_INT32:
        return {{"type", "integer"}, {"format", "int32"}};
      case FieldDescriptor::CPPTYPE_UINT32:
        return {{"type", "integer"}, {"minimum", 0}};
      case FieldDescriptor::CPPTYPE_INT64:
        return {{"type", "string"}, {"format", "int64"}};
      case FieldDescriptor::CPPTYPE_UINT64:
        return {{"type", "string"}, {"format", "uint64"}};
      case FieldDescriptor::CPPTYPE_FLOAT:
        return {{"type", "number"}, {"format", "float"}};
      case FieldDescriptor::CPPTYPE_DOUBLE:
        return {{"type", "number"}, {"format", "double"}};
      case FieldDescriptor::CPPTYPE_ENUM:
        return Of(field->enum_type());
      case FieldDescriptor::CPPTYPE_MESSAGE:
        return Of(field->message_type());
      case FieldDescriptor::CPPTYPE_STRING:
        if (field->type() == FieldDescriptor::TYPE_BYTES) {
          return {{"type", "string"}, {"format", "byte"}};
        }
        return {{"type", "string"}};
    }
    return Json::object();
  }

  Json Of(const EnumDescriptor* type) {
    if (!schemas_.contains(type->name())) {
      Json values = Json::array();
      for (int i = 0; i < type->value_count(); ++i) values.push_back(type->value(i)->name());
      schemas_[type->name()] = {{"type", "string"}, {"enum", std::move(values)}};
    }
    return Reference(type->name());
  }

  Json schemas_ = Json::object();
};

Json Parameters(const Route& route, Schemas& schemas) {
  Json parameters = Json::array();
  for (const std::string& name : route.path.names()) {
    parameters.push_back(
        {{"name", name}, {"in", "path"}, {"required", true}, {"schema", {{"type", "string"}}}});
  }
  for (const QueryField& field : route.doc.query) {
    parameters.push_back(
        {{"name", field.name}, {"in", "query"}, {"schema", schemas.Of(field.path.back())}});
  }
  for (const ExtraParameter& extra : route.doc.extra) {
    parameters.push_back({{"name", extra.name},
                          {"in", "query"},
                          {"description", extra.description},
                          {"schema", Json::parse(extra.schema)}});
  }
  if (route.guard == Guard::kCaller && route.method != "GET") {
    parameters.push_back({{"name", kCsrfHeader},
                          {"in", "header"},
                          {"description", "Needed with the cookie; see GET /api/v1/session."},
                          {"schema", {{"type", "string"}}}});
  }
  return parameters;
}

Json Operation(const Route& route, Schemas& schemas) {
  const RouteDoc& doc = route.doc;
  Json operation = {{"summary", doc.summary}, {"tags", Json::array({doc.tag})}};
  // "get_api_v1_cameras_id".
  operation["operationId"] = absl::StrCat(
      absl::AsciiStrToLower(route.method),
      absl::StrReplaceAll(route.path.text(), {{"/", "_"}, {"{", ""}, {"}", ""}, {".", "_"}}));
  operation["parameters"] = Parameters(route, schemas);
  for (const Descriptor* message : doc.mentioned) schemas.Of(message);
  if (doc.body != nullptr) {
    operation["requestBody"] = {
        {"required", true},
        {"content", {{"application/json", {{"schema", schemas.Of(doc.body)}}}}}};
  }
  Json answer = {{"description", std::string(doc.success == 204 ? "Done" : "The answer")}};
  if (!doc.media_type.empty()) {
    Json schema = Json::object();
    if (doc.answer != nullptr) schema = schemas.Of(doc.answer);
    if (!doc.answer_schema.empty()) schema = Json::parse(doc.answer_schema);
    answer["content"] = {{doc.media_type, {{"schema", std::move(schema)}}}};
  }
  operation["responses"] = {{absl::StrCat(doc.success), std::move(answer)},
                            {"default", {{"$ref", "#/components/responses/Problem"}}}};
  if (route.guard != Guard::kCaller) operation["security"] = Json::array();
  return operation;
}

Json Components(Schemas& schemas) {
  Json all = schemas.Take();
  all["Problem"] = {{"type", "object"},
                    {"properties",
                     {{"type", {{"type", "string"}}},
                      {"title", {{"type", "string"}}},
                      {"status", {{"type", "integer"}}},
                      {"detail", {{"type", "string"}}}}}};
  return {{"schemas", std::move(all)},
          {"responses",
           {{"Problem",
             {{"description", "What is wrong, and what to do about it"},
              {"content", {{"application/problem+json", {{"schema", Reference("Problem")}}}}}}}}},
          {"securitySchemes",
           {{"session", {{"type", "apiKey"}, {"in", "cookie"}, {"name", kSessionCookie}}},
            {"token", {{"type", "http"}, {"scheme", "bearer"}}}}}};
}

}  // namespace

std::string OpenApi(const RouteTable& table) {
  Schemas schemas;
  Json paths = Json::object();
  for (const Route& route : table.routes()) {
    paths[route.path.text()][absl::AsciiStrToLower(route.method)] = Operation(route, schemas);
  }
  const Json document = {
      {"openapi", "3.0.3"},
      {"info", {{"title", "Aislewatch"}, {"version", AISLEWATCH_VERSION}}},
      {"servers", Json::array({{{"url", "/"}}})},
      {"security", Json::array({{{"session", Json::array()}}, {{"token", Json::array()}}})},
      {"paths", std::move(paths)},
      {"components", Components(schemas)}};
  return document.dump(1);
}

void AddOpenApiRoute(RouteTable& table) {
  const auto text = std::make_shared<std::string>();
  RouteDoc doc;
  doc.summary = "This document";
  doc.tag = "service";
  table.Add({"GET", PathTemplate(absl::StrCat(kApi, "/openapi.json")), Guard::kOpen, doc,
             [text](const Call&) {
               HttpResponse response;
               response.content_type = "application/json";
               response.headers.emplace_back("Cache-Control", "no-cache");
               response.body = *text;
               return response;
             }});
  *text = OpenApi(table);
}

}  // namespace aislewatch::gateway
