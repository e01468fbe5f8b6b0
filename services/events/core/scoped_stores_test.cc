#include "services/events/core/scoped_stores.h"

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace aislewatch::events {
namespace {

using ::testing::ElementsAre;

using Ids = std::vector<std::string>;

TEST(ScopeTest, EmptyListsMeanEverything) {
  EXPECT_TRUE(Scope{}.Covers("store-1", "camera-1"));
  EXPECT_TRUE((Scope{{"store-1"}, {}}).Covers("store-1", "camera-1"));
  EXPECT_FALSE((Scope{{"store-2"}, {}}).Covers("store-1", "camera-1"));
  EXPECT_FALSE((Scope{{"store-1"}, {"camera-2"}}).Covers("store-1", "camera-1"));
  EXPECT_TRUE((Scope{{}, {"camera-1"}}).Covers("store-1", "camera-1"));
}

TEST(ScopeTest, AnEmptyIntersectionIsNothingAndNotEverything) {
  EXPECT_EQ(Intersect(Ids{"a"}, Ids{"b"}), std::nullopt);
  EXPECT_EQ(Intersect(Ids{}, Ids{"b"}), Ids{"b"});
  EXPECT_EQ(Intersect(Ids{"a"}, Ids{}), Ids{"a"});
  EXPECT_EQ(Intersect(Ids{}, Ids{}), Ids{});
  EXPECT_EQ(Intersect(Ids{"a", "b", "c"}, Ids{"c", "a"}), (Ids{"a", "c"}));
  IncidentFilter filter;
  filter.store_ids = {"store-1"};
  EXPECT_FALSE(Intersect(filter, Scope{{"store-2"}, {}}).has_value());
  filter.store_ids.clear();
  filter.state = IncidentState::kOpen;
  const auto both = Intersect(filter, Scope{{"store-2"}, {"camera-2"}});
  ASSERT_TRUE(both.has_value());
  EXPECT_THAT(both->store_ids, ElementsAre("store-2"));
  EXPECT_THAT(both->camera_ids, ElementsAre("camera-2"));
  EXPECT_EQ(both->state, IncidentState::kOpen);
}

}  // namespace
}  // namespace aislewatch::events
