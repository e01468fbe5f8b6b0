// How long the default pose network takes for a picture on one thread, beside the rate of this
// machine's matrix products at the same moment, since a busy machine slows both alike.
//
//   build/release/bin/bench-pose-model --benchmark_repetitions=5
#include <benchmark/benchmark.h>

#include <memory>
#include <utility>
#include <vector>

#include <opencv2/core.hpp>

#include "common/inference/compute_check.h"
#include "models/pose_model_loader/pose_model_loader.h"

namespace aislewatch {
namespace {

// A picture with texture, so that no branch of the decoder is idle by chance.
cv::Mat Picture(int width, int height) {
  cv::Mat image(height, width, CV_8UC3);
  cv::RNG random(7);
  random.fill(image, cv::RNG::UNIFORM, 0, 255);
  return image;
}

// Arguments: width and height of the pictures, pictures per call.
void BM_Detect(benchmark::State& state) {
  auto model = LoadPoseModel(ModelRepository({"models/pretrained", "build/models"}),
                             "movenet-multipose");
  if (!model.ok()) {
    state.SkipWithError(std::string(model.status().message()).c_str());
    return;
  }
  const cv::Mat picture =
      Picture(static_cast<int>(state.range(0)), static_cast<int>(state.range(1)));
  const std::vector<cv::Mat> batch(static_cast<size_t>(state.range(2)), picture);
  for (auto _ : state) {
    const auto people = (*model)->Detect(batch);
    if (!people.ok()) state.SkipWithError(std::string(people.status().message()).c_str());
  }
  state.SetItemsProcessed(state.iterations() * state.range(2));
  state.counters["matrix_gflops"] = CheckCompute().gflops;
}

// 16:9 becomes the input 448x256, 4:3 448x352.
BENCHMARK(BM_Detect)
    ->Args({1280, 720, 1})
    ->Args({1280, 720, 4})
    ->Args({640, 480, 1})
    ->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace aislewatch

BENCHMARK_MAIN();
