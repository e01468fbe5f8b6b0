// Holds aislewatch.v1 to what was released: a client of an older release must understand a newer
// service, and the other way round, in protobuf's binary form and in JSON.
//
// aislewatch.v1.released.txt has a line for each method, field and enumeration value of the last
// release, with everything that the wire depends on. A line that is gone or changed fails; new ones
// are free. At a release:
//
//   AISLEWATCH_WRITE_CONTRACTS=1 build/release/tests/contracts_test

#include <google/protobuf/descriptor.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>
#include <set>
#include <string>

#include "absl/strings/str_cat.h"
#include "aislewatch/v1/access.pb.h"
#include "aislewatch/v1/attention.pb.h"
#include "aislewatch/v1/cameras.pb.h"
#include "aislewatch/v1/classification.pb.h"
#include "aislewatch/v1/events.pb.h"
#include "aislewatch/v1/fusion.pb.h"
#include "aislewatch/v1/ingest.pb.h"
#include "aislewatch/v1/pose.pb.h"
#include "aislewatch/v1/types.pb.h"
#include "aislewatch/v1/webhooks.pb.h"

namespace aislewatch {
namespace {

namespace pb = google::protobuf;

std::string TypeOf(const pb::FieldDescriptor& field) {
  if (field.message_type() != nullptr) return field.message_type()->full_name();
  if (field.enum_type() != nullptr) return field.enum_type()->full_name();
  return field.type_name();
}

void AddEnum(const pb::EnumDescriptor& type, std::set<std::string>& lines) {
  for (int i = 0; i < type.value_count(); ++i) {
    const pb::EnumValueDescriptor& value = *type.value(i);
    lines.insert(absl::StrCat("enum ", type.full_name(), " ", value.number(), " ", value.name()));
  }
}

void AddMessage(const pb::Descriptor& type, std::set<std::string>& lines) {
  for (int i = 0; i < type.field_count(); ++i) {
    const pb::FieldDescriptor& field = *type.field(i);
    const pb::OneofDescriptor* oneof = field.real_containing_oneof();
    lines.insert(absl::StrCat("message ", type.full_name(), " ", field.number(), " ", field.name(),
                              " ", field.is_repeated() ? "repeated " : "", TypeOf(field),
                              oneof != nullptr ? absl::StrCat(" of ", oneof->name()) : ""));
  }
  for (int i = 0; i < type.nested_type_count(); ++i) AddMessage(*type.nested_type(i), lines);
  for (int i = 0; i < type.enum_type_count(); ++i) AddEnum(*type.enum_type(i), lines);
}

void AddService(const pb::ServiceDescriptor& service, std::set<std::string>& lines) {
  for (int i = 0; i < service.method_count(); ++i) {
    const pb::MethodDescriptor& method = *service.method(i);
    lines.insert(absl::StrCat("method ", method.full_name(), " ",
                              method.client_streaming() ? "stream " : "",
                              method.input_type()->full_name(), " -> ",
                              method.server_streaming() ? "stream " : "",
                              method.output_type()->full_name()));
  }
}

std::set<std::string> Contracts() {
  std::set<std::string> lines;
  for (const pb::FileDescriptor* file :
       {v1::Principal::descriptor()->file(), v1::AttentionSum::descriptor()->file(),
        v1::Camera::descriptor()->file(),
        v1::PersonCrops::descriptor()->file(), v1::Evidence::descriptor()->file(),
        v1::FusionResult::descriptor()->file(), v1::FrameVerdict::descriptor()->file(),
        v1::PoseFrame::descriptor()->file(), v1::Incident::descriptor()->file(),
        v1::Webhook::descriptor()->file()}) {
    for (int i = 0; i < file->message_type_count(); ++i) AddMessage(*file->message_type(i), lines);
    for (int i = 0; i < file->enum_type_count(); ++i) AddEnum(*file->enum_type(i), lines);
    for (int i = 0; i < file->service_count(); ++i) AddService(*file->service(i), lines);
  }
  return lines;
}

TEST(Contracts, KeepWhatWasReleased) {
  const std::set<std::string> now = Contracts();
  if (std::getenv("AISLEWATCH_WRITE_CONTRACTS") != nullptr) {
    std::ofstream file(AISLEWATCH_CONTRACTS);
    for (const std::string& line : now) file << line << "\n";
    ASSERT_TRUE(file.flush());
    GTEST_SKIP() << "wrote " << AISLEWATCH_CONTRACTS;
  }
  std::ifstream file(AISLEWATCH_CONTRACTS);
  int released = 0;
  for (std::string line; std::getline(file, line); ++released) {
    EXPECT_EQ(now.count(line), 1u) << "was released and is gone or changed: " << line;
  }
  EXPECT_GT(released, 0) << "cannot read " << AISLEWATCH_CONTRACTS;
}

}  // namespace
}  // namespace aislewatch
