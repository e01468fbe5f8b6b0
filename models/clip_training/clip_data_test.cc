#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <opencv2/core.hpp>
#include <random>
#include <string>
#include <vector>

#include "models/clip_training/clip_files.h"
#include "models/clip_training/clip_labels.h"
#include "models/clip_training/clip_reader.h"
#include "models/clip_training/clip_verdict.h"
#include "models/clip_training/metrics.h"
#include "models/clip_training/person_finder.h"
#include "models/clip_training/track_crops.h"

namespace aislewatch::clip_training {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

TEST(ClipLabelsTest, FoldersLeaveOpenWhatTheyDoNotSay) {
  EXPECT_EQ(*ActionsOfFolder("taking"), Only(Action::kTaking));
  EXPECT_EQ(*ActionsOfFolder("shoplifting"), ConcealingActions());
  EXPECT_EQ(*ActionsOfFolder("fight"), *ActionsOfFolder("fighting"));
  EXPECT_TRUE(IsHarmless(*ActionsOfFolder("normal")));
  EXPECT_FALSE(IsHarmless(*ActionsOfFolder("fight")));
  EXPECT_THAT(std::string(ActionsOfFolder("dancing").status().message()), HasSubstr("dancing"));
}

class ClipFilesTest : public ::testing::Test {
 protected:
  ClipFilesTest() : root_(::testing::TempDir() + "/clip_files") {
    std::filesystem::remove_all(root_);
  }
  ~ClipFilesTest() override { std::filesystem::remove_all(root_); }
  void Touch(const std::string& path) {
    std::filesystem::create_directories(std::filesystem::path(root_ + "/" + path).parent_path());
    std::ofstream(root_ + "/" + path) << "x";
  }
  const std::string root_;
};

TEST_F(ClipFilesTest, FootageIsWhatLiesInTheFolderItselfWithoutAClass) {
  EXPECT_EQ(ListFootage("set", root_).status().code(), absl::StatusCode::kNotFound);
  Touch("b.mp4");
  Touch("a.MOV");
  Touch("notes.txt");
  Touch("normal/1.mp4");
  const auto clips = ListFootage("set", root_ + "/");
  ASSERT_TRUE(clips.ok()) << clips.status();
  ASSERT_THAT(*clips, SizeIs(2));
  EXPECT_THAT((*clips)[0].path, HasSubstr("a.MOV"));
  EXPECT_EQ((*clips)[0].folder, "clip_files");
  EXPECT_TRUE((*clips)[0].actions.none());
}

TEST_F(ClipFilesTest, ListsVideosOfEachClassInOrder) {
  Touch("normal/002.mp4");
  Touch("normal/001.MP4");
  Touch("normal/notes.txt");
  Touch("shoplifting/001.avi");
  const auto clips = ListClips("set", root_);
  ASSERT_TRUE(clips.ok()) << clips.status();
  ASSERT_THAT(*clips, SizeIs(3));
  EXPECT_THAT((*clips)[0].path, HasSubstr("normal/001.MP4"));
  EXPECT_EQ((*clips)[2].folder, "shoplifting");
}

TEST_F(ClipFilesTest, SaysWhatIsWrongWithAFolder) {
  EXPECT_EQ(ListClips("set", root_).status().code(), absl::StatusCode::kNotFound);
  Touch("normal/notes.txt");
  EXPECT_THAT(std::string(ListClips("set", root_).status().message()), HasSubstr("holds no clips"));
  Touch("dancing/001.mp4");
  EXPECT_THAT(std::string(ListClips("set", root_).status().message()), HasSubstr("dancing"));
}

TEST(SplitByBlocksTest, HoldsOutTheLastThirdOfEachClass) {
  std::vector<ClipFile> clips;
  for (const char* folder : {"normal", "shoplifting"}) {
    for (int i = 0; i < 15; ++i) {
      clips.push_back({std::to_string(i), "set", folder, HarmlessActions()});
    }
  }
  const ClipSplit split = SplitByBlocks(clips);
  EXPECT_THAT(split.train, SizeIs(16));
  EXPECT_THAT(split.validation, SizeIs(4));
  ASSERT_THAT(split.test, SizeIs(10));
  EXPECT_EQ(split.train[7].path, "7");
  EXPECT_EQ(split.validation[0].path, "8");
  EXPECT_EQ(split.test[0].path, "10");
  EXPECT_EQ(split.test[4].path, "14");
}

TEST(SplitByBlocksTest, EachClipIsHeldOutInOneFold) {
  std::vector<ClipFile> clips;
  for (int i = 0; i < 13; ++i) clips.push_back({std::to_string(i), "set", "normal", {}});
  std::vector<std::string> held_out;
  for (int fold = 1; fold <= 5; ++fold) {
    const ClipSplit split = SplitByBlocks(clips, {fold, 5});
    EXPECT_EQ(split.train.size() + split.validation.size() + split.test.size(), clips.size());
    for (const ClipFile& clip : split.test) held_out.push_back(clip.path);
  }
  ASSERT_THAT(held_out, SizeIs(13));
  for (int i = 0; i < 13; ++i) EXPECT_EQ(held_out[static_cast<size_t>(i)], std::to_string(i));
}

TEST(RequireSeveralClassesTest, NamesTheOnlyClass) {
  const std::vector<ClipFile> clips = {{"1", "set", "normal", HarmlessActions()},
                                       {"2", "set", "normal", HarmlessActions()}};
  EXPECT_THAT(std::string(RequireSeveralClasses(clips).message()), HasSubstr("the class normal"));
  EXPECT_EQ(RequireSeveralClasses({}).code(), absl::StatusCode::kInvalidArgument);
  EXPECT_TRUE(
      RequireSeveralClasses({clips[0], {"3", "set", "fight", Only(Action::kFighting)}}).ok());
}

TEST(MetricsTest, AccuracyAndF1ComeFromTheConfusion) {
  const Confusion confusion = {{8, 2}, {1, 4}};
  EXPECT_DOUBLE_EQ(Accuracy(confusion), 0.8);
  EXPECT_DOUBLE_EQ(F1(confusion, 1), 8.0 / 11);
  EXPECT_DOUBLE_EQ(F1({{3, 0}, {2, 0}}, 1), 0);
}

ActionScores Certain(Action action) {
  ActionScores scores;
  scores.probability[static_cast<size_t>(action)] = 1;
  return scores;
}

TEST(ClipVerdictTest, OneCertainCropIsNotEnough) {
  ClipVerdict verdict;
  for (int i = 0; i < 10; ++i) {
    verdict.Push(1, Certain(i == 6 ? Action::kConcealingInBag : Action::kNormal));
  }
  EXPECT_NEAR(verdict.Peak(ConcealingActions()), 0.2, 1e-6);
}

TEST(ClipVerdictTest, TheMostCertainTrackDecides) {
  ClipVerdict verdict;
  for (int i = 0; i < 5; ++i) {
    verdict.Push(1, Certain(Action::kNormal));
    verdict.Push(2, Certain(Action::kFighting));
  }
  EXPECT_NEAR(verdict.Peak(Only(Action::kFighting)), 1, 1e-6);
  EXPECT_NEAR(ClipVerdict().Peak(HarmlessActions()), 0, 1e-6);
}

TEST(ClipVerdictTest, KnowsTrackAndFrameOfItsPeak) {
  ClipVerdict verdict;
  for (size_t frame = 0; frame < 20; ++frame) {
    verdict.Push(1, Certain(Action::kNormal), frame);
    // Five crops of fighting, the last of them in frame 12.
    verdict.Push(2, Certain(frame >= 8 && frame <= 12 ? Action::kFighting : Action::kTaking),
                 frame);
  }
  const auto fight = verdict.PeakMoment(Only(Action::kFighting));
  ASSERT_TRUE(fight.has_value());
  EXPECT_EQ(fight->track_id, 2u);
  EXPECT_EQ(fight->frame, 12u);
  EXPECT_NEAR(fight->Of(Only(Action::kFighting)), 1, 1e-6);
  EXPECT_FALSE(ClipVerdict().PeakMoment(HarmlessActions()).has_value());
}

JudgedClip Judged(const std::string& folder, Action shown) {
  JudgedClip judged{{"clip", "set", folder, *ActionsOfFolder(folder)}, {}};
  for (int i = 0; i < 5; ++i) judged.verdict.Push(1, Certain(shown));
  return judged;
}

TEST(EvaluateTest, CountsWhatWasJudgedOfWhat) {
  const Evaluation evaluation =
      Evaluate({Judged("normal", Action::kTaking), Judged("normal", Action::kConcealingInBag),
                Judged("shoplifting", Action::kConcealingInClothes),
                Judged("shoplifting", Action::kConcealingInBag)});
  EXPECT_THAT(evaluation.classes, ElementsAre("normal", "shoplifting"));
  EXPECT_EQ(evaluation.confusion, (Confusion{{1, 1}, {0, 2}}));
  EXPECT_DOUBLE_EQ(evaluation.accuracy, 0.75);
  EXPECT_DOUBLE_EQ(evaluation.f1, 0.8);
  EXPECT_DOUBLE_EQ(evaluation.auc_roc, 0.75);
  EXPECT_EQ(EvaluationToJson(evaluation)["confusion"][0][1], 1);
  EXPECT_EQ(evaluation.outcomes[1].truth, 0u);
  EXPECT_EQ(evaluation.outcomes[1].judged, 1u);
}

TEST(EvaluateTest, PutsConcealingClassesTogetherAsShoplifting) {
  // Which way it is concealed is mistaken, that it is concealed is not.
  const Evaluation evaluation =
      Evaluate({Judged("normal", Action::kTaking), Judged("taking", Action::kTaking),
                Judged("concealing_in_bag", Action::kConcealingInClothes),
                Judged("concealing_in_clothes", Action::kConcealingInBag),
                Judged("fight", Action::kConcealingInBag)});
  ASSERT_TRUE(evaluation.shoplifting.has_value());
  EXPECT_EQ(evaluation.shoplifting->figures.clips, 2);
  EXPECT_EQ(evaluation.shoplifting->other_clips, 3);
  EXPECT_DOUBLE_EQ(evaluation.shoplifting->accuracy, 0.8);
  EXPECT_DOUBLE_EQ(*evaluation.shoplifting->figures.recall, 1);
  EXPECT_DOUBLE_EQ(*evaluation.shoplifting->figures.precision, 2.0 / 3);
  EXPECT_DOUBLE_EQ(*evaluation.shoplifting->figures.auc_roc, (2 + 2 + 1) / 6.0);
  EXPECT_DOUBLE_EQ(*evaluation.by_class[0].recall, 0);  // concealing_in_bag
}

TEST(EvaluateTest, WithoutShopliftingThereIsNoFigureOfIt) {
  const Evaluation evaluation =
      Evaluate({Judged("normal", Action::kTaking), Judged("fight", Action::kFighting)});
  EXPECT_FALSE(evaluation.shoplifting.has_value());
  EXPECT_TRUE(EvaluationToJson(evaluation)["shoplifting"].is_null());
}

TEST(EvaluateTest, IntervalsHoldTheFigureAndNarrowWithMoreClips) {
  const auto evaluate = [](int times) {
    std::vector<JudgedClip> clips;
    for (int i = 0; i < times; ++i) {
      for (const bool right : {true, true, true, false}) {
        clips.push_back(Judged("normal", right ? Action::kTaking : Action::kConcealingInBag));
        clips.push_back(Judged("shoplifting", right ? Action::kConcealingInBag : Action::kTaking));
      }
    }
    return Evaluate(clips);
  };
  const Evaluation few = evaluate(2), many = evaluate(20);
  for (const auto interval :
       {&EvaluationIntervals::accuracy, &EvaluationIntervals::f1, &EvaluationIntervals::auc_roc}) {
    ASSERT_TRUE((few.bootstrap.*interval).has_value());
    const ranking::Interval wide = *(few.bootstrap.*interval);
    const ranking::Interval narrow = *(many.bootstrap.*interval);
    EXPECT_LT(narrow.high - narrow.low, 0.6 * (wide.high - wide.low));
    EXPECT_LT(narrow.low, 0.75);
    EXPECT_GT(narrow.high, 0.75);
  }
}

TEST(EvaluateTest, CountsClipsThatSawNobody) {
  JudgedClip empty{{"clip", "set", "shoplifting", ConcealingActions()}, {}};
  empty.verdict.Push(1, Certain(Action::kConcealingInBag));  // too brief to count
  const Evaluation evaluation = Evaluate({Judged("normal", Action::kTaking), empty});
  EXPECT_EQ(evaluation.clips_without_people, 1);
  EXPECT_EQ(evaluation.confusion, (Confusion{{1, 0}, {1, 0}}));
  EXPECT_EQ(EvaluationToJson(evaluation)["clips_without_people"], 1);
}

TEST(EvaluateTest, OneClassLeavesUndefinedWhatCannotBeMeasured) {
  const Evaluation evaluation = Evaluate({Judged("shoplifting", Action::kConcealingInBag)});
  EXPECT_DOUBLE_EQ(evaluation.accuracy, 1);
  EXPECT_FALSE(evaluation.by_class[0].auc_roc.has_value());
  EXPECT_FALSE(evaluation.bootstrap.auc_roc.has_value());
  const nlohmann::json json = EvaluationToJson(evaluation);
  EXPECT_TRUE(json["by_class"][0]["auc_roc"].is_null());
  EXPECT_TRUE(json["bootstrap"]["auc_roc"].is_null());
}

TEST(EvaluateTest, SetsWithoutNormalTakeTheHighestPeak) {
  const Evaluation evaluation =
      Evaluate({Judged("taking", Action::kTaking), Judged("returning", Action::kReturning)});
  EXPECT_DOUBLE_EQ(evaluation.accuracy, 1);
  EXPECT_DOUBLE_EQ(evaluation.f1, 1);
}

std::vector<CapturedFrame> Frames(int count) {
  std::vector<CapturedFrame> frames;
  for (int i = 0; i < count; ++i) {
    cv::Mat image(90, 160, CV_8UC3, cv::Scalar::all(60));
    image(cv::Rect(40, 20, 20, 50)).setTo(cv::Scalar(0, 0, 200));
    frames.push_back({image, absl::UnixEpoch() + absl::Milliseconds(100 * i)});
  }
  return frames;
}

constexpr NormalizedBox kBox = {0.25f, 0.22f, 0.125f, 0.56f};

class CountingFinder : public PersonFinder {
 public:
  absl::StatusOr<PeopleByFrame> Find(absl::Span<const CapturedFrame> frames) override {
    ++calls;
    return PeopleByFrame(frames.size(), {{7, kBox, {}}});
  }
  std::string version() const override { return version_name; }
  int calls = 0;
  std::string version_name = "counting-1";
};

TEST(CachingPersonFinderTest, AsksOncePerClipAndVersion) {
  const std::string folder = ::testing::TempDir() + "/people_cache";
  std::filesystem::remove_all(folder);
  CountingFinder counting;
  CachingPersonFinder finder(counting, folder);
  const auto first = finder.Find(Frames(3));
  const auto again = finder.Find(Frames(3));
  ASSERT_TRUE(first.ok() && again.ok());
  EXPECT_EQ(counting.calls, 1);
  EXPECT_EQ(PeopleToJson(*first), PeopleToJson(*again));
  ASSERT_TRUE(finder.Find(Frames(4)).ok());
  EXPECT_EQ(counting.calls, 2);
  counting.version_name = "counting-2";
  ASSERT_TRUE(finder.Find(Frames(3)).ok());
  EXPECT_EQ(counting.calls, 3);
  std::filesystem::remove_all(folder);
}

TEST(CachingPersonFinderTest, ATornCacheFileCountsAsAbsent) {
  EXPECT_FALSE(PeopleFromJson(R"({"frames": [[{"track_id": 1)").ok());
  EXPECT_FALSE(PeopleFromJson(R"({"frames": [[{"track_id": 1, "box": [0, 0]}]]})").ok());
  EXPECT_THAT(*PeopleFromJson(R"({"frames": [[]]})"), ElementsAre(IsEmpty()));
}

TEST(CutTracksTest, TracksThatAreTooBriefAreLeftOut) {
  PeopleByFrame people(6, std::vector<FoundPerson>{{1, kBox, {}}});
  people[2].push_back({2, kBox, {}});
  std::mt19937_64 random(1);
  const auto tracks = CutTracks(Frames(6), people, {}, random);
  ASSERT_THAT(tracks, SizeIs(1));
  EXPECT_EQ(tracks[0].track_id, 1u);
  EXPECT_THAT(tracks[0].crops, SizeIs(6));
}

TEST(CutTracksTest, AnAugmentationIsTheSameForAllCropsOfATrack) {
  const PeopleByFrame people(6, std::vector<FoundPerson>{{1, kBox, {}}});
  std::mt19937_64 random(3);
  Augmentation how = DrawAugmentation(random);
  how.tremble = 0;
  const auto tracks = CutTracks(Frames(6), people, how, random);
  ASSERT_THAT(tracks, SizeIs(1));
  EXPECT_EQ(cv::norm(tracks[0].crops[0], tracks[0].crops[5]), 0);
  const auto plain = CutTracks(Frames(6), people, {}, random);
  EXPECT_GT(cv::norm(tracks[0].crops[0], plain[0].crops[0]), 0);
}

TEST(ReadClipTest, RefusesWhatIsNoVideo) {
  const std::string path = ::testing::TempDir() + "/no_video.mp4";
  std::ofstream(path) << "this is text";
  EXPECT_FALSE(ReadClip(path).ok());
  EXPECT_FALSE(ReadClip("/nowhere/clip.mp4").ok());
}

}  // namespace
}  // namespace aislewatch::clip_training
