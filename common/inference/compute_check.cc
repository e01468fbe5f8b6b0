#include "common/inference/compute_check.h"

#include <algorithm>
#include <chrono>

#include <dlfcn.h>

#include <ATen/Parallel.h>
#include <torch/types.h>

#include "absl/strings/str_format.h"

namespace aislewatch {
namespace {
constexpr int64_t kSide = 512;
constexpr int kRuns = 5;
}  // namespace

std::string SlowComputeWarning(double gflops) {
  if (gflops >= kSlowGflops) return "";
  return absl::StrFormat(
      "matrix products run at %.1f GFLOP/s: LibTorch uses a slow BLAS, and inference will be many "
      "times slower than it could be. Install libopenblas0-pthread and choose it with "
      "'update-alternatives --config libblas.so.3-x86_64-linux-gnu'.",
      gflops);
}

void SetComputeThreads(int threads) {
  at::set_num_threads(std::max(1, threads));
  // Which BLAS there is turns out when the program starts, so its symbols cannot be linked against.
  using SetThreads = void (*)(int);
  static const auto set_blas_threads =
      reinterpret_cast<SetThreads>(dlsym(RTLD_DEFAULT, "openblas_set_num_threads"));
  if (set_blas_threads != nullptr) set_blas_threads(std::max(1, threads));
}

ComputeCheck CheckCompute() {
  const c10::InferenceMode inference;
  const torch::Tensor a = torch::ones({kSide, kSide});
  ComputeCheck check;
  for (int run = 0; run < kRuns; ++run) {
    const auto start = std::chrono::steady_clock::now();
    torch::mm(a, a);
    const std::chrono::duration<double> took = std::chrono::steady_clock::now() - start;
    const double flops = 2.0 * kSide * kSide * kSide;
    check.gflops = std::max(check.gflops, flops / std::max(took.count(), 1e-9) / 1e9);
  }
  check.warning = SlowComputeWarning(check.gflops);
  return check;
}

}  // namespace aislewatch
