#include "common/rpc/convert.h"
#include "common/rpc/image_convert.h"

#include <limits>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace aislewatch {
namespace {

TEST(Convert, TimesAndDurationsSurviveBothWays) {
  for (const int64_t nanos : {int64_t{0}, int64_t{1}, int64_t{-1}, int64_t{1'700'000'000'123'456'789}}) {
    EXPECT_EQ(FromProto(ToProto(absl::FromUnixNanos(nanos))), absl::FromUnixNanos(nanos));
    EXPECT_EQ(FromProto(ToProto(absl::Nanoseconds(nanos))), absl::Nanoseconds(nanos));
  }
  EXPECT_GE(ToProto(absl::FromUnixNanos(-1)).nanos(), 0) << "a Timestamp's nanos are never negative";
}

TEST(Convert, StatusKeepsCodeAndMessage) {
  const absl::Status status = absl::ResourceExhaustedError("full");
  EXPECT_EQ(FromGrpc(ToGrpc(status)), status);
  EXPECT_TRUE(FromGrpc(ToGrpc(absl::OkStatus())).ok());
}

TEST(Convert, RefusesPeopleThatWouldPoisonTheMath) {
  v1::TrackedPerson person = ToProto(TrackedPerson{.track_id = 7});
  ASSERT_TRUE(FromProto(person).ok());
  person.mutable_keypoints(3)->set_x(std::numeric_limits<float>::quiet_NaN());
  EXPECT_THAT(std::string(FromProto(person).status().message()), testing::HasSubstr("track 7"));
  person.mutable_keypoints()->RemoveLast();
  EXPECT_THAT(std::string(FromProto(person).status().message()), testing::HasSubstr("16 keypoints"));
  EXPECT_FALSE(FromProto(v1::TrackedPerson()).ok());
}

TEST(Convert, ThingsSeenTravelBothWays) {
  const SeenObject knife{"cell phone", 0.75f, {0.1f, 0.2f, 0.3f, 0.4f}, true, 7};
  const auto back = FromProto(ToProto(knife));
  ASSERT_TRUE(back.ok()) << back.status();
  EXPECT_EQ(back->name, "cell phone");
  EXPECT_FLOAT_EQ(back->score, 0.75f);
  EXPECT_FLOAT_EQ(back->box.height, 0.4f);
  EXPECT_TRUE(back->weapon);
  EXPECT_EQ(back->track_id, 7u);
}

TEST(Convert, RefusesThingsSeenThatNoModelSaw) {
  const v1::DetectedObject good = ToProto(SeenObject{"knife", 0.5f, {}, true, 1});
  for (const float score : {std::numeric_limits<float>::quiet_NaN(), -0.1f, 1.1f,
                            std::numeric_limits<float>::infinity()}) {
    v1::DetectedObject bad = good;
    bad.set_score(score);
    EXPECT_FALSE(FromProto(bad).ok()) << score;
  }
  for (const std::string& name : {std::string(), std::string(65, 'x'), std::string("kn\0ife", 6),
                                  std::string("kn\xc3\xa9")}) {
    v1::DetectedObject bad = good;
    bad.set_class_name(name);
    EXPECT_FALSE(FromProto(bad).ok()) << name;
  }
  v1::DetectedObject bad = good;
  bad.set_track_id(0);
  EXPECT_FALSE(FromProto(bad).ok());
  bad = good;
  bad.mutable_box()->set_x(std::numeric_limits<float>::quiet_NaN());
  EXPECT_FALSE(FromProto(bad).ok());
}

TEST(Convert, PicturesTravelRawAndAsJpeg) {
  cv::Mat picture(20, 30, CV_8UC3, cv::Scalar(1, 2, 3));
  for (const auto encoding : {v1::IMAGE_ENCODING_BGR8, v1::IMAGE_ENCODING_JPEG}) {
    const auto back = FromProto(ToProto(picture, encoding).value());
    ASSERT_TRUE(back.ok()) << back.status();
    EXPECT_EQ(back->size(), picture.size());
  }
  // A region of a larger picture has gaps between its rows, which must not travel.
  const cv::Mat region = picture(cv::Rect(5, 5, 4, 4));
  EXPECT_EQ(ToProto(region, v1::IMAGE_ENCODING_BGR8)->data().size(), 4u * 4 * 3);
  EXPECT_THAT(std::string(FromProto(v1::Image()).status().message()),
              testing::HasSubstr("encoding 0 is unknown"));
}

}  // namespace
}  // namespace aislewatch
