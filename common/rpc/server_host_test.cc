#include "common/rpc/server_host.h"

#include <fstream>
#include <sstream>

#include <grpcpp/generic/generic_stub.h>
#include <grpcpp/impl/codegen/proto_utils.h>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace aislewatch {
namespace {

ServerOptions AnyPort() {
  ServerOptions options;
  options.listen = "127.0.0.1:0";
  options.metrics_listen.clear();
  options.health_listen = "127.0.0.1:0";
  return options;
}

// grpc.health.v1.Health/Check without its generated code: {1: service} in, {1: status} out.
std::string CheckHealth(int port, const std::string& service) {
  auto channel = MakeChannel("127.0.0.1:" + std::to_string(port)).value();
  grpc::GenericStub stub(channel);
  std::string request;
  if (!service.empty()) request = std::string("\x0a") + static_cast<char>(service.size()) + service;
  grpc::Slice slice(request);
  grpc::ByteBuffer in(&slice, 1), out;
  grpc::ClientContext context;
  context.set_wait_for_ready(true);
  absl::Mutex mutex;
  bool done = false;
  grpc::Status status;
  stub.UnaryCall(&context, "/grpc.health.v1.Health/Check", grpc::StubOptions(), &in, &out,
                 [&](grpc::Status s) {
                   absl::MutexLock lock(&mutex);
                   status = s;
                   done = true;
                 });
  absl::MutexLock lock(&mutex);
  mutex.Await(absl::Condition(&done));
  if (!status.ok()) return status.error_message();
  std::vector<grpc::Slice> slices;
  (void)out.Dump(&slices);
  std::string bytes;
  for (const auto& s : slices) bytes.append(reinterpret_cast<const char*>(s.begin()), s.size());
  if (bytes == std::string("\x08\x01")) return "SERVING";
  if (bytes == std::string("\x08\x02")) return "NOT_SERVING";
  return bytes;
}

TEST(ServerHost, LivesBeforeItIsReadyOnBothPorts) {
  auto host = ServerHost::Create(AnyPort()).value();
  ASSERT_TRUE(host->Start().ok());
  for (const int port : {host->port(), host->health_port()}) {
    EXPECT_EQ(CheckHealth(port, "liveness"), "SERVING");
    EXPECT_EQ(CheckHealth(port, "readiness"), "NOT_SERVING");
  }
  host->SetReady(true);
  for (const int port : {host->port(), host->health_port()}) {
    EXPECT_EQ(CheckHealth(port, "readiness"), "SERVING");
    EXPECT_EQ(CheckHealth(port, ""), "SERVING");
  }
}

TEST(ServerHost, SaysWhichFlagHelpsWhenAPortIsTaken) {
  auto first = ServerHost::Create(AnyPort()).value();
  ASSERT_TRUE(first->Start().ok());
  ServerOptions options = AnyPort();
  options.listen = "127.0.0.1:" + std::to_string(first->port());
  auto second = ServerHost::Create(options).value();
  EXPECT_THAT(std::string(second->Start().message()), testing::HasSubstr("--listen"));

  options = AnyPort();
  options.metrics_listen = "127.0.0.1:" + std::to_string(first->port());
  EXPECT_THAT(std::string(ServerHost::Create(options).status().message()),
              testing::HasSubstr("--metrics-listen"));
}

TEST(ServerHost, WritesItsPorts) {
  ServerOptions options = AnyPort();
  options.port_file = testing::TempDir() + "/ports";
  auto host = ServerHost::Create(options).value();
  ASSERT_TRUE(host->Start().ok());
  std::ifstream file(options.port_file);
  std::stringstream content;
  content << file.rdbuf();
  EXPECT_EQ(content.str(), "grpc=" + std::to_string(host->port()) + "\nmetrics=" +
                               std::to_string(host->metrics_port()) + "\nhealth=" +
                               std::to_string(host->health_port()) + "\n");
}

TEST(ServerHost, NamesTheCertificateItCannotRead) {
  ServerOptions options = AnyPort();
  options.tls.certificate = "/nowhere/cert.pem";
  options.tls.key = "/nowhere/key.pem";
  auto host = ServerHost::Create(options).value();
  EXPECT_THAT(std::string(host->Start().message()), testing::HasSubstr("/nowhere/key.pem"));
}

}  // namespace
}  // namespace aislewatch
