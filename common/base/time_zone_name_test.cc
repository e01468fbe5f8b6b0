#include "common/base/time_zone_name.h"

#include <string>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace aislewatch {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;

TEST(CheckTimeZoneName, TakesWhatTheDatabaseHas) {
  for (const char* name : {"UTC", "Europe/Berlin", "America/Argentina/Buenos_Aires",
                           "America/Port-au-Prince", "Etc/GMT+3"}) {
    EXPECT_TRUE(CheckTimeZoneName(name, "time_zone").ok()) << name;
  }
}

TEST(CheckTimeZoneName, SaysWhatToWriteInPlaceOfAnythingElse) {
  for (const std::string& name : {std::string(), std::string("Europe/Berlin'; DROP TABLE users"),
                                  std::string("../etc/passwd"), std::string("<CET>-1"),
                                  std::string("Europe Berlin"), std::string(65, 'a')}) {
    EXPECT_THAT(std::string(CheckTimeZoneName(name, "time_zone").message()),
                AllOf(HasSubstr("time_zone"), HasSubstr("Europe/Berlin")))
        << name;
  }
}

}  // namespace
}  // namespace aislewatch
