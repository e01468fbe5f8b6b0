#include "cli/console/progress.h"

#include <unistd.h>

#include <algorithm>
#include <cstdio>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"

namespace aislewatch {
namespace {
constexpr int kWidth = 30;
}

ProgressBar::ProgressBar(absl::string_view label, int64_t total)
    : label_(label), total_(total), terminal_(isatty(STDERR_FILENO) == 1) {}

ProgressBar::~ProgressBar() {
  if (terminal_ && drawn_) std::fputc('\n', stderr);
}

void ProgressBar::Update(int64_t done, absl::string_view note) {
  done_ = done;
  const bool finished = total_ > 0 && done >= total_;
  if (terminal_) {
    const absl::Time now = absl::Now();
    if (!finished && now - last_drawn_ < absl::Milliseconds(100)) return;
    last_drawn_ = now;
  } else {
    const int tenth = total_ > 0 ? static_cast<int>(done * 10 / total_) : -1;
    if (tenth == last_tenth_) return;
    last_tenth_ = tenth;
  }
  Draw(note);
}

void ProgressBar::Draw(absl::string_view note) {
  drawn_ = true;
  std::string line = label_;
  if (total_ > 0) {
    const double fraction = std::clamp(static_cast<double>(done_) / total_, 0.0, 1.0);
    const int filled = static_cast<int>(fraction * kWidth);
    absl::StrAppend(&line, " [", std::string(filled, '#'), std::string(kWidth - filled, '.'), "] ",
                    absl::StrFormat("%3.0f%%", 100 * fraction));
    const absl::Duration spent = absl::Now() - start_;
    if (fraction > 0.01 && fraction < 1) {
      absl::StrAppend(&line, " ETA ",
                      absl::FormatDuration(
                          absl::Seconds(absl::ToInt64Seconds(spent * (1 - fraction) / fraction))));
    }
  } else {
    absl::StrAppend(&line, " ", done_);
  }
  if (!note.empty()) absl::StrAppend(&line, " ", note);
  std::fprintf(stderr, terminal_ ? "\r\033[K%s" : "%s\n", line.c_str());
  std::fflush(stderr);
}

}  // namespace aislewatch
