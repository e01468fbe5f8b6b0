#include "cli/cluster/secrets_key.h"

#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "absl/strings/str_cat.h"
#include "common/base/atomic_write.h"
#include "common/base/ids.h"
#include "common/base/secret.h"
#include "common/base/status.h"

namespace aislewatch {

absl::Status EnsureSecretsKey(const std::string& path) {
  if (access(path.c_str(), F_OK) == 0) return absl::OkStatus();
  AW_ASSIGN_OR_RETURN(const std::string key, NewSecret("k1 "));
  // Written elsewhere first: half a key would lock everybody out of what it encrypts.
  const std::string draft = absl::StrCat(path, ".", NewUuid());
  const absl::Status written = WriteFileAtomically(
      draft,
      absl::StrCat("# Encrypts passwords of cameras; without it they are lost.\n", key, "\n"),
      kPrivateFile);
  if (!written.ok()) return absl::InvalidArgumentError(written.message());
  absl::Status status;
  // A link never replaces a key that somebody else has made meanwhile.
  if (link(draft.c_str(), path.c_str()) != 0 && errno != EEXIST) {
    status =
        absl::InvalidArgumentError(absl::StrCat("cannot write ", path, ": ", std::strerror(errno)));
  }
  unlink(draft.c_str());
  return status;
}

}  // namespace aislewatch
