#include "common/process/child_process.h"

#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <sstream>
#include <thread>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace aislewatch {
namespace {

namespace fs = std::filesystem;
using ::testing::HasSubstr;

class ChildProcessTest : public ::testing::Test {
 protected:
  void SetUp() override {
    std::string pattern = (fs::temp_directory_path() / "aw-process-XXXXXX").string();
    ASSERT_NE(mkdtemp(pattern.data()), nullptr);
    folder_ = pattern;
  }
  void TearDown() override { fs::remove_all(folder_); }

  ChildProcess::Options Shell(const std::string& script) {
    ChildProcess::Options options;
    options.argv = {"sh", "-c", script};
    options.log_file = folder_ / "log";
    return options;
  }
  std::string Log() {
    std::ifstream file(folder_ / "log");
    std::stringstream text;
    text << file.rdbuf();
    return text.str();
  }

  fs::path folder_;
};

TEST_F(ChildProcessTest, TellsTheExitCode) {
  auto child = ChildProcess::Spawn(Shell("exit 7"));
  ASSERT_TRUE(child.ok()) << child.status();
  EXPECT_EQ((*child)->Wait()->code, 7);
  EXPECT_FALSE((*child)->running());
}

TEST_F(ChildProcessTest, GivesEnvironmentDirectoryAndLogFile) {
  auto options = Shell("echo \"$GREETING from $(pwd)\"; echo oops >&2");
  options.environment["GREETING"] = "hello";
  options.working_directory = folder_;
  auto child = ChildProcess::Spawn(options);
  ASSERT_TRUE(child.ok()) << child.status();
  ASSERT_TRUE((*child)->Wait()->ok());
  EXPECT_EQ(Log(), absl::StrCat("hello from ", fs::canonical(folder_).string(), "\noops\n"));
}

TEST_F(ChildProcessTest, StopsWithTheStopSignal) {
  auto options = Shell("exec sleep 1000");
  auto child = ChildProcess::Spawn(options);
  ASSERT_TRUE(child.ok()) << child.status();
  EXPECT_FALSE((*child)->Wait(absl::ZeroDuration()).has_value());
  EXPECT_EQ((*child)->Terminate(absl::Seconds(30)).signal, SIGTERM);
}

TEST_F(ChildProcessTest, KillsWhatIgnoresTheStopSignal) {
  auto options = Shell("exec sleep 1000");
  options.stop_signal = SIGCONT;  // Harmless: as good as ignored.
  auto child = ChildProcess::Spawn(options);
  ASSERT_TRUE(child.ok()) << child.status();
  EXPECT_EQ((*child)->Terminate(absl::Milliseconds(20)).signal, SIGKILL);
}

TEST_F(ChildProcessTest, NamesAProgramThatIsNotThere) {
  ChildProcess::Options options;
  options.argv = {"aislewatch-no-such-program"};
  const auto child = ChildProcess::Spawn(options);
  EXPECT_EQ(child.status().code(), absl::StatusCode::kNotFound);
  EXPECT_THAT(child.status().message(), HasSubstr("aislewatch-no-such-program"));
}

TEST_F(ChildProcessTest, NamesADirectoryThatIsNotThere) {
  auto options = Shell("true");
  options.working_directory = folder_ / "absent";
  const auto child = ChildProcess::Spawn(options);
  EXPECT_EQ(child.status().code(), absl::StatusCode::kNotFound);
  EXPECT_THAT(child.status().message(), HasSubstr("absent"));
}

TEST_F(ChildProcessTest, InheritsNeitherDescriptorsNorTheSignalMask) {
  const int leaked = dup(STDOUT_FILENO);
  sigset_t blocked, before;
  sigemptyset(&blocked);
  sigaddset(&blocked, SIGTERM);
  pthread_sigmask(SIG_BLOCK, &blocked, &before);
  auto child = ChildProcess::Spawn(Shell(
      absl::StrCat("test -e /proc/self/fd/", leaked, " && echo leaked; kill -TERM $$; exit 3")));
  pthread_sigmask(SIG_SETMASK, &before, nullptr);
  close(leaked);
  ASSERT_TRUE(child.ok()) << child.status();
  EXPECT_EQ((*child)->Wait()->signal, SIGTERM);
  EXPECT_EQ(Log(), "");
}

TEST_F(ChildProcessTest, OutlivesTheThreadThatStartedIt) {
  std::unique_ptr<ChildProcess> child;
  std::thread([&] { child = *ChildProcess::Spawn(Shell("exec sleep 1000")); }).join();
  // A death signal would come within microseconds of the thread's end.
  EXPECT_FALSE(child->Wait(absl::Milliseconds(50)).has_value());
  EXPECT_EQ(child->Kill().signal, SIGKILL);
}

// Not a test: what DiesWithItsParent runs as the process that starts a grandchild and is killed.
TEST_F(ChildProcessTest, DISABLED_HelperThatHoldsAGrandchild) {
  auto grandchild = ChildProcess::Spawn(Shell("exec sleep 1000 >\"$GRANDCHILD_PIPE\""));
  ASSERT_TRUE(grandchild.ok()) << grandchild.status();
  (*grandchild)->Wait();
}

TEST_F(ChildProcessTest, DiesWithItsParent) {
  const fs::path pipe = folder_ / "pipe";
  ASSERT_EQ(mkfifo(pipe.c_str(), 0600), 0);
  ChildProcess::Options options;
  options.argv = {fs::read_symlink("/proc/self/exe").string(),
                  "--gtest_filter=*DISABLED_HelperThatHoldsAGrandchild",
                  "--gtest_also_run_disabled_tests"};
  options.environment["GRANDCHILD_PIPE"] = pipe.string();
  auto parent = ChildProcess::Spawn(options);
  ASSERT_TRUE(parent.ok()) << parent.status();
  std::ifstream reader(pipe);  // Returns once the grandchild has opened its end.
  (*parent)->Kill();
  std::string rest;
  std::getline(reader, rest);  // Returns once nobody has the other end open any more.
  EXPECT_TRUE(reader.eof());
}

TEST(ExitStatus, SpeaksToPeople) {
  EXPECT_EQ((ExitStatus{.code = 2}).ToString(), "exited with code 2");
  EXPECT_EQ((ExitStatus{.code = -1, .signal = 9}).ToString(), "was killed by signal 9 (Killed)");
}

}  // namespace
}  // namespace aislewatch
