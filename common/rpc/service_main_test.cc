#include "common/rpc/service_main.h"

#include <CLI/CLI.hpp>
#include <string>

#include "absl/status/status.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace aislewatch {
namespace {

class DemoApp : public ServiceApp {
 public:
  absl::string_view name() const override { return "demo"; }
  absl::string_view description() const override { return "Shows something."; }
  // A flag that must be given, which --version goes without.
  void AddFlags(CLI::App& app, ServerOptions&) override {
    app.add_option("--database", database_, "Where")->required();
  }
  absl::Status Init(ServerHost&) override { return absl::InternalError("must not be run"); }
  void Drain(absl::Time) override {}

 private:
  std::string database_;
};

TEST(RunService, SaysItsVersion) {
  DemoApp app;
  std::string program = "aislewatch-demo";
  std::string flag = "--version";
  char* arguments[] = {program.data(), flag.data(), nullptr};
  testing::internal::CaptureStdout();
  EXPECT_EQ(RunService(app, 2, arguments), 0);
  EXPECT_EQ(testing::internal::GetCapturedStdout(), "aislewatch-demo " AISLEWATCH_VERSION "\n");
}

TEST(ExportProcess, SaysWhatRunsAndSinceWhen) {
  FakeMetrics metrics;
  ExportProcess("demo", absl::FromUnixMillis(1700000000500), metrics);
  EXPECT_EQ(metrics.Value("aislewatch_demo_build_info", {{"version", AISLEWATCH_VERSION}}), 1);
  EXPECT_EQ(metrics.Value("process_start_time_seconds"), 1700000000.5);
}

}  // namespace
}  // namespace aislewatch
