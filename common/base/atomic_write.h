// Writing a file so that readers see the old one or the new one, never half of it.
#pragma once

#include <sys/types.h>

#include <string>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"

namespace aislewatch {

/// Writes `contents` to a temporary file beside `path`, syncs it to the disk and renames it to
/// `path`, with the permissions `mode` whatever the umask; until then it is for its owner alone.
/// Blocks for the disk, on which the file is when this returns. On an error (named with the path)
/// `path` is as it was, or the new file.
absl::Status WriteFileAtomically(const std::string& path, absl::string_view contents,
                                 mode_t mode = 0644);

/// Puts the names in the folder of `path` on the disk.
absl::Status SyncFolderOf(const std::string& path);

/// For its owner's eyes only.
inline constexpr mode_t kPrivateFile = 0600;

}  // namespace aislewatch
