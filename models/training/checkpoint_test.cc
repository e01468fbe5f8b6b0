#include "models/training/checkpoint.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <torch/nn/modules/linear.h>
#include <torch/optim/adamw.h>
#include <torch/serialize/archive.h>

#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include "common/inference/test_folder.h"
#include "common/inference/torch_tensors.h"
#include "models/training/testing/file_size_limit.h"

namespace aislewatch::training {
namespace {

namespace fs = std::filesystem;
using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::UnorderedElementsAre;

constexpr int kSmall = 4;
constexpr int kLarge = 200;
/// Between what small and large weights take.
constexpr rlim_t kRoom = 20'000;

torch::nn::Linear LayerOf(int size, float value) {
  torch::nn::Linear layer(size, size);
  const torch::NoGradGuard no_gradients;
  for (torch::Tensor& parameter : layer->parameters()) parameter.fill_(value);
  return layer;
}

/// Everything that a run saves, with weights of one value and an optimizer that has a memory.
struct TestRun {
  explicit TestRun(float value, int network_size = kSmall, int average_size = kSmall,
                   int optimizer_size = kSmall)
      : network(LayerOf(network_size, value)),
        average(LayerOf(average_size, value + 0.5f)),
        optimized(torch::full({optimizer_size, optimizer_size}, value).set_requires_grad(true)),
        optimizer(std::vector<torch::Tensor>{optimized}, torch::optim::AdamWOptions(0.1)) {
    Step();
  }

  void Step() {
    optimizer.zero_grad();
    optimized.sum().backward();
    optimizer.step();
  }
  absl::Status Save(const Checkpoint& checkpoint, int epoch, bool best) const {
    return checkpoint.Save({epoch, 0.25, epoch}, *network, *average, optimizer, best);
  }
  absl::StatusOr<RunState> Resume(const Checkpoint& checkpoint) {
    return checkpoint.Resume(*network, *average, optimizer);
  }
  float network_value() const { return network->weight[0][0].item<float>(); }
  float average_value() const { return average->weight[0][0].item<float>(); }

  torch::nn::Linear network;
  torch::nn::Linear average;
  torch::Tensor optimized;
  torch::optim::AdamW optimizer;
};

class CheckpointTest : public ::testing::Test {
 protected:
  std::string Path(const std::string& name) const { return folder_.Path("run/" + name); }
  std::vector<std::string> Files() const {
    std::vector<std::string> files;
    for (const auto& entry : fs::recursive_directory_iterator(folder_.Path("run"))) {
      if (entry.is_regular_file()) {
        files.push_back(fs::relative(entry.path(), folder_.Path("run")).string());
      }
    }
    return files;
  }
  float BestValue(const Checkpoint& checkpoint) const {
    torch::nn::Linear best = LayerOf(kSmall, 0);
    const absl::Status loaded = checkpoint.LoadBest(*best);
    EXPECT_TRUE(loaded.ok()) << loaded;
    return best->weight[0][0].item<float>();
  }
  std::string ResumeError(const Checkpoint& checkpoint) const {
    return std::string(TestRun(0).Resume(checkpoint).status().message());
  }
  // What `fault` makes of a saved run's file.
  void Truncate(const std::string& name) const {
    fs::resize_file(Path(name), fs::file_size(Path(name)) / 2);
  }

  TestFolder folder_;
  const Checkpoint checkpoint_{folder_.Path("run"), "a layer"};
};

TEST_F(CheckpointTest, GoesOnAsIfNothingHadHappened) {
  TestRun run(1);
  ASSERT_TRUE(run.Save(checkpoint_, 3, true).ok());
  TestRun resumed(9);
  const auto state = resumed.Resume(checkpoint_);
  ASSERT_TRUE(state.ok()) << state.status();
  EXPECT_EQ(state->epoch, 3);
  EXPECT_EQ(state->best_epoch, 3);
  EXPECT_EQ(state->best_loss, 0.25);
  EXPECT_EQ(resumed.network_value(), 1);
  EXPECT_EQ(resumed.average_value(), 1.5f);
  // The optimizer's memory: a step from the same place is the same.
  {
    const torch::NoGradGuard no_gradients;
    resumed.optimized.copy_(run.optimized);
  }
  run.Step();
  resumed.Step();
  EXPECT_TRUE(torch::equal(run.optimized, resumed.optimized));
}

TEST_F(CheckpointTest, KeepsTheBestAverageAndNothingElseOfEarlierStates) {
  ASSERT_TRUE(TestRun(1).Save(checkpoint_, 1, true).ok());
  ASSERT_TRUE(TestRun(2).Save(checkpoint_, 2, true).ok());
  ASSERT_TRUE(TestRun(3).Save(checkpoint_, 3, false).ok());
  ASSERT_TRUE(TestRun(4).Save(checkpoint_, 4, false).ok());
  EXPECT_EQ(BestValue(checkpoint_), 2.5f);
  EXPECT_THAT(Files(), UnorderedElementsAre("state.json", "epoch-2/average.safetensors",
                                            "epoch-4/average.safetensors",
                                            "epoch-4/last.safetensors", "epoch-4/optimizer.pt"));
}

TEST_F(CheckpointTest, AFullDiskAtAnyFileLeavesTheStateBefore) {
  const struct {
    const char* file;
    TestRun run;
    std::string network;
  } cases[] = {{"average.safetensors", TestRun(2, kSmall, kLarge), "a layer"},
               {"last.safetensors", TestRun(2, kLarge), "a layer"},
               {"optimizer.pt", TestRun(2, kSmall, kSmall, kLarge), "a layer"},
               {"state.json", TestRun(2), std::string(3 * kRoom, 'x')}};
  for (const auto& [file, run, network] : cases) {
    ASSERT_TRUE(TestRun(1).Save(checkpoint_, 1, true).ok());
    const std::vector<std::string> before = Files();
    const Checkpoint next(folder_.Path("run"), network);
    absl::Status status;
    {
      const FileSizeLimit full(kRoom);
      status = run.Save(next, 2, true);
    }
    EXPECT_THAT(std::string(status.message()),
                AllOf(HasSubstr(file), HasSubstr("make room"),
                      HasSubstr("go on with --resume after epoch 1")));
    EXPECT_THAT(Files(), ::testing::UnorderedElementsAreArray(before)) << file;
    TestRun resumed(9);
    const auto state = resumed.Resume(checkpoint_);
    ASSERT_TRUE(state.ok()) << file << ": " << state.status();
    EXPECT_EQ(state->epoch, 1);
    EXPECT_EQ(resumed.network_value(), 1) << file;
    EXPECT_EQ(resumed.average_value(), 1.5f) << file;
    EXPECT_EQ(BestValue(checkpoint_), 1.5f) << file;
    // With room again it goes on.
    ASSERT_TRUE(TestRun(2).Save(checkpoint_, 2, true).ok());
    EXPECT_EQ(BestValue(checkpoint_), 2.5f);
    fs::remove_all(folder_.Path("run"));
  }
}

TEST_F(CheckpointTest, AnInterruptedWriteIsOverwritten) {
  ASSERT_TRUE(TestRun(1).Save(checkpoint_, 1, true).ok());
  fs::create_directories(Path("epoch-2"));
  std::ofstream(Path("epoch-2/last.safetensors.a8Xd2k")) << "half";
  EXPECT_EQ(TestRun(0).Resume(checkpoint_)->epoch, 1);
  ASSERT_TRUE(TestRun(2).Save(checkpoint_, 2, true).ok());
  EXPECT_EQ(Files().size(), 4u);
}

TEST_F(CheckpointTest, ARunThatBeginsAnewSparesTheOldOneUntilItsFirstStateIsWhole) {
  ASSERT_TRUE(TestRun(1).Save(checkpoint_, 1, true).ok());
  {
    const FileSizeLimit full(kRoom);
    EXPECT_FALSE(TestRun(2, kLarge).Save(checkpoint_, 1, true).ok());
  }
  TestRun resumed(9);
  ASSERT_TRUE(resumed.Resume(checkpoint_).ok());
  EXPECT_EQ(resumed.network_value(), 1);
  ASSERT_TRUE(TestRun(2).Save(checkpoint_, 1, true).ok());
  ASSERT_TRUE(resumed.Resume(checkpoint_).ok());
  EXPECT_EQ(resumed.network_value(), 2);
  EXPECT_EQ(Files().size(), 4u);
}

TEST_F(CheckpointTest, AFolderThatCannotBeMadeIsNamed) {
  std::ofstream(folder_.Path("file")) << "no folder";
  const Checkpoint checkpoint(folder_.Path("file/run"), "a layer");
  EXPECT_THAT(std::string(TestRun(1).Save(checkpoint, 1, true).message()),
              AllOf(HasSubstr("file/run"), HasSubstr("start again")));
}

TEST_F(CheckpointTest, ReadsRunsOfEarlierReleases) {
  TestRun old(1);
  fs::create_directories(folder_.Path("run"));
  ASSERT_TRUE(SaveParameters(Path("last.safetensors"), *old.network).ok());
  ASSERT_TRUE(SaveParameters(Path("average.safetensors"), *old.average).ok());
  ASSERT_TRUE(SaveParameters(Path("best.safetensors"), *LayerOf(kSmall, 7)).ok());
  torch::serialize::OutputArchive archive;
  old.optimizer.save(archive);
  archive.save_to(Path("optimizer.pt"));
  std::ofstream(Path("state.json")) << R"({"epoch": 5, "best_loss": 0.5, "best_epoch": 4})";

  TestRun resumed(9);
  const auto state = resumed.Resume(checkpoint_);
  ASSERT_TRUE(state.ok()) << state.status();
  EXPECT_EQ(state->epoch, 5);
  EXPECT_EQ(resumed.network_value(), 1);
  EXPECT_EQ(BestValue(checkpoint_), 7);

  ASSERT_TRUE(resumed.Save(checkpoint_, 6, false).ok());
  EXPECT_EQ(BestValue(checkpoint_), 7);
  EXPECT_THAT(Files(),
              UnorderedElementsAre("state.json", "best.safetensors", "epoch-6/average.safetensors",
                                   "epoch-6/last.safetensors", "epoch-6/optimizer.pt"));
  ASSERT_TRUE(TestRun(8).Save(checkpoint_, 7, true).ok());
  EXPECT_EQ(BestValue(checkpoint_), 8.5f);
  EXPECT_EQ(Files().size(), 4u);
}

TEST_F(CheckpointTest, SaysWhichFileIsTorn) {
  EXPECT_THAT(ResumeError(checkpoint_), HasSubstr("no run to resume"));
  EXPECT_EQ(checkpoint_.CheckResumable().code(), absl::StatusCode::kNotFound);
  for (const char* file : {"epoch-1/last.safetensors", "epoch-1/average.safetensors",
                           "epoch-1/optimizer.pt", "state.json"}) {
    ASSERT_TRUE(TestRun(1).Save(checkpoint_, 1, true).ok());
    Truncate(file);
    EXPECT_EQ(TestRun(0).Resume(checkpoint_).status().code(), absl::StatusCode::kDataLoss) << file;
    EXPECT_EQ(checkpoint_.CheckResumable().code(), absl::StatusCode::kDataLoss) << file;
    EXPECT_THAT(ResumeError(checkpoint_), AllOf(HasSubstr(file), HasSubstr("without --resume")));
    fs::remove_all(folder_.Path("run"));
  }
}

TEST_F(CheckpointTest, TheRunOfAnotherNetworkIsNotResumed) {
  ASSERT_TRUE(TestRun(1).Save(checkpoint_, 1, true).ok());
  const Checkpoint other(folder_.Path("run"), "two layers");
  EXPECT_EQ(TestRun(0).Resume(other).status().code(), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(other.CheckResumable().code(), absl::StatusCode::kInvalidArgument);
  EXPECT_TRUE(checkpoint_.CheckResumable().ok());
  EXPECT_THAT(ResumeError(other), HasSubstr("trains a layer, not two layers"));
  // Nor one that calls itself the same and has other weights.
  const absl::Status status = TestRun(0, kLarge).Resume(checkpoint_).status();
  EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument);
  EXPECT_THAT(std::string(status.message()), HasSubstr("do not fit"));
}

}  // namespace
}  // namespace aislewatch::training
