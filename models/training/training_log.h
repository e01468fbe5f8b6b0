// A training run's figures as a table, a line per epoch.
#pragma once

#include <string>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"

namespace aislewatch::training {

/// Puts `line`, which begins with the epoch's number and a comma, into the comma-separated file
/// `path` under `title`, after the lines of the epochs before it; those of later ones, which a
/// resumed run does again, go. The file is replaced whole: a full disk leaves it as it was, with an
/// error that says so. Makes the folder. Blocks for the disk.
absl::Status LogEpoch(const std::string& path, absl::string_view title, int epoch,
                      absl::string_view line);

}  // namespace aislewatch::training
