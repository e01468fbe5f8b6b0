#include "cli/cluster/secrets_key.h"

#include <sys/stat.h>

#include <cstdio>
#include <fstream>
#include <iterator>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace aislewatch {
namespace {

std::string ReadKeyFile(const std::string& path) {
  std::ifstream file(path);
  return {std::istreambuf_iterator<char>(file), {}};
}

TEST(SecretsKey, IsMadeOnceAndForItsOwnerAlone) {
  const std::string path = testing::TempDir() + "/secrets.key";
  std::remove(path.c_str());
  ASSERT_TRUE(EnsureSecretsKey(path).ok());
  struct stat status = {};
  ASSERT_EQ(stat(path.c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 0777, 0600u);
  const std::string key = ReadKeyFile(path);
  EXPECT_THAT(key, testing::ContainsRegex("\nk1 [A-Za-z0-9_-]{43}\n"));
  ASSERT_TRUE(EnsureSecretsKey(path).ok());
  EXPECT_EQ(ReadKeyFile(path), key);
}

TEST(SecretsKey, SaysWhereItCannotBeWritten) {
  const absl::Status status = EnsureSecretsKey("/proc/nowhere/secrets.key");
  EXPECT_THAT(std::string(status.message()), testing::HasSubstr("/proc/nowhere"));
}

}  // namespace
}  // namespace aislewatch
