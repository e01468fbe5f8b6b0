#include "cli/cluster/secrets_key.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "absl/strings/str_cat.h"
#include "common/base/ids.h"
#include "common/base/secret.h"
#include "common/base/status.h"

namespace aislewatch {
namespace {

absl::Status KeyFault(const std::string& path) {
  return absl::InvalidArgumentError(
      absl::StrCat("cannot write ", path, ": ", std::strerror(errno)));
}

bool WriteAndClose(int fd, const std::string& text) {
  const bool written =
      write(fd, text.data(), text.size()) == static_cast<ssize_t>(text.size()) && fsync(fd) == 0;
  return close(fd) == 0 && written;
}

}  // namespace

absl::Status EnsureSecretsKey(const std::string& path) {
  if (access(path.c_str(), F_OK) == 0) return absl::OkStatus();
  AW_ASSIGN_OR_RETURN(const std::string key, NewSecret("k1 "));
  // Written elsewhere first: half a key would lock everybody out of what it encrypts.
  const std::string draft = absl::StrCat(path, ".", NewUuid());
  const int fd = open(draft.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
  if (fd < 0) return KeyFault(draft);
  absl::Status status;
  if (!WriteAndClose(
          fd, absl::StrCat("# Encrypts passwords of cameras; without it they are lost.\n", key,
                           "\n"))) {
    status = KeyFault(draft);
  } else if (link(draft.c_str(), path.c_str()) != 0 && errno != EEXIST) {
    // A link never replaces a key that somebody else has made meanwhile.
    status = KeyFault(path);
  }
  unlink(draft.c_str());
  return status;
}

}  // namespace aislewatch
