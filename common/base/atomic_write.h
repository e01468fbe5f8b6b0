// Writing a file so that readers see the old one or the new one, never half of it.
#pragma once

#include <sys/types.h>

#include <string>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"

namespace aislewatch {

/// Writes `contents` to a temporary file beside `path`, syncs it to the disk and renames it to
/// `path`, with the permissions `mode` whatever the umask; until then it is for its owner alone.
/// Blocks for the disk. On an error (named with the path) `path` is as it was.
absl::Status WriteFileAtomically(const std::string& path, absl::string_view contents,
                                 mode_t mode = 0644);

/// For its owner's eyes only.
inline constexpr mode_t kPrivateFile = 0600;

}  // namespace aislewatch
