#include "common/base/atomic_write.h"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <filesystem>
#include <fstream>
#include <iterator>

namespace aislewatch {
namespace {

namespace fs = std::filesystem;

class AtomicWriteTest : public testing::Test {
 protected:
  AtomicWriteTest() { fs::create_directories(folder_); }
  ~AtomicWriteTest() override { fs::remove_all(folder_); }

  static std::string Read(const fs::path& path) {
    std::ifstream file(path);
    return {std::istreambuf_iterator<char>(file), {}};
  }
  size_t Files() const {
    return static_cast<size_t>(
        std::distance(fs::directory_iterator(folder_), fs::directory_iterator()));
  }

  const fs::path folder_ = fs::path(testing::TempDir()) / "atomic_write_test";
};

TEST_F(AtomicWriteTest, ReplacesTheFileAndLeavesNoOther) {
  const fs::path path = folder_ / "report.json";
  ASSERT_TRUE(WriteFileAtomically(path, "old and long").ok());
  ASSERT_TRUE(WriteFileAtomically(path, "new").ok());
  EXPECT_EQ(Read(path), "new");
  EXPECT_EQ(Files(), 1u);
}

TEST_F(AtomicWriteTest, PermissionsAreThoseAskedForWhateverTheUmask) {
  const mode_t before = umask(0077);
  EXPECT_TRUE(WriteFileAtomically(folder_ / "open", "x").ok());
  umask(0);
  EXPECT_TRUE(WriteFileAtomically(folder_ / "private", "x", kPrivateFile).ok());
  umask(before);
  EXPECT_EQ(fs::status(folder_ / "open").permissions(), static_cast<fs::perms>(0644));
  EXPECT_EQ(fs::status(folder_ / "private").permissions(), static_cast<fs::perms>(0600));
}

TEST_F(AtomicWriteTest, AFailureNamesThePathAndLeavesWhatWasThere) {
  const fs::path folder = folder_ / "taken";
  fs::create_directories(folder / "inside");
  const absl::Status status = WriteFileAtomically(folder, "x");
  EXPECT_NE(status.message().find(folder.string()), absl::string_view::npos) << status;
  EXPECT_TRUE(fs::exists(folder / "inside"));
  EXPECT_EQ(Files(), 1u);
  EXPECT_FALSE(WriteFileAtomically(folder_ / "missing" / "file", "x").ok());
}

}  // namespace
}  // namespace aislewatch
