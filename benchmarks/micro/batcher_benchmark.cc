// What the batcher itself costs: items per second through a model that takes no time.

#include <cstdint>
#include <memory>
#include <utility>
#include <vector>

#include "absl/synchronization/blocking_counter.h"
#include "benchmark/benchmark.h"
#include "common/base/clock.h"
#include "common/base/metrics.h"
#include "common/batching/dynamic_batcher.h"

namespace aislewatch {
namespace {

using Batcher = DynamicBatcher<int, int>;

std::unique_ptr<Batcher> StartBatcher(const BatchingOptions& options, FakeMetrics& metrics) {
  std::vector<Batcher::BatchFunction> workers;
  workers.emplace_back(
      [](absl::Span<const int> items) { return std::vector<int>(items.begin(), items.end()); });
  return Batcher::Create(options, std::move(workers), RealClock(), metrics).value();
}

// Rounds of `range(0)` items that are submitted at once and waited for, in batches of `range(1)`.
void BM_Rounds(benchmark::State& state) {
  const auto items = static_cast<int>(state.range(0));
  FakeMetrics metrics;
  const auto batcher = StartBatcher({.max_batch = static_cast<int>(state.range(1)),
                                     .max_delay = absl::ZeroDuration(),
                                     .queue_capacity = 4096},
                                    metrics);
  for (auto _ : state) {
    absl::BlockingCounter pending(items);
    for (int i = 0; i < items; ++i) {
      batcher->Submit(i, absl::InfiniteFuture(),
                      [&pending](absl::StatusOr<int>) { pending.DecrementCount(); });
    }
    pending.Wait();
  }
  state.SetItemsProcessed(state.iterations() * items);
}
BENCHMARK(BM_Rounds)->Args({1, 1})->Args({64, 1})->Args({64, 8})->Args({1024, 32})->UseRealTime();

// Items that are refused because the queue is full while the model is busy: the cost of overload.
void BM_Refused(benchmark::State& state) {
  FakeMetrics metrics;
  absl::BlockingCounter release(1);
  std::vector<Batcher::BatchFunction> workers;
  workers.emplace_back([&release, waited = false](absl::Span<const int> items) mutable {
    if (!std::exchange(waited, true)) release.Wait();
    return std::vector<int>(items.begin(), items.end());
  });
  const auto batcher =
      Batcher::Create({.max_batch = 1, .max_delay = absl::ZeroDuration(), .queue_capacity = 64},
                      std::move(workers), RealClock(), metrics)
          .value();
  for (int i = 0; i < 65; ++i) {
    batcher->Submit(i, absl::InfiniteFuture(), [](absl::StatusOr<int>) {});
  }
  for (auto _ : state) {
    batcher->Submit(0, absl::InfiniteFuture(), [](absl::StatusOr<int>) {});
  }
  state.SetItemsProcessed(state.iterations());
  release.DecrementCount();
}
BENCHMARK(BM_Refused);

}  // namespace
}  // namespace aislewatch
