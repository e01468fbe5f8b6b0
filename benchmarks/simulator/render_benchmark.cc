// How long a simulated frame takes on one core; the load generator has to be cheap.
//
//   simulator_render_benchmark
#include <benchmark/benchmark.h>

#include "simulator/clip.h"

namespace aislewatch::simulator {
namespace {

// Arguments: width, height, people at most.
void BM_NextFrame(benchmark::State& state) {
  SimulationOptions options;
  options.seed = 3;
  options.size = {static_cast<int>(state.range(0)), static_cast<int>(state.range(1))};
  options.max_people = static_cast<int>(state.range(2));
  options.people_per_minute = 60;
  options.duration = absl::Hours(1);
  auto simulation = Simulation::Create(options);
  if (!simulation.ok()) {
    state.SkipWithError(std::string(simulation.status().message()).c_str());
    return;
  }
  for (int i = 0; i < 100; ++i) (*simulation)->Next();  // until the store is full
  for (auto _ : state) {
    auto frame = (*simulation)->Next();
    benchmark::DoNotOptimize(frame);
  }
}
BENCHMARK(BM_NextFrame)
    ->Args({640, 360, 2})
    ->Args({640, 360, 5})
    ->Args({640, 360, 12})
    ->Args({1280, 720, 5})
    ->Unit(benchmark::kMillisecond);

void BM_ActionClip(benchmark::State& state) {
  uint64_t seed = 0;
  for (auto _ : state) {
    auto clip = RenderActionClip(Action::kConcealingInClothes, ++seed);
    benchmark::DoNotOptimize(clip);
  }
}
BENCHMARK(BM_ActionClip)->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace aislewatch::simulator

BENCHMARK_MAIN();
