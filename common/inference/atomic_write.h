// Writing a file so that readers see the old one or the new one, never half of it.
#pragma once

#include <string>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"

namespace aislewatch {

/// Writes `contents` to a temporary file beside `path`, syncs it to the disk and renames it to
/// `path`. Blocks for the disk. On an error (named with the path) `path` is as it was.
absl::Status WriteFileAtomically(const std::string& path, absl::string_view contents);

}  // namespace aislewatch
