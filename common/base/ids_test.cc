#include "common/base/ids.h"

#include <set>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace aislewatch {
namespace {

TEST(Ids, UuidsAreVersionFourAndDiffer) {
  std::set<std::string> seen;
  for (int i = 0; i < 1000; ++i) {
    const std::string id = NewUuid();
    EXPECT_TRUE(IsUuid(id)) << id;
    EXPECT_EQ(id[14], '4') << id;
    EXPECT_THAT(std::string("89ab"), testing::HasSubstr(std::string(1, id[19]))) << id;
    EXPECT_TRUE(seen.insert(id).second) << id;
  }
}

TEST(Ids, RefusesWhatIsNoUuid) {
  EXPECT_FALSE(IsUuid(""));
  EXPECT_FALSE(IsUuid("00000000-0000-4000-8000-00000000000G"));
  EXPECT_FALSE(IsUuid("000000000000040008000000000000000000"));
}

TEST(Ids, NamesTheFieldAndTheRule) {
  EXPECT_TRUE(CheckId("aisle-3:north", "camera_id").ok());
  const absl::Status status = CheckId("../etc", "camera_id");
  EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument);
  EXPECT_THAT(std::string(status.message()), testing::HasSubstr("camera_id \"../etc\""));
  EXPECT_FALSE(CheckId("", "store_id").ok());
  EXPECT_FALSE(CheckId(std::string(129, 'a'), "store_id").ok());
}

}  // namespace
}  // namespace aislewatch
