// What trainers tell while they run. Free of LibTorch.
#pragma once

#include <cstdint>
#include <functional>
#include <string>

#include "absl/strings/string_view.h"

namespace aislewatch::training {

/// How far a stage of the run has come, for a progress bar.
struct TrainingProgress {
  absl::string_view stage;
  int64_t done = 0;
  int64_t total = 0;
  std::string note;
};
using TrainingProgressFn = std::function<void(const TrainingProgress&)>;

}  // namespace aislewatch::training
