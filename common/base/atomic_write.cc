#include "common/base/atomic_write.h"

#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <filesystem>

#include "absl/strings/str_cat.h"

namespace aislewatch {
namespace {

absl::Status WriteAll(int fd, absl::string_view contents, mode_t mode) {
  while (!contents.empty()) {
    const ssize_t n = write(fd, contents.data(), contents.size());
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return absl::ErrnoToStatus(errno, "cannot write");
    contents.remove_prefix(static_cast<size_t>(n));
  }
  if (fchmod(fd, mode) != 0 || fsync(fd) != 0) return absl::ErrnoToStatus(errno, "cannot sync");
  return absl::OkStatus();
}

}  // namespace

absl::Status SyncFolderOf(const std::string& path) {
  const std::string folder = std::filesystem::path(path).parent_path().string();
  const int fd = open(folder.empty() ? "." : folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (fd < 0) return absl::ErrnoToStatus(errno, absl::StrCat("cannot open the folder of ", path));
  const bool synced = fsync(fd) == 0;
  const int why = errno;
  close(fd);
  if (synced) return absl::OkStatus();
  return absl::ErrnoToStatus(why, absl::StrCat("cannot sync the folder of ", path));
}

absl::Status WriteFileAtomically(const std::string& path, absl::string_view contents, mode_t mode) {
  std::string temporary = absl::StrCat(path, ".XXXXXX");
  const int fd = mkstemp(temporary.data());
  if (fd < 0) return absl::ErrnoToStatus(errno, absl::StrCat("cannot create a file for ", path));
  absl::Status status = WriteAll(fd, contents, mode);
  if (close(fd) != 0 && status.ok()) status = absl::ErrnoToStatus(errno, "cannot close");
  if (status.ok() && rename(temporary.c_str(), path.c_str()) != 0) {
    status = absl::ErrnoToStatus(errno, "cannot rename");
  }
  if (status.ok()) return SyncFolderOf(path);
  unlink(temporary.c_str());
  return absl::Status(status.code(), absl::StrCat(path, ": ", status.message()));
}

}  // namespace aislewatch
