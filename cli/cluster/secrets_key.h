// The key that a local cluster's event storage encrypts passwords of cameras with.
#pragma once

#include <string>

#include "absl/status/status.h"

namespace aislewatch {

/// Makes the file with a new key, readable by its owner alone, where it is not there yet. It is on
/// the disk, or not there, when this returns. INVALID_ARGUMENT says what is wrong with the folder.
absl::Status EnsureSecretsKey(const std::string& path);

}  // namespace aislewatch
