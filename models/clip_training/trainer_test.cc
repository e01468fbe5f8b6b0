#include "models/clip_training/trainer.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>
#include <nlohmann/json.hpp>
#include <opencv2/videoio.hpp>
#include <optional>
#include <string>
#include <vector>

#include "common/inference/torch_tensors.h"
#include "models/clip_networks/load.h"
#include "models/clip_networks/trunk.h"
#include "models/clip_training/cross_validation.h"
#include "models/clip_training/testing/small_network.h"
#include "models/training/testing/file_size_limit.h"

namespace aislewatch::clip_training {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

/// Finds the same somebody in the middle of every frame.
class SameEverywhere : public PersonFinder {
 public:
  absl::StatusOr<PeopleByFrame> Find(absl::Span<const CapturedFrame> frames) override {
    ++calls;
    return PeopleByFrame(frames.size(), {{1, {0.4f, 0.2f, 0.2f, 0.6f}, {}}});
  }
  std::string version() const override { return "same-1"; }
  std::atomic<int> calls = 0;
};

class TrainClassifierTest : public ::testing::Test {
 protected:
  TrainClassifierTest() : root_(::testing::TempDir() + "/train_classifier") {
    std::filesystem::remove_all(root_);
    options_.stores = 1;
    options_.rehearsals = 1;
    options_.validation_stores = 1;
    options_.sketches = 2;
    options_.pictured_sketches = 2;
    options_.store_seconds = 6;
    options_.simulated = 14;
    options_.simulated_test = 7;
    options_.epochs = 3;
    options_.device = "cpu";
    options_.network = SmallNetwork();
    options_.out = root_ + "/small/1";
    options_.command = "a test";
  }
  ~TrainClassifierTest() override { std::filesystem::remove_all(root_); }

  /// A pose model whose first blocks have the shape of the small trunk.
  void WritePoseModel() {
    torch::manual_seed(1);
    clip_networks::Trunk trunk(SmallNetwork().trunk);
    std::map<std::string, torch::Tensor> tensors;
    for (const auto& parameter : trunk->named_parameters()) {
      std::string name = parameter.key();
      if (name.rfind("blocks.", 0) == 0) name = "block" + name.substr(7);
      tensors[name] = parameter.value().detach();
    }
    const std::string folder = root_ + "/movenet-multipose/1";
    std::filesystem::create_directories(folder);
    ASSERT_TRUE(SaveTensors(folder + "/weights.safetensors", tensors).ok());
    ModelManifest manifest;
    manifest.info = {"movenet-multipose", "1"};
    manifest.role = ModelRole::kPose;
    manifest.architecture = "movenet";
    manifest.input.size = {256, 448};
    manifest.licence = "Apache-2.0";
    manifest.source = "a test";
    manifest.training = {.data = "none", .command = "none", .seed = std::nullopt};
    const absl::Status status = WriteManifest(folder, manifest);
    ASSERT_TRUE(status.ok()) << status;
  }

  /// Makes the recorded clips all that there is to learn from, which takes a moment.
  void OnlyRecordedClips() {
    options_.stores = options_.rehearsals = options_.validation_stores = 0;
    options_.sketches = options_.pictured_sketches = 0;
    options_.simulated = options_.simulated_test = 0;
    options_.datasets = {{"shop", Clips()}};
  }
  std::string Clips() const { return root_ + "/clips"; }

  /// Eight clips: five to train on, one to validate with, two to test with.
  void WriteClips(const std::string& folder) const {
    std::filesystem::create_directories(Clips() + "/" + folder);
    for (int i = 1; i <= 8; ++i) {
      cv::VideoWriter writer(ClipPath(folder, i), cv::VideoWriter::fourcc('M', 'J', 'P', 'G'), 10,
                             {64, 48});
      ASSERT_TRUE(writer.isOpened());
      for (int f = 0; f < 12; ++f) {
        const double level = folder == "normal" ? 40 : 200;
        writer.write(cv::Mat(48, 64, CV_8UC3, cv::Scalar::all(level + 2 * i + f)));
      }
    }
  }
  std::string ClipPath(const std::string& folder, int number) const {
    return Clips() + "/" + folder + "/" + std::to_string(number) + ".avi";
  }
  void Corrupt(const std::string& folder, int number) const {
    std::ofstream(ClipPath(folder, number)) << "no video";
  }

  absl::StatusOr<TrainingResult> Train() {
    return TrainClassifier(options_, ModelRepository({root_}), finder_, [&](const auto& progress) {
      if (progress.stage != "epochs") return;
      epochs_.push_back(static_cast<int>(progress.done));
      if (progress.done == full_after_) disk_.emplace(kRoom);
    });
  }
  std::string Error() { return std::string(Train().status().message()); }
  std::string Written(const std::string& file) const {
    std::ifstream in(options_.out + "/" + file, std::ios::binary);
    return {std::istreambuf_iterator<char>(in), {}};
  }

  /// More than the log takes, less than weights.
  static constexpr rlim_t kRoom = 4000;

  const std::string root_;
  TrainingOptions options_;
  SameEverywhere finder_;
  std::vector<int> epochs_;
  /// The epoch after which the disk is full.
  int full_after_ = 0;
  std::optional<training::FileSizeLimit> disk_;
};

TEST_F(TrainClassifierTest, WritesAModelThatLoadsAndGoesOnWhereItStopped) {
  WritePoseModel();
  const auto first = Train();
  ASSERT_TRUE(first.ok()) << first.status();
  EXPECT_THAT(epochs_, ElementsAre(1, 2, 3));
  EXPECT_EQ(first->test.at("simulated").clips, 7);
  const auto loaded = LoadClipClassifier(ModelRepository({root_}), "small");
  ASSERT_TRUE(loaded.ok()) << loaded.status();
  EXPECT_EQ((*loaded)->window(), 8);

  epochs_.clear();
  options_.epochs = 5;
  options_.resume = true;
  ASSERT_TRUE(Train().ok());
  EXPECT_THAT(epochs_, ElementsAre(4, 5));
  std::ifstream log(options_.out + "/run/training.csv");
  std::string line;
  int lines = 0;
  while (std::getline(log, line)) ++lines;
  EXPECT_EQ(lines, 6) << "a title and five epochs";
}

TEST_F(TrainClassifierTest, OneTrainerForEveryArchitecture) {
  options_.epochs = 1;
  options_.rehearsals = 0;
  options_.pictured_sketches = 0;
  options_.simulated = 10;
  options_.simulated_test = 0;
  for (const auto architecture :
       {clip_networks::Architecture::kCnnLstm, clip_networks::Architecture::kConvLstm,
        clip_networks::Architecture::kGateFlowSlowFast}) {
    options_.network = clip_networks::DefaultOptions(architecture);
    options_.sketches = 1;
    EXPECT_THAT(std::string(Train().status().message()), HasSubstr("sees pictures alone"));
    options_.sketches = 0;
    const auto result = Train();
    ASSERT_TRUE(result.ok()) << result.status();
    const auto loaded = LoadClipClassifier(ModelRepository({root_}), "small");
    ASSERT_TRUE(loaded.ok()) << loaded.status();
    EXPECT_EQ((*loaded)->window(), options_.network.window);
  }
}

TEST_F(TrainClassifierTest, KeptSamplesSpareTheNextRunTheFinding) {
  WritePoseModel();
  options_.keep_samples = root_ + "/samples";
  const auto first = Train();
  ASSERT_TRUE(first.ok()) << first.status();
  const int calls = finder_.calls;
  EXPECT_GT(calls, 20);
  const auto again = Train();
  ASSERT_TRUE(again.ok()) << again.status();
  EXPECT_EQ(finder_.calls, calls);
  EXPECT_DOUBLE_EQ(again->best_validation_loss, first->best_validation_loss);
}

TEST_F(TrainClassifierTest, SaysWhatIsMissing) {
  EXPECT_THAT(std::string(Train().status().message()), HasSubstr("scripts/fetch-models"));
  WritePoseModel();
  options_.out = "/";
  EXPECT_THAT(std::string(Train().status().message()), HasSubstr("NAME/VERSION"));
  options_.out = root_ + "/small/1";
  options_.device = "tpu";
  EXPECT_THAT(std::string(Train().status().message()), HasSubstr("tpu"));
  options_.device = "cpu";
  options_.network.trunk.stem_channels = 5;
  EXPECT_THAT(std::string(Train().status().message()), HasSubstr("stem"));
}

TEST_F(TrainClassifierTest, ResumingNeedsARun) {
  WritePoseModel();
  options_.resume = true;
  EXPECT_THAT(Error(), HasSubstr("no run to resume"));
  EXPECT_EQ(finder_.calls, 0) << "said before anything is made";
}

TEST_F(TrainClassifierTest, ARunThatAFullDiskStoppedGivesTheSameModelAsOneThatWasNotStopped) {
  WritePoseModel();
  WriteClips("normal");
  WriteClips("shoplifting");
  OnlyRecordedClips();
  options_.epochs = 5;
  options_.out = root_ + "/whole/1";
  const auto whole = Train();
  ASSERT_TRUE(whole.ok()) << whole.status();
  const std::string weights = Written("weights.safetensors");
  ASSERT_FALSE(weights.empty());

  epochs_.clear();
  options_.out = root_ + "/stopped/1";
  full_after_ = 2;
  EXPECT_THAT(Error(), AllOf(HasSubstr("epoch-3"), HasSubstr("make room"),
                             HasSubstr("go on with --resume after epoch 2")));
  disk_.reset();
  options_.resume = true;
  const auto resumed = Train();
  ASSERT_TRUE(resumed.ok()) << resumed.status();
  EXPECT_THAT(epochs_, ElementsAre(1, 2, 3, 4, 5));
  EXPECT_EQ(resumed->best_epoch, whole->best_epoch);
  EXPECT_EQ(resumed->best_validation_loss, whole->best_validation_loss);
  EXPECT_TRUE(Written("weights.safetensors") == weights) << "the weights differ";
  const std::string log = Written("run/training.csv");
  EXPECT_EQ(std::count(log.begin(), log.end(), '\n'), 6) << log;
}

TEST_F(TrainClassifierTest, WhatADiskThatIsFullAtTheEndDidNotTakeIsWrittenLater) {
  WritePoseModel();
  WriteClips("normal");
  WriteClips("shoplifting");
  OnlyRecordedClips();
  options_.epochs = 1;
  full_after_ = 1;
  EXPECT_THAT(Error(), AllOf(HasSubstr("weights.safetensors"), HasSubstr("make room"),
                             HasSubstr("--resume")));
  disk_.reset();
  options_.resume = true;
  ASSERT_TRUE(Train().ok());
  EXPECT_THAT(epochs_, ElementsAre(1)) << "no epoch is done again";
  EXPECT_TRUE(LoadClipClassifier(ModelRepository({root_}), "small").ok());
}

TEST_F(TrainClassifierTest, AFullDiskForKeptSamplesSaysThatTheyMayBeLeftOut) {
  WritePoseModel();
  WriteClips("normal");
  WriteClips("shoplifting");
  OnlyRecordedClips();
  options_.keep_samples = root_ + "/samples";
  disk_.emplace(100);
  EXPECT_THAT(Error(), AllOf(HasSubstr("make room"), HasSubstr("without --keep-samples")));
}

TEST_F(TrainClassifierTest, ARunOfAnotherNetworkOrATornOneIsNotResumed) {
  WritePoseModel();
  WriteClips("normal");
  WriteClips("shoplifting");
  OnlyRecordedClips();
  options_.epochs = 1;
  ASSERT_TRUE(Train().ok());
  options_.resume = true;
  const clip_networks::Options own = options_.network;
  const int calls = finder_.calls;
  options_.network.window = 12;
  EXPECT_THAT(Error(), AllOf(HasSubstr("\"window\":8"), HasSubstr("\"window\":12")));
  options_.network = clip_networks::DefaultOptions(clip_networks::Architecture::kConvLstm);
  EXPECT_THAT(Error(), AllOf(HasSubstr("trains cnn_gru"), HasSubstr("not conv_lstm")));
  options_.network = own;
  for (const char* file : {"epoch-1/optimizer.pt", "epoch-1/last.safetensors", "state.json"}) {
    const std::string path = options_.out + "/run/" + file;
    std::filesystem::resize_file(path, std::filesystem::file_size(path) / 2);
    EXPECT_THAT(Error(), AllOf(HasSubstr(file), HasSubstr("without --resume")));
  }
  EXPECT_EQ(finder_.calls, calls) << "said before anything is made";
}

TEST_F(TrainClassifierTest, OneClassIsNotEnough) {
  WritePoseModel();
  WriteClips("normal");
  OnlyRecordedClips();
  options_.stores = 1;
  EXPECT_THAT(Error(), AllOf(HasSubstr(Clips()), HasSubstr("the class normal"),
                             HasSubstr("at least two folders")));
  EXPECT_EQ(finder_.calls, 0) << "said before anything is made";
}

TEST_F(TrainClassifierTest, ClipsThatCannotBeReadAreLeftOutAndNamed) {
  WritePoseModel();
  WriteClips("normal");
  WriteClips("shoplifting");
  Corrupt("normal", 2);
  Corrupt("shoplifting", 7);
  OnlyRecordedClips();
  options_.epochs = 1;
  const auto result = Train();
  ASSERT_TRUE(result.ok()) << result.status();
  ASSERT_EQ(result->skipped.size(), 2u);
  EXPECT_EQ(result->skipped[0].path, ClipPath("normal", 2));
  EXPECT_EQ(result->skipped[1].path, ClipPath("shoplifting", 7));
  EXPECT_FALSE(result->skipped[0].reason.empty());
  EXPECT_EQ(result->test.at("shop").clips, 3) << "of two a class, one is left out";
  EXPECT_THAT(Written("model.json"), HasSubstr("left out since they cannot be read: 2"));
}

TEST_F(TrainClassifierTest, ADataSetWithoutReadableClipsOfTwoClassesIsNotTrainedOn) {
  WritePoseModel();
  WriteClips("normal");
  WriteClips("shoplifting");
  for (int i = 1; i <= 8; ++i) Corrupt("normal", i);
  OnlyRecordedClips();
  EXPECT_THAT(Error(), AllOf(HasSubstr("8 of 16 clips of shop cannot be read"), HasSubstr("1.avi"),
                             HasSubstr("the class shoplifting")));
  for (int i = 1; i <= 8; ++i) Corrupt("shoplifting", i);
  EXPECT_THAT(Error(), AllOf(HasSubstr("16 of 16 clips"), HasSubstr("there is no clip")));
}

TEST_F(TrainClassifierTest, CrossValidationHoldsOutEachBlockOnceAndGoesOnWhereItStopped) {
  WritePoseModel();
  WriteClips("normal");
  WriteClips("shoplifting");
  OnlyRecordedClips();
  options_.epochs = 1;
  std::vector<int> done;
  std::vector<int> epochs_of_fold;
  const auto run = [&](int folds) {
    return CrossValidate(
        options_, folds, ModelRepository({root_}), finder_,
        [&](const auto& progress) {
          if (progress.stage == "epochs") epochs_of_fold.push_back(static_cast<int>(done.size()));
        },
        [&](int fold, const TrainingResult&) { done.push_back(fold); });
  };
  EXPECT_THAT(std::string(run(9).status().message()),
              AllOf(HasSubstr("has 8 clips"), HasSubstr("9 folds")));
  EXPECT_THAT(std::string(run(1).status().message()), HasSubstr("at least 2 folds"));
  EXPECT_EQ(finder_.calls, 0) << "said before anything is made";

  const auto whole = run(3);
  ASSERT_TRUE(whole.ok()) << whole.status();
  EXPECT_THAT(done, ElementsAre(1, 2, 3));
  const FoldFigures& shop = whole->at("shop");
  EXPECT_EQ(shop.clips[0] + shop.clips[1] + shop.clips[2], 16) << "every clip is held out once";
  EXPECT_TRUE(LoadClipClassifier(ModelRepository({root_}), "small-fold-3").ok());

  std::filesystem::remove_all(root_ + "/small-fold-2");
  done.clear();
  epochs_of_fold.clear();
  options_.resume = true;
  const auto again = run(3);
  ASSERT_TRUE(again.ok()) << again.status();
  EXPECT_THAT(epochs_of_fold, ElementsAre(1)) << "only what is missing is trained";
  EXPECT_EQ(again->at("shop").auc_roc, shop.auc_roc);

  const nlohmann::json json = CrossValidationToJson(*whole);
  const auto folds = json["shop"]["accuracy"]["folds"].get<std::vector<double>>();
  EXPECT_EQ(folds, shop.accuracy);
  EXPECT_DOUBLE_EQ(json["shop"]["accuracy"]["mean"].get<double>(),
                   (folds[0] + folds[1] + folds[2]) / 3);
}

TEST(FoldFolderTest, EachFoldIsAModelOfItsOwn) {
  EXPECT_EQ(FoldFolder("build/models/joints/2", 4), "build/models/joints-fold-4/2");
  EXPECT_EQ(FoldFolder("joints/2/", 1), "joints-fold-1/2");
}

}  // namespace
}  // namespace aislewatch::clip_training
