#include "cli/clips/judge_clips.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <opencv2/videoio.hpp>

#include "cli/clips/evaluation_text.h"

namespace aislewatch {
namespace {

using clip_training::ClipFile;
using clip_training::PeopleByFrame;
using ::testing::HasSubstr;

// One person in every frame.
class OnePerson : public clip_training::PersonFinder {
 public:
  absl::StatusOr<PeopleByFrame> Find(absl::Span<const CapturedFrame> frames) override {
    return PeopleByFrame(frames.size(), {{1, {0.3f, 0.1f, 0.3f, 0.8f}, {}}});
  }
  std::string version() const override { return "one-1"; }
};

// Takes bright clips for shoplifting.
absl::StatusOr<ServiceVerdict> ByBrightness(absl::Span<const CapturedFrame> frames,
                                            const PeopleByFrame& people) {
  ServiceVerdict judged{{}, {"brightness", "1"}};
  for (size_t i = 0; i < frames.size(); ++i) {
    ActionScores scores;
    const bool bright = cv::mean(frames[i].image)[0] > 128;
    scores.probability[static_cast<size_t>(bright ? Action::kConcealingInBag : Action::kTaking)] =
        1;
    for (const auto& person : people[i]) judged.verdict.Push(person.track_id, scores, i);
  }
  return judged;
}

class JudgeClipsTest : public ::testing::Test {
 protected:
  JudgeClipsTest() {
    std::filesystem::remove_all(root_);
    std::filesystem::create_directories(root_ + "/normal");
    std::filesystem::create_directories(root_ + "/shoplifting");
  }
  ~JudgeClipsTest() override { std::filesystem::remove_all(root_); }

  void WriteVideo(const std::string& name, int brightness) {
    cv::VideoWriter writer(root_ + "/" + name, cv::VideoWriter::fourcc('M', 'J', 'P', 'G'), 10,
                           {160, 120});
    ASSERT_TRUE(writer.isOpened());
    for (int i = 0; i < 10; ++i)
      writer.write(cv::Mat(120, 160, CV_8UC3, cv::Scalar::all(brightness)));
  }
  void WriteText(const std::string& name) { std::ofstream(root_ + "/" + name) << "no video"; }
  absl::StatusOr<clip_training::ClassifierReport> Judge(const ClipJudge& judge = ByBrightness,
                                                        bool pictures = false) {
    const auto clips = clip_training::ListClips("set", root_);
    if (!clips.ok()) return clips.status();
    OnePerson finder;
    return JudgeClips(*clips, finder, judge, {pictures, nullptr});
  }

  const std::string root_ = ::testing::TempDir() + "/judge_clips";
};

TEST_F(JudgeClipsTest, AClipThatCannotBeReadIsCountedAndTheOthersJudged) {
  WriteVideo("normal/1.avi", 20);
  WriteText("normal/2.avi");
  WriteVideo("shoplifting/1.avi", 220);
  const auto report = Judge();
  ASSERT_TRUE(report.ok()) << report.status();
  EXPECT_EQ(report->evaluation.clips, 2);
  EXPECT_DOUBLE_EQ(report->evaluation.accuracy, 1);
  EXPECT_EQ(report->model.name, "brightness");
  ASSERT_EQ(report->skipped.size(), 1u);
  EXPECT_THAT(report->skipped[0].path, HasSubstr("normal/2.avi"));
  EXPECT_FALSE(report->skipped[0].reason.empty());
  EXPECT_THAT(EvaluationText("set", report->evaluation), HasSubstr("set: 2 clips, accuracy 1.000"));
}

TEST_F(JudgeClipsTest, AClassOfWhichNothingCanBeReadIsAnError) {
  WriteVideo("normal/1.avi", 20);
  WriteText("shoplifting/1.avi");
  const absl::Status status = Judge().status();
  EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument);
  EXPECT_THAT(std::string(status.message()),
              testing::AllOf(HasSubstr("1 clips cannot be read"), HasSubstr("the class normal")));
}

TEST_F(JudgeClipsTest, OneClassIsAnErrorBeforeAnythingIsJudged) {
  WriteVideo("normal/1.avi", 20);
  int asked = 0;
  const absl::Status status = Judge([&](auto, const auto&) -> absl::StatusOr<ServiceVerdict> {
                                ++asked;
                                return ServiceVerdict();
                              }).status();
  EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(asked, 0);
}

TEST_F(JudgeClipsTest, AServiceThatFailsIsAnErrorWithTheClip) {
  WriteVideo("normal/1.avi", 20);
  WriteVideo("shoplifting/1.avi", 220);
  const absl::Status status = Judge([](auto, const auto&) -> absl::StatusOr<ServiceVerdict> {
                                return absl::UnavailableError("the classifier is away");
                              }).status();
  EXPECT_EQ(status.code(), absl::StatusCode::kUnavailable);
  EXPECT_THAT(std::string(status.message()), HasSubstr("normal/1.avi: the classifier is away"));
}

TEST_F(JudgeClipsTest, PicturesAreKeptWhereAskedFor) {
  WriteVideo("normal/1.avi", 20);
  WriteVideo("shoplifting/1.avi", 220);
  const auto with = Judge(ByBrightness, /*pictures=*/true);
  const auto without = Judge();
  ASSERT_TRUE(with.ok() && without.ok());
  ASSERT_EQ(with->pictures.size(), 2u);
  EXPECT_EQ(with->pictures[0].substr(0, 2), "\xFF\xD8");  // JPEG
  EXPECT_EQ(without->pictures, std::vector<std::string>(2));
}

}  // namespace
}  // namespace aislewatch
