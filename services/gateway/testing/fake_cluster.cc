// gateway_fake_cluster: the real gateway before services in memory, for tests by clients that we
// did not write.
//
// Arguments are the gateway's own, beyond addresses. Prints "http PORT" when it serves; then does
// what lines on the standard input say, and answers each with one line: emit, watchers,
// live-watchers, previews, end-sessions, stop-services, start-services, drain. Ends with its
// standard input.
#include <grpcpp/server_builder.h>

#include <CLI/CLI.hpp>
#include <cstdio>
#include <iostream>
#include <iterator>
#include <memory>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "common/base/log.h"
#include "common/rpc/server_host.h"
#include "services/gateway/app.h"
#include "services/gateway/testing/fake_services.h"

namespace aislewatch::gateway {
namespace {

// Event storage and two replicas of ingest, of which the second runs camera c1.
class FakeCluster {
 public:
  FakeCluster() { Start(); }
  ~FakeCluster() { Stop(); }

  void Start() {
    events_ = std::make_unique<FakeEvents>(principals_);
    second_ = std::make_unique<FakeIngest>("c1");
    storage_server_ =
        Serve({events_.get(), &access_, &cameras_, &webhooks_, &attention_}, storage_port_);
    first_server_ = Serve({&first_}, first_port_);
    second_server_ = Serve({second_.get()}, second_port_);
  }
  void Stop() {
    if (events_ != nullptr) events_->Stop();
    if (second_ != nullptr) second_->Stop();
    for (auto* server : {&storage_server_, &first_server_, &second_server_}) {
      if (*server == nullptr) continue;
      (*server)->Shutdown(absl::ToChronoTime(absl::Now() + absl::Seconds(1)));
      (*server)->Wait();
      server->reset();
    }
  }

  std::string Do(const std::string& command) {
    if (command == "emit") events_->Emit();
    if (command == "watchers") return absl::StrCat(events_->watchers());
    if (command == "previews") return absl::StrCat(second_->previews());
    if (command == "live-watchers") return absl::StrCat(second_->watchers());
    if (command == "end-sessions") principals_.EndSessions();
    if (command == "stop-services") Stop();
    if (command == "start-services") Start();
    return "ok";
  }
  std::string events() const { return absl::StrCat("127.0.0.1:", storage_port_); }
  std::string ingest() const {
    return absl::StrCat("127.0.0.1:", first_port_, ",127.0.0.1:", second_port_);
  }

 private:
  static std::unique_ptr<grpc::Server> Serve(const std::vector<grpc::Service*>& services,
                                             int& port) {
    grpc::EnableDefaultHealthCheckService(true);
    grpc::ServerBuilder builder;
    builder.AddListeningPort(absl::StrCat("127.0.0.1:", port), grpc::InsecureServerCredentials(),
                             &port);
    for (grpc::Service* service : services) builder.RegisterService(service);
    auto server = builder.BuildAndStart();
    server->GetHealthCheckService()->SetServingStatus("readiness", true);
    return server;
  }

  FakePrincipals principals_;
  FakeAccess access_{principals_};
  FakeCameras cameras_{principals_};
  FakeAttention attention_{principals_};
  v1::WebhookService::Service webhooks_;  // UNIMPLEMENTED throughout.
  FakeIngest first_{""};
  std::unique_ptr<FakeEvents> events_;
  std::unique_ptr<FakeIngest> second_;
  std::unique_ptr<grpc::Server> storage_server_, first_server_, second_server_;
  int storage_port_ = 0, first_port_ = 0, second_port_ = 0;
};

int Fail(const absl::Status& status) {
  std::fprintf(stderr, "%s\n", std::string(status.message()).c_str());
  return 1;
}

int Run(int argc, char** argv) {
  KeepCallbackThreads();
  FakeCluster cluster;
  // CLI11 takes a vector from its end.
  std::vector<std::string> arguments(std::reverse_iterator(argv + argc),
                                     std::reverse_iterator(argv + 1));
  arguments.push_back("--events=" + cluster.events());
  arguments.push_back("--ingest=" + cluster.ingest());
  GatewayApp app;
  ServerOptions options;
  CLI::App flags;
  app.AddFlags(flags, options);
  try {
    flags.parse(arguments);
  } catch (const CLI::ParseError& error) {
    return flags.exit(error);
  }
  options.listen = "127.0.0.1:0";
  options.metrics_listen = "127.0.0.1:0";
  InitLogging("gateway", "warn");
  if (const auto prepared = app.Prepare(); !prepared.ok()) return Fail(prepared.status());
  auto host = ServerHost::Create(options);
  if (!host.ok()) return Fail(host.status());
  absl::Status status = app.Init(**host);
  if (status.ok()) status = (*host)->Start();
  if (!status.ok()) return Fail(status);
  app.Started(**host);
  std::cout << "http " << app.http_port() << " metrics " << (*host)->metrics_port() << std::endl;
  for (std::string line; std::getline(std::cin, line);) {
    if (line == "drain") app.Drain(absl::Now() + absl::Seconds(5));
    std::cout << cluster.Do(line) << std::endl;
  }
  app.Drain(absl::Now() + absl::Seconds(5));
  (*host)->Shutdown(absl::Now() + absl::Seconds(1));
  app.Stop();
  return 0;
}

}  // namespace
}  // namespace aislewatch::gateway

int main(int argc, char** argv) { return aislewatch::gateway::Run(argc, argv); }
