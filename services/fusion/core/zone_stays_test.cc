#include "services/fusion/core/zone_stays.h"

#include <limits>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "services/fusion/testing/stream_driver.h"

namespace aislewatch::fusion {
namespace {

using ::testing::IsEmpty;
using ::testing::SizeIs;

class ZoneStaysTest : public ::testing::Test {
 protected:
  void Step(NormalizedPoint foot, absl::Duration by = absl::Milliseconds(100)) {
    now_ += by;
    stays_.Update(zones_, foot, now_);
  }

  const std::vector<Zone> zones_ = {Rectangle("left", ZoneKind::kShelf, 0, 0, 0.5f, 1),
                                    Rectangle("low", ZoneKind::kExit, 0, 0.5f, 1, 1)};
  absl::Time now_ = absl::UnixEpoch();
  ZoneStays stays_;
};

TEST_F(ZoneStaysTest, CountsTheTimeInEachZone) {
  EXPECT_THAT(stays_.Stays(), IsEmpty());
  Step({0.2f, 0.2f});
  Step({0.2f, 0.7f}, absl::Seconds(2));
  Step({0.2f, 0.7f}, absl::Seconds(3));
  ASSERT_THAT(stays_.Stays(), SizeIs(2));
  EXPECT_EQ(stays_.Stays()[0].dwell, absl::Seconds(5));
  EXPECT_EQ(stays_.Stays()[1].dwell, absl::Seconds(3));
  EXPECT_EQ(stays_.Stays()[1].zone, 1u);
}

TEST_F(ZoneStaysTest, TremblingAtTheEdgeIsOneStay) {
  Step({0.49f, 0.2f});
  for (int i = 0; i < 50; ++i) Step({i % 2 == 0 ? 0.51f : 0.49f, 0.2f});
  ASSERT_THAT(stays_.Stays(), SizeIs(1));
  EXPECT_EQ(stays_.Stays()[0].visit, 1u);
  EXPECT_EQ(stays_.Stays()[0].dwell, absl::Seconds(5));
}

TEST_F(ZoneStaysTest, StandingJustOutsideEndsTheStayAfterASecond) {
  Step({0.49f, 0.2f});
  for (int i = 0; i < 10; ++i) Step({0.51f, 0.2f});
  EXPECT_THAT(stays_.Stays(), SizeIs(1));
  Step({0.51f, 0.2f});
  EXPECT_THAT(stays_.Stays(), IsEmpty());
}

TEST_F(ZoneStaysTest, SteppingClearlyOutEndsTheStayAndReturningBeginsAnother) {
  Step({0.4f, 0.2f});
  Step({0.6f, 0.2f});
  EXPECT_THAT(stays_.Stays(), IsEmpty());
  Step({0.4f, 0.2f});
  ASSERT_THAT(stays_.Stays(), SizeIs(1));
  EXPECT_EQ(stays_.Stays()[0].visit, 2u);
  EXPECT_EQ(stays_.Stays()[0].dwell, absl::ZeroDuration());
}

TEST_F(ZoneStaysTest, FeetBelowThePictureCountAtItsEdge) {
  Step({0.8f, 1.08f});
  ASSERT_THAT(stays_.Stays(), SizeIs(1));
  EXPECT_EQ(stays_.Stays()[0].zone, 1u);
}

TEST_F(ZoneStaysTest, FeetThatAreNotFiniteAreNowhere) {
  Step({0.2f, 0.2f});
  Step({std::numeric_limits<float>::quiet_NaN(), 0.2f}, absl::Seconds(2));
  EXPECT_THAT(stays_.Stays(), IsEmpty());
}

}  // namespace
}  // namespace aislewatch::fusion
