// What following people costs per frame, by the number of people.

#include <cstddef>
#include <random>
#include <vector>

#include "benchmark/benchmark.h"
#include "services/pose/core/assignment.h"
#include "services/pose/core/tracker.h"
#include "services/pose/testing/people.h"

namespace aislewatch::pose {
namespace {

// A hundred frames of `count` people on a grid who walk and whose boxes jitter.
std::vector<std::vector<DetectedPerson>> WalkingPeople(int count) {
  std::mt19937 random(1);
  std::normal_distribution<float> jitter(0, 0.003f);
  std::vector<std::vector<DetectedPerson>> frames(100);
  for (size_t f = 0; f < frames.size(); ++f) {
    for (int p = 0; p < count; ++p) {
      const auto column = static_cast<float>(p % 16), row = static_cast<float>(p / 16);
      const float sway = 0.001f * static_cast<float>(f < 50 ? f : 100 - f);
      frames[f].push_back(testing::StandingAt(0.05f + 0.055f * column + sway + jitter(random),
                                              0.1f + 0.12f * row + jitter(random), 0.15f));
    }
  }
  return frames;
}

void BM_Track(benchmark::State& state) {
  const auto frames = WalkingPeople(static_cast<int>(state.range(0)));
  Tracker tracker = Tracker::Create({}).value();
  absl::Time time = absl::UnixEpoch();
  size_t frame = 0;
  for (auto _ : state) {
    time += absl::Milliseconds(100);
    benchmark::DoNotOptimize(
        tracker.Update(time, testing::kTestFrame, frames[frame++ % frames.size()]));
  }
}
BENCHMARK(BM_Track)->Arg(1)->Arg(5)->Arg(20)->Arg(100)->Unit(benchmark::kMicrosecond);

void BM_Assign(benchmark::State& state) {
  const auto size = static_cast<size_t>(state.range(0));
  std::mt19937 random(1);
  std::uniform_real_distribution<double> cost(0, 1.5);
  CostMatrix costs(size, size);
  for (size_t r = 0; r < size; ++r) {
    for (size_t c = 0; c < size; ++c) costs.at(r, c) = cost(random);
  }
  for (auto _ : state) benchmark::DoNotOptimize(Assign(costs, 1.0));
}
BENCHMARK(BM_Assign)->Arg(5)->Arg(20)->Arg(100)->Arg(256)->Unit(benchmark::kMicrosecond);

}  // namespace
}  // namespace aislewatch::pose
