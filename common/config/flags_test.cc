#include "common/config/flags.h"

#include <cstdlib>
#include <fstream>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace aislewatch {
namespace {

struct Parsed {
  absl::Duration wait = absl::Seconds(1);
  int size = 3;
  std::string error;
};

Parsed Parse(std::vector<std::string> args) {
  Parsed parsed;
  CLI::App app;
  AddDurationFlag(app, "--max-wait", parsed.wait, "How long", absl::Milliseconds(10));
  app.add_option("--size", parsed.size, "How many");
  AddFlagSources(app, "demo");
  std::reverse(args.begin(), args.end());
  try {
    app.parse(args);
  } catch (const CLI::Error& e) {
    parsed.error = e.what();
  }
  return parsed;
}

TEST(Flags, CommandLineBeatsFileBeatsEnvironmentBeatsDefault) {
  const std::string file = testing::TempDir() + "/flags.ini";
  std::ofstream(file) << "max-wait=5s\nsize=7\n";
  EXPECT_EQ(Parse({}).wait, absl::Seconds(1));
  EXPECT_EQ(Parse({"--flagfile", file}).wait, absl::Seconds(5));
  EXPECT_EQ(Parse({"--flagfile", file}).size, 7);
  setenv("AISLEWATCH_DEMO_MAX_WAIT", "250ms", 1);
  EXPECT_EQ(Parse({}).wait, absl::Milliseconds(250));
  EXPECT_EQ(Parse({"--flagfile", file}).wait, absl::Seconds(5));
  EXPECT_EQ(Parse({"--flagfile", file, "--max-wait", "2s"}).wait, absl::Seconds(2));
  unsetenv("AISLEWATCH_DEMO_MAX_WAIT");
}

TEST(Flags, NoVariableMakesAProgramSayItsVersionAndEnd) {
  CLI::App app;
  app.set_version_flag("--version", "demo 1");
  AddFlagSources(app, "demo");
  setenv("AISLEWATCH_DEMO_VERSION", "1.2.3", 1);
  EXPECT_NO_THROW(app.parse(std::vector<std::string>{}));
  unsetenv("AISLEWATCH_DEMO_VERSION");
}

TEST(Flags, SaysWhatADurationLooksLike) {
  EXPECT_THAT(Parse({"--max-wait", "5"}).error, testing::HasSubstr("write 250ms, 10s or 1m30s"));
  EXPECT_THAT(Parse({"--max-wait", "1ms"}).error, testing::HasSubstr("less than 10ms"));
}

}  // namespace
}  // namespace aislewatch
