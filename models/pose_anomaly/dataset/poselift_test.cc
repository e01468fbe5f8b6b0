#include "models/pose_anomaly/dataset/poselift.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"

namespace aislewatch::pose_anomaly {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

// 17 keypoints at y = 540, x = 480 with the given confidence text.
std::string Keypoints(absl::string_view confidence = "0.5") {
  std::vector<std::string> parts(kJointCount, absl::StrCat("540.0, 480.0, ", confidence));
  return absl::StrCat("{\"keypoints\": [", absl::StrJoin(parts, ", "), "], \"scores\": null}");
}

std::string ErrorOf(absl::string_view json) {
  const auto clip = ParsePoseLiftClip("01_0001", json);
  EXPECT_EQ(clip.status().code(), absl::StatusCode::kInvalidArgument) << json;
  return std::string(clip.status().message());
}

TEST(PoseLiftClipTest, ReadsKeypointsAsYThenX) {
  const auto clip =
      ParsePoseLiftClip("01_0001", absl::StrCat("{\"3\": {\"7\": ", Keypoints(), "}}"));
  ASSERT_TRUE(clip.ok()) << clip.status();
  ASSERT_EQ(clip->tracks.size(), 1u);
  EXPECT_EQ(clip->tracks[0].person, 3);
  ASSERT_EQ(clip->tracks[0].poses.size(), 1u);
  EXPECT_EQ(clip->tracks[0].poses[0].frame, 7);
  const Keypoint& nose = clip->tracks[0].poses[0].pose[0];
  EXPECT_FLOAT_EQ(nose.y, 540.0f / 1080);
  EXPECT_FLOAT_EQ(nose.x, 480.0f / 1920);
  EXPECT_FLOAT_EQ(nose.confidence, 0.5f);
}

TEST(PoseLiftClipTest, ReadsNanConfidenceAsZero) {
  const auto clip =
      ParsePoseLiftClip("01_0001", absl::StrCat("{\"1\": {\"0\": ", Keypoints("NaN"), "}}"));
  ASSERT_TRUE(clip.ok()) << clip.status();
  for (const Keypoint& k : clip->tracks[0].poses[0].pose) EXPECT_EQ(k.confidence, 0);
  EXPECT_EQ(clip->unknown_confidences, static_cast<size_t>(kJointCount));
}

TEST(PoseLiftClipTest, LeavesNanInsideStringsAlone) {
  const std::string json =
      absl::StrCat("{\"1\": {\"0\": {\"note\": \"a \\\" NaN\", ", Keypoints().substr(1), "}}");
  EXPECT_TRUE(ParsePoseLiftClip("01_0001", json).ok());
}

TEST(PoseLiftClipTest, SortsFramesNumerically) {
  const std::string json = absl::StrCat("{\"1\": {\"10\": ", Keypoints(), ", \"9\": ", Keypoints(),
                                        ", \"100\": ", Keypoints(), "}}");
  const auto clip = ParsePoseLiftClip("01_0001", json);
  ASSERT_TRUE(clip.ok()) << clip.status();
  std::vector<int> frames;
  for (const ClipPose& p : clip->tracks[0].poses) frames.push_back(p.frame);
  EXPECT_THAT(frames, ElementsAre(9, 10, 100));
}

TEST(PoseLiftClipTest, DropsPeopleWithoutPoses) {
  const auto clip = ParsePoseLiftClip("01_0001", "{\"1\": {}}");
  ASSERT_TRUE(clip.ok()) << clip.status();
  EXPECT_TRUE(clip->tracks.empty());
}

TEST(PoseLiftClipTest, NamesPersonAndFrameOfABadPose) {
  EXPECT_THAT(ErrorOf("{\"4\": {\"12\": {\"keypoints\": [1.0, 2.0]}}}"),
              testing::AllOf(HasSubstr("01_0001"), HasSubstr("2 numbers"), HasSubstr("person 4"),
                             HasSubstr("frame 12")));
  EXPECT_THAT(ErrorOf("{\"4\": {\"12\": {\"scores\": null}}}"), HasSubstr("0 numbers"));
}

TEST(PoseLiftClipTest, RejectsCoordinatesThatAreNotFinite) {
  std::string keypoints = Keypoints();
  keypoints.replace(keypoints.find("540.0"), 5, "NaN");
  EXPECT_THAT(ErrorOf(absl::StrCat("{\"1\": {\"0\": ", keypoints, "}}")), HasSubstr("not finite"));
}

TEST(PoseLiftClipTest, RejectsOtherStructures) {
  EXPECT_THAT(ErrorOf("[1, 2]"), HasSubstr("array"));
  EXPECT_THAT(ErrorOf("{\"1\": 5}"), HasSubstr("value"));
  EXPECT_THAT(ErrorOf("{\"1\": {\"0\": 5}}"), HasSubstr("value"));
  EXPECT_THAT(ErrorOf("{\"one\": {}}"), HasSubstr("'one'"));
  EXPECT_THAT(ErrorOf("{\"1\": {\"-3\": {}}}"), HasSubstr("'-3'"));
  EXPECT_THAT(ErrorOf("{\"1\": {\"0\": {\"keypoints\": [[1]]}}}"), HasSubstr("nested"));
  EXPECT_THAT(ErrorOf("{\"1\": {\"0\": {\"keypoints\": {\"x\": 1}}}}"), HasSubstr("object"));
  EXPECT_THAT(ErrorOf("{\"1\": {\"0\": {\"keypoints\": [\"x\"]}}}"), HasSubstr("no number"));
}

TEST(PoseLiftClipTest, RejectsEveryTruncationOfAGoodFile) {
  const std::string good = absl::StrCat("{\"1\": {\"0\": ", Keypoints("NaN"), "}}");
  for (size_t n = 0; n < good.size(); ++n) {
    EXPECT_FALSE(ParsePoseLiftClip("c", absl::string_view(good).substr(0, n)).ok()) << n;
  }
}

TEST(PoseLiftClipTest, RejectsDuplicateFrames) {
  const std::string json =
      absl::StrCat("{\"1\": {\"5\": ", Keypoints(), ", \"05\": ", Keypoints(), "}}");
  EXPECT_THAT(ErrorOf(json), HasSubstr("frame 5 twice"));
}

// A data set in a folder of its own, removed afterwards.
class PoseLiftFolderTest : public testing::Test {
 protected:
  void SetUp() override {
    root_ = testing::TempDir() + "/poselift_" +
            testing::UnitTest::GetInstance()->current_test_info()->name();
    std::filesystem::remove_all(root_);
  }
  void TearDown() override { std::filesystem::remove_all(root_); }

  void Write(const std::string& path, const std::string& content) {
    const std::filesystem::path file = std::filesystem::path(root_) / path;
    std::filesystem::create_directories(file.parent_path());
    std::ofstream(file, std::ios::binary) << content;
  }
  void WritePoses(const std::string& split, const std::string& clip) {
    Write("pose/" + split + "/" + clip + "_alphapose_tracked_person.json",
          absl::StrCat("{\"1\": {\"0\": ", Keypoints(), "}}"));
  }
  void WriteMask(const std::string& clip, int64_t label) {
    std::string npy("\x93NUMPY\x01\x00\x3c\x00", 10);
    npy += "{'descr': '<i8', 'fortran_order': False, 'shape': (2,), }  \n";
    for (int i = 0; i < 2; ++i) npy.append(reinterpret_cast<const char*>(&label), 8);
    Write("gt/test_frame_mask/" + clip + ".npy", npy);
  }

  std::string root_;
};

TEST_F(PoseLiftFolderTest, PairsPosesWithMasksAndNamesTheRest) {
  WritePoses("test", "01_0001");
  WritePoses("test", "01_0002");
  WriteMask("01_0001", 1);
  WriteMask("01_0003", 0);
  const auto set = ReadTestSet(root_);
  ASSERT_TRUE(set.ok()) << set.status();
  ASSERT_EQ(set->clips.size(), 1u);
  EXPECT_EQ(set->clips[0].clip.name, "01_0001");
  EXPECT_THAT(set->clips[0].labels, ElementsAre(1, 1));
  EXPECT_THAT(set->without_mask, ElementsAre("01_0002"));
  EXPECT_THAT(set->without_poses, ElementsAre("01_0003"));
}

TEST_F(PoseLiftFolderTest, RejectsLabelsOtherThanZeroAndOne) {
  WritePoses("test", "01_0001");
  WriteMask("01_0001", 2);
  const auto set = ReadTestSet(root_);
  EXPECT_EQ(set.status().code(), absl::StatusCode::kInvalidArgument);
  EXPECT_THAT(std::string(set.status().message()), HasSubstr("01_0001.npy"));
}

TEST_F(PoseLiftFolderTest, SaysWhatLayoutAnEmptyFolderLacks) {
  EXPECT_EQ(ReadTestSet(root_).status().code(), absl::StatusCode::kNotFound);
  const auto clips = ReadTrainingClips(root_);
  EXPECT_EQ(clips.status().code(), absl::StatusCode::kNotFound);
  EXPECT_THAT(std::string(clips.status().message()), HasSubstr("pose/train"));
}

TEST_F(PoseLiftFolderTest, ReadsTrainingClipsByName) {
  WritePoses("train", "02_0001");
  WritePoses("train", "01_0009");
  const auto clips = ReadTrainingClips(root_);
  ASSERT_TRUE(clips.ok()) << clips.status();
  ASSERT_EQ(clips->size(), 2u);
  EXPECT_EQ((*clips)[0].name, "01_0009");
}

TEST(PoseLiftSampleTest, TimesFollowTheFrameRate) {
  ClipPose pose;
  pose.frame = 30;
  EXPECT_EQ(ToSample(pose).time, absl::UnixEpoch() + absl::Seconds(2));
}

}  // namespace
}  // namespace aislewatch::pose_anomaly
