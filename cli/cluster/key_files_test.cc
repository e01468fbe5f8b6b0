#include "cli/cluster/key_files.h"

#include <sys/stat.h>

#include <cstdio>
#include <fstream>
#include <iterator>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace aislewatch {
namespace {

struct KeyKind {
  const char* name;
  absl::Status (*ensure)(const std::string&);
  const char* pattern;
};

class KeyFilesTest : public testing::TestWithParam<KeyKind> {};

std::string ReadKeyFile(const std::string& path) {
  std::ifstream file(path);
  return {std::istreambuf_iterator<char>(file), {}};
}

TEST_P(KeyFilesTest, AKeyIsMadeOnceAndForItsOwnerAlone) {
  const std::string path = testing::TempDir() + "/" + GetParam().name;
  std::remove(path.c_str());
  ASSERT_TRUE(GetParam().ensure(path).ok());
  struct stat status = {};
  ASSERT_EQ(stat(path.c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 0777, 0600u);
  const std::string key = ReadKeyFile(path);
  EXPECT_THAT(key, testing::ContainsRegex(GetParam().pattern));
  ASSERT_TRUE(GetParam().ensure(path).ok());
  EXPECT_EQ(ReadKeyFile(path), key);
}

TEST_P(KeyFilesTest, SaysWhereItCannotBeWritten) {
  const absl::Status status = GetParam().ensure("/proc/nowhere/a.key");
  EXPECT_THAT(std::string(status.message()), testing::HasSubstr("/proc/nowhere"));
}

INSTANTIATE_TEST_SUITE_P(
    Kinds, KeyFilesTest,
    testing::Values(KeyKind{"secrets", EnsureSecretsKey, "\nk1 [A-Za-z0-9_-]{43}\n"},
                    KeyKind{"site", EnsureSiteKey,
                            "^-----BEGIN PRIVATE KEY-----\n[A-Za-z0-9+/=]{64}\n"}),
    [](const auto& info) { return info.param.name; });

}  // namespace
}  // namespace aislewatch
