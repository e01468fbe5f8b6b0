#include "services/events/core/fair_share.h"

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace aislewatch::events {
namespace {

using ::testing::ElementsAre;
using ::testing::Pair;

TEST(FairShares, DiffersByAtMostOne) {
  EXPECT_THAT(FairShares({{"a", 100}, {"b", 100}, {"c", 100}}, 10),
              ElementsAre(Pair("a", 4), Pair("b", 3), Pair("c", 3)));
}

TEST(FairShares, GivesWhatASmallHolderCannotTakeToTheOthers) {
  EXPECT_THAT(FairShares({{"a", 1}, {"b", 100}, {"c", 100}}, 9),
              ElementsAre(Pair("a", 1), Pair("b", 4), Pair("c", 4)));
}

TEST(FairShares, LeavesCamerasOverWhenAllAreFull) {
  EXPECT_THAT(FairShares({{"a", 2}, {"b", 0}}, 9), ElementsAre(Pair("a", 2), Pair("b", 0)));
}

TEST(FairShares, KnowsNobodyAndNothing) {
  EXPECT_TRUE(FairShares({}, 5).empty());
  EXPECT_THAT(FairShares({{"a", 3}}, 0), ElementsAre(Pair("a", 0)));
}

}  // namespace
}  // namespace aislewatch::events
