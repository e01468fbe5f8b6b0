// What LibTorch may use of this machine, and whether its matrix library is good enough.
#pragma once

#include <string>

namespace aislewatch {

/// Sets how many threads LibTorch computes one inference with, for the whole process; >= 1. Call it
/// before the first inference. One is best where cameras outnumber cores: the pool of LibTorch's
/// XNNPACK operators otherwise has as many threads as the machine has cores, whatever
/// OMP_NUM_THREADS says, and they spin while they wait for each other. So do those of OpenBLAS, which is
/// told the same: with a GRU's small products half of the processor's time went into waiting.
void SetComputeThreads(int threads);

/// What a short matrix product measured.
struct ComputeCheck {
  double gflops = 0;
  /// Empty where all is well, else what is wrong and how to mend it, for the log.
  std::string warning;
};

/// Rate above which no warning is given. Debian's reference BLAS reaches 1 to 5 on any processor
/// and OpenBLAS on one core of the last ten years 20 and more, so the two are told apart even on
/// a busy machine.
inline constexpr double kSlowGflops = 10;

/// Multiplies matrices on this thread for about 20 ms (a second with the slowest library) and
/// judges the fastest run. Meant for a service's start.
ComputeCheck CheckCompute();

/// The warning for a measured rate; empty above kSlowGflops.
std::string SlowComputeWarning(double gflops);

}  // namespace aislewatch
