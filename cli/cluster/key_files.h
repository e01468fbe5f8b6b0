// The keys of a local cluster's event storage, each in a file for its owner alone. What is there is
// never replaced; a key is on the disk, or not there, when these return. Their errors,
// INVALID_ARGUMENT, say what is wrong with the folder.
#pragma once

#include <string>

#include "absl/status/status.h"

namespace aislewatch {

/// What passwords of cameras and secrets of webhooks are encrypted with.
absl::Status EnsureSecretsKey(const std::string& path);

/// What exports are signed with: Ed25519, as PEM.
absl::Status EnsureSiteKey(const std::string& path);

}  // namespace aislewatch
