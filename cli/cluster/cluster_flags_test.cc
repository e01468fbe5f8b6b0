#include "cli/cluster/cluster_flags.h"

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace aislewatch {
namespace {

using ::testing::HasSubstr;

TEST(FindServiceTest, RefusesTlsFilesForAServiceThatIsNotNamed) {
  FindServiceFlags flags;
  flags.data_dir = testing::TempDir() + "/no-cluster";
  flags.tls.ca = "ca.pem";
  const auto channel = FindService("ingest", flags);
  EXPECT_EQ(channel.status().code(), absl::StatusCode::kInvalidArgument);
  EXPECT_THAT(channel.status().message(), HasSubstr("--ingest HOST:PORT"));
}

TEST(FindServiceTest, SaysHowToStartOrNameAClusterThatIsNotThere) {
  FindServiceFlags flags;
  flags.data_dir = testing::TempDir() + "/no-cluster";
  const auto channel = FindService("ingest", flags);
  EXPECT_EQ(channel.status().code(), absl::StatusCode::kNotFound);
  EXPECT_THAT(channel.status().message(), HasSubstr("aislewatch up"));
}

}  // namespace
}  // namespace aislewatch
