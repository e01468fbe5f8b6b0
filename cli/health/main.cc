// aislewatch-health: asks a service's plaintext health port whether it serves.
//
// For container engines, which know health checks as programs of the image: images have no shell and no
// grpcurl. Kubernetes asks by itself. A program of its own, since loading a whole service with its LibTorch
// for every check would cost more than some services do.

#include <CLI/CLI.hpp>
#include <cstdio>
#include <memory>
#include <string>

#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "common/config/flags.h"
#include "common/rpc/channel.h"
#include "common/rpc/health.h"

namespace {

absl::StatusOr<bool> Ask(const std::string& address, const std::string& service, absl::Duration timeout) {
  const absl::StatusOr<std::shared_ptr<grpc::Channel>> channel = aislewatch::MakeChannel(address);
  if (!channel.ok()) return channel.status();
  return aislewatch::IsServing(*channel, service, absl::Now() + timeout);
}

}  // namespace

int main(int argc, char** argv) {
  std::string address = "127.0.0.1:8080";
  std::string service = "readiness";
  absl::Duration timeout = absl::Seconds(3);
  CLI::App app("Ends with 0 where a service is SERVING, with 1 otherwise.", "aislewatch-health");
  app.add_option("address", address, "HOST:PORT of the service's --health-listen")->capture_default_str();
  app.add_option("--service", service, "readiness or liveness")->capture_default_str();
  aislewatch::AddDurationFlag(app, "--timeout", timeout, "Longest wait for the answer", absl::Milliseconds(1));
  CLI11_PARSE(app, argc, argv);

  const absl::StatusOr<bool> serving = Ask(address, service, timeout);
  const std::string answer = !serving.ok() ? serving.status().ToString() : *serving ? "SERVING" : "NOT_SERVING";
  std::printf("%s\n", answer.c_str());
  return serving.ok() && *serving ? 0 : 1;
}
