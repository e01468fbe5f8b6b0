#include "services/ingest/core/incident_evidence.h"

#include <opencv2/core.hpp>
#include <opencv2/imgproc.hpp>

#include "common/vision/head_blur.h"
#include "common/vision/image_codec.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "services/ingest/testing/fake_stages.h"

namespace aislewatch::ingest {
namespace {

constexpr int kWidth = 320;
constexpr int kHeight = 240;
const cv::Point kHead(160, 65);  // Where StandingPerson has the joints of the face.

// A fine pattern everywhere, so that it can be seen where detail is gone.
cv::Mat Chequered() {
  cv::Mat image(kHeight, kWidth, CV_8UC3);
  for (int y = 0; y < kHeight; ++y) {
    for (int x = 0; x < kWidth; ++x) {
      image.at<cv::Vec3b>(y, x) = ((x / 2 + y / 2) % 2 != 0) ? cv::Vec3b(255, 255, 255)
                                                             : cv::Vec3b(0, 0, 0);
    }
  }
  return image;
}

// Mean difference of pixels two apart: high where the pattern is, near nothing where it is not.
double Detail(const cv::Mat& image, cv::Point centre, int radius) {
  double sum = 0;
  int n = 0;
  for (int y = centre.y - radius; y <= centre.y + radius; ++y) {
    for (int x = centre.x - radius; x <= centre.x + radius; ++x) {
      sum += std::abs(image.at<cv::Vec3b>(y, x)[1] - image.at<cv::Vec3b>(y, x + 2)[1]);
      ++n;
    }
  }
  return sum / n;
}

RingFrame MakeFrame(absl::Time time, std::vector<TrackedPerson> people, bool poses_known = true) {
  return {time, std::make_shared<const std::string>(EncodeJpeg(Chequered(), 95).value()),
          std::move(people), poses_known};
}

Transition At(TransitionKind kind, absl::Time peak, uint32_t number = 1) {
  return {"inc", number, kind, peak, "concealment", ""};
}

const absl::Time kT0 = absl::FromUnixSeconds(100);

TEST(IncidentEvidence, HeadsAreUnrecognisableInBothPicturesAndTheRestIsSharp) {
  FrameRing ring(absl::Seconds(10), 1 << 24);
  ring.Add(MakeFrame(kT0, {StandingPerson(1)}));
  IncidentEvidence evidence("cam", /*blur_heads=*/true);
  const auto items = evidence.Take(At(TransitionKind::kOpened, kT0), ring);
  ASSERT_EQ(items.size(), 2u);
  for (const OutboxItem& item : items) {
    const cv::Mat picture = DecodeJpeg(item.body).value();
    EXPECT_GT(Detail(picture, {40, 200}, 10), 150);
    EXPECT_LT(Detail(picture, kHead + cv::Point(0, -8), 6), 40);
  }
}

TEST(IncidentEvidence, ShowsHeadsWhereTheCameraSaysSo) {
  FrameRing ring(absl::Seconds(10), 1 << 24);
  ring.Add(MakeFrame(kT0, {StandingPerson(1)}));
  IncidentEvidence evidence("cam", /*blur_heads=*/false);
  const auto items = evidence.Take(At(TransitionKind::kOpened, kT0), ring);
  EXPECT_GT(Detail(DecodeJpeg(items.at(0).body).value(), kHead, 6), 150);
}

TEST(IncidentEvidence, BlursEverythingWhereNobodyKnowsWhereTheHeadsAre) {
  FrameRing ring(absl::Seconds(10), 1 << 24);
  ring.Add(MakeFrame(kT0, {}, /*poses_known=*/false));
  IncidentEvidence evidence("cam", true);
  const auto items = evidence.Take(At(TransitionKind::kOpened, kT0), ring);
  const cv::Mat picture = DecodeJpeg(items.at(0).body).value();
  for (const cv::Point p : {cv::Point(40, 200), cv::Point(160, 65), cv::Point(280, 120)}) {
    EXPECT_LT(Detail(picture, p, 10), 40);
  }
}

TEST(IncidentEvidence, BlursAHeadThatOnlyTheFrameBeforeShows) {
  FrameRing ring(absl::Seconds(10), 1 << 24);
  ring.Add(MakeFrame(kT0 - absl::Milliseconds(100), {StandingPerson(1)}));
  ring.Add(MakeFrame(kT0, {}));
  IncidentEvidence evidence("cam", true);
  const auto items = evidence.Take(At(TransitionKind::kOpened, kT0), ring);
  EXPECT_LT(Detail(DecodeJpeg(items.at(0).body).value(), kHead + cv::Point(0, -8), 6), 40);
}

TEST(IncidentEvidence, ALaterPeakIsShownAtTheCloseAlsoAfterTheRingHasMovedOn) {
  FrameRing ring(absl::Seconds(10), 1 << 24);
  ring.Add(MakeFrame(kT0, {StandingPerson(1)}));
  IncidentEvidence evidence("cam", true);
  EXPECT_EQ(evidence.Take(At(TransitionKind::kOpened, kT0), ring).size(), 2u);
  const absl::Time peak = kT0 + absl::Seconds(5);
  ring.Add(MakeFrame(peak, {StandingPerson(1)}));
  EXPECT_THAT(evidence.Take(At(TransitionKind::kUpdated, peak, 2), ring), testing::IsEmpty());
  ring.Add(MakeFrame(kT0 + absl::Seconds(60), {}));
  const auto items = evidence.Take(At(TransitionKind::kClosed, peak, 3), ring);
  ASSERT_EQ(items.size(), 2u);
  EXPECT_EQ(items[0].capture_time, peak);
}

TEST(IncidentEvidence, TheSamePeakIsStoredOnce) {
  FrameRing ring(absl::Seconds(10), 1 << 24);
  ring.Add(MakeFrame(kT0, {}));
  IncidentEvidence evidence("cam", true);
  EXPECT_EQ(evidence.Take(At(TransitionKind::kOpened, kT0), ring).size(), 2u);
  EXPECT_THAT(evidence.Take(At(TransitionKind::kClosed, kT0, 2), ring), testing::IsEmpty());
}

TEST(FrameRing, ForgetsByTimeAndByBytes) {
  FrameRing ring(absl::Seconds(10), 1 << 24);
  for (int i = 0; i <= 20; ++i) ring.Add(MakeFrame(kT0 + absl::Seconds(i), {}));
  EXPECT_FALSE(ring.At(kT0 + absl::Seconds(9)).has_value());
  EXPECT_TRUE(ring.At(kT0 + absl::Seconds(10)).has_value());
  FrameRing small(absl::Seconds(10), 1);
  small.Add(MakeFrame(kT0, {}));
  small.Add(MakeFrame(kT0 + absl::Seconds(1), {}));
  EXPECT_FALSE(small.At(kT0).has_value());
  EXPECT_TRUE(small.At(kT0 + absl::Seconds(1)).has_value());
}

TEST(HeadBlur, FindsTheHeadFromShouldersOrBoxWhereNoFaceIsSeen) {
  DetectedPerson person = StandingPerson(1).person;
  const FrameSize frame{kWidth, kHeight};
  const auto face = FindHead(person, frame);
  for (int joint = 0; joint < 5; ++joint) person.keypoints[joint].confidence = 0;
  const auto shoulders = FindHead(person, frame);
  person.keypoints.fill({});
  const auto box = FindHead(person, frame);
  for (const auto& head : {face, shoulders, box}) {
    ASSERT_TRUE(head.has_value());
    EXPECT_LT(std::hypot(head->x - kHead.x, head->y - kHead.y), head->radius);
    EXPECT_GE(head->radius, 0.09f * 0.7f * kHeight);
  }
}

TEST(HeadBlur, AbsurdPeopleAreIgnored) {
  cv::Mat image = Chequered();
  const cv::Mat before = image.clone();
  TrackedPerson nowhere;
  TrackedPerson absurd;
  absurd.person.keypoints.fill({1e30f, std::numeric_limits<float>::quiet_NaN(), 0.9f});
  absurd.person.box = {-1e30f, 1e30f, 1e30f, 1e30f};
  TrackedPerson outside = StandingPerson(3);
  for (Keypoint& k : outside.person.keypoints) k.x = -3;
  BlurHeads(image, {nowhere, absurd, outside});
  EXPECT_EQ(cv::norm(image, before, cv::NORM_INF), 0);
}

}  // namespace
}  // namespace aislewatch::ingest
