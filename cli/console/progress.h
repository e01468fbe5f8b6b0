// A progress bar with the time that is left, on standard error.
//
// On a terminal one line is redrawn at most ten times a second; elsewhere a line is printed every
// ten per cent, so that logs stay short. Not thread-safe.
#pragma once

#include <cstdint>
#include <string>

#include "absl/strings/string_view.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"

namespace aislewatch {

class ProgressBar {
 public:
  /// `total` <= 0 means unknown: then a count is shown instead of a bar.
  ProgressBar(absl::string_view label, int64_t total);
  /// Ends the line.
  ~ProgressBar();
  ProgressBar(const ProgressBar&) = delete;
  ProgressBar& operator=(const ProgressBar&) = delete;

  /// `done` of `total`; `note` stands behind the bar.
  void Update(int64_t done, absl::string_view note = "");

 private:
  void Draw(absl::string_view note);

  const std::string label_;
  const int64_t total_;
  const bool terminal_;
  const absl::Time start_ = absl::Now();
  int64_t done_ = 0;
  absl::Time last_drawn_ = absl::InfinitePast();
  int last_tenth_ = -1;
  bool drawn_ = false;
};

}  // namespace aislewatch
