#include "common/rpc/server_host.h"

#include <grpcpp/client_context.h>
#include <grpcpp/generic/generic_stub.h>

#include <fstream>
#include <sstream>

#include "absl/synchronization/notification.h"
#include "absl/time/clock.h"
#include "common/rpc/health.h"
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

bool Serving(int port, const std::string& service) {
  auto channel = MakeChannel("127.0.0.1:" + std::to_string(port)).value();
  return IsServing(channel, service, absl::Now() + absl::Seconds(20)).value();
}

/// A Health/Watch that is open until its server ends it.
class OpenWatch : public grpc::ClientBidiReactor<grpc::ByteBuffer, grpc::ByteBuffer> {
 public:
  explicit OpenWatch(int port) : stub_(MakeChannel("127.0.0.1:" + std::to_string(port)).value()) {
    context_.set_wait_for_ready(true);
    stub_.PrepareBidiStreamingCall(&context_, "/grpc.health.v1.Health/Watch", grpc::StubOptions(),
                                   this);
    const grpc::Slice nothing("");
    request_ = grpc::ByteBuffer(&nothing, 1);
    StartRead(&answer_);
    StartWriteLast(&request_, grpc::WriteOptions());
    StartCall();
  }
  ~OpenWatch() override { done_.WaitForNotification(); }
  bool WaitForAnswer() { return answered_.WaitForNotificationWithTimeout(absl::Seconds(20)); }
  bool ended() const { return done_.HasBeenNotified(); }

 private:
  void OnReadDone(bool ok) override {
    if (!ok) return;
    if (!answered_.HasBeenNotified()) answered_.Notify();
    StartRead(&answer_);
  }
  void OnDone(const grpc::Status&) override { done_.Notify(); }

  grpc::GenericStub stub_;
  grpc::ClientContext context_;
  grpc::ByteBuffer request_;
  grpc::ByteBuffer answer_;
  absl::Notification answered_;
  absl::Notification done_;
};

TEST(ServerHost, EndsAlthoughSomebodyWatchesItsHealthPort) {
  auto host = ServerHost::Create(AnyPort()).value();
  ASSERT_TRUE(host->Start().ok());
  OpenWatch watch(host->health_port());
  ASSERT_TRUE(watch.WaitForAnswer());
  EXPECT_FALSE(watch.ended());
  const absl::Time begin = absl::Now();
  host->Shutdown(begin + absl::Minutes(1));
  EXPECT_LT(absl::Now() - begin, absl::Seconds(30));
}

TEST(ServerHost, LivesBeforeItIsReadyOnBothPorts) {
  auto host = ServerHost::Create(AnyPort()).value();
  ASSERT_TRUE(host->Start().ok());
  for (const int port : {host->port(), host->health_port()}) {
    EXPECT_TRUE(Serving(port, "liveness"));
    EXPECT_FALSE(Serving(port, "readiness"));
  }
  host->SetReady(true);
  for (const int port : {host->port(), host->health_port()}) {
    EXPECT_TRUE(Serving(port, "readiness"));
    EXPECT_TRUE(Serving(port, ""));
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
