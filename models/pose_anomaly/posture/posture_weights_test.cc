#include "models/pose_anomaly/posture/posture_weights.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <functional>
#include <random>
#include <utility>

#include "common/inference/safetensors.h"
#include "models/pose_anomaly/testing/synthetic_poses.h"

namespace aislewatch::pose_anomaly {
namespace {

using ::testing::HasSubstr;

class PostureWeightsTest : public testing::Test {
 protected:
  void SetUp() override {
    folder_ = testing::TempDir() + "/posture_" +
              testing::UnitTest::GetInstance()->current_test_info()->name();
    std::filesystem::create_directories(folder_);
    files_.manifest.info = {"posture", "3"};
    files_.weights_path = folder_ + "/weights.safetensors";
    Fit(/*densities=*/3);
  }

  // Fits, saves and keeps a model.
  void Fit(int densities) {
    PostureFitOptions options;
    options.components = 5;
    options.mixture.components = 2;
    options.densities = densities;
    auto fitted = FitPosture(WalkingClips(4, 40), options);
    ASSERT_TRUE(fitted.ok()) << fitted.status();
    ASSERT_TRUE(SavePosture(*fitted, folder_).ok());
    original_ = NewPostureScorer(std::move(fitted->model), std::move(fitted->calibration), {});
  }
  void TearDown() override { std::filesystem::remove_all(folder_); }

  // Rewrites the file with one tensor changed (or, where `change` returns false, left out).
  void Rewrite(absl::string_view name, const std::function<bool(TensorView&)>& change) {
    const auto file = SafetensorsFile::Open(files_.weights_path);
    ASSERT_TRUE(file.ok()) << file.status();
    std::vector<TensorView> tensors;
    for (TensorView view : file->tensors()) {
      if (view.name != name || change(view)) tensors.push_back(view);
    }
    ASSERT_TRUE(WriteSafetensors(files_.weights_path, tensors).ok());
  }

  void ExpectRejected(absl::string_view reason) {
    const auto scorer = LoadPosture(files_);
    EXPECT_EQ(scorer.status().code(), absl::StatusCode::kInvalidArgument);
    EXPECT_THAT(std::string(scorer.status().message()), HasSubstr(std::string(reason)));
  }

  std::string folder_;
  ModelFiles files_;
  std::unique_ptr<PoseAnomalyScorer> original_;
};

TEST_F(PostureWeightsTest, ScoresTheSameAfterSavingAndLoading) {
  const auto loaded = LoadPosture(files_);
  ASSERT_TRUE(loaded.ok()) << loaded.status();
  EXPECT_EQ((*loaded)->info().version, "3");
  std::mt19937 random(1);
  const auto a = original_->NewTrack(), b = (*loaded)->NewTrack();
  for (const ClipPose& pose : FigureTrack(1, FigureAction::kConceal, 20, random).poses) {
    EXPECT_EQ(a->Push(ToSample(pose)), b->Push(ToSample(pose)));
  }
}

TEST_F(PostureWeightsTest, LoadsFilesOfTheFirstVersion) {
  Fit(1);
  for (const char* name :
       {"mixture.weights", "mixture.means", "mixture.precision_factors", "rarity.quantiles"}) {
    Rewrite(name, [](TensorView& view) {
      EXPECT_EQ(view.shape.front(), 1);
      view.shape.erase(view.shape.begin());
      return true;
    });
  }
  const auto loaded = LoadPosture(files_);
  ASSERT_TRUE(loaded.ok()) << loaded.status();
  std::mt19937 random(1);
  const auto a = original_->NewTrack(), b = (*loaded)->NewTrack();
  for (const ClipPose& pose : FigureTrack(1, FigureAction::kConceal, 20, random).poses) {
    EXPECT_EQ(a->Push(ToSample(pose)), b->Push(ToSample(pose)));
  }
}

TEST_F(PostureWeightsTest, RejectsAnotherNumberOfRanksThanDensities) {
  Rewrite("rarity.quantiles", [](TensorView& view) {
    view.shape[0] = 2;
    view.data = view.data.subspan(0, view.data.size() / 3 * 2);
    return true;
  });
  ExpectRejected("'rarity.quantiles' has the shape");
}

TEST_F(PostureWeightsTest, RejectsAMixtureThatIsNoDensity) {
  const std::vector<float> none(3 * 2, 0.0f);
  Rewrite("mixture.weights", [&](TensorView& view) {
    view.data = absl::MakeConstSpan(reinterpret_cast<const uint8_t*>(none.data()),
                                    none.size() * sizeof(float));
    return true;
  });
  ExpectRejected("not positive");
}

TEST_F(PostureWeightsTest, NamesAMissingTensor) {
  Rewrite("mixture.means", [](TensorView&) { return false; });
  ExpectRejected("'mixture.means' is missing");
}

TEST_F(PostureWeightsTest, NamesATensorOfAnotherShape) {
  Rewrite("mixture.means", [](TensorView& view) {
    std::swap(view.shape[1], view.shape[2]);
    return true;
  });
  ExpectRejected("'mixture.means' has the shape");
}

TEST_F(PostureWeightsTest, RejectsQuantilesThatFall) {
  std::vector<float> falling(3 * EmpiricalDistribution::kQuantiles);
  for (size_t i = 0; i < falling.size(); ++i) falling[i] = -static_cast<float>(i);
  Rewrite("rarity.quantiles", [&](TensorView& view) {
    view.data = absl::MakeConstSpan(reinterpret_cast<const uint8_t*>(falling.data()),
                                    falling.size() * sizeof(float));
    return true;
  });
  ExpectRejected("rising");
}

}  // namespace
}  // namespace aislewatch::pose_anomaly
