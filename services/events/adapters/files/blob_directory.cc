#include "services/events/adapters/files/blob_directory.h"

#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <memory>
#include <set>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/strip.h"
#include "common/base/ids.h"
#include "common/base/sha256.h"
#include "common/base/status.h"
#include "services/events/core/evidence.h"

namespace aislewatch::events {
namespace {

constexpr char kIdentityFile[] = "aislewatch-evidence.id";
constexpr char kPartEnding[] = ".part";

// What errno says of an attempt to `verb` something of the directory.
absl::Status IoFailure(const std::string& directory, absl::string_view verb) {
  const int error = errno;
  const std::string what = absl::StrCat("cannot ", verb, " in the evidence directory ", directory,
                                        ": ", std::strerror(error));
  if (error == ENOSPC || error == EDQUOT || error == EFBIG) {
    return absl::ResourceExhaustedError(
        absl::StrCat(what,
                     "; enlarge the volume, or keep less (--retain-info, --retain-warning, "
                     "--retain-critical); nothing that was stored is lost, and what was to "
                     "be stored is to be sent again"));
  }
  return absl::UnavailableError(
      absl::StrCat(what,
                   "; is the volume mounted and writable? Keep what was to be stored and try "
                   "again"));
}

class File {
 public:
  File(const std::string& path, int flags) : fd_(open(path.c_str(), flags | O_CLOEXEC, 0640)) {}
  ~File() {
    if (fd_ >= 0) close(fd_);
  }
  File(const File&) = delete;
  File& operator=(const File&) = delete;

  bool ok() const { return fd_ >= 0; }
  int fd() const { return fd_; }
  /// -1 where it cannot be told.
  int64_t Size() const {
    struct stat status = {};
    return fstat(fd_, &status) == 0 ? status.st_size : -1;
  }
  /// Closing may tell of a failed write, over NFS.
  bool Close() { return close(std::exchange(fd_, -1)) == 0; }

 private:
  int fd_;
};

bool SyncFolder(const std::string& path) {
  const File folder(path, O_RDONLY | O_DIRECTORY);
  return folder.ok() && fsync(folder.fd()) == 0;
}

bool WriteAll(int fd, absl::string_view bytes, uint64_t offset) {
  while (!bytes.empty()) {
    const ssize_t written = pwrite(fd, bytes.data(), bytes.size(), static_cast<off_t>(offset));
    if (written < 0 && errno == EINTR) continue;
    if (written <= 0) return false;
    bytes.remove_prefix(static_cast<size_t>(written));
    offset += static_cast<uint64_t>(written);
  }
  return true;
}

// False with errno; fewer bytes than asked for at the end alone.
bool ReadSome(int fd, uint64_t offset, std::string& bytes) {
  bytes.resize(kMaxEvidenceChunkBytes);
  size_t filled = 0;
  while (filled < bytes.size()) {
    const ssize_t got = pread(fd, bytes.data() + filled, bytes.size() - filled,
                              static_cast<off_t>(offset + filled));
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return false;
    if (got == 0) break;
    filled += static_cast<size_t>(got);
  }
  bytes.resize(filled);
  return true;
}

absl::Status Interfered() {
  return absl::AbortedError("another upload of this evidence ran at the same time; send it again");
}

}  // namespace

std::string BlobDirectory::FolderOf(const std::string& blob_id) const {
  return absl::StrCat(path_, "/", blob_id.substr(0, 2));
}

std::string BlobDirectory::FileOf(const std::string& blob_id) const {
  return absl::StrCat(FolderOf(blob_id), "/", blob_id);
}

std::string BlobDirectory::PartOf(const std::string& blob_id) const {
  return absl::StrCat(FileOf(blob_id), kPartEnding);
}

absl::Status BlobDirectory::MakeFolder(const std::string& folder) {
  if (mkdir(folder.c_str(), 0750) == 0) {
    return SyncFolder(path_) ? absl::OkStatus() : IoFailure(path_, "make a folder");
  }
  return errno == EEXIST ? absl::OkStatus() : IoFailure(path_, "make a folder");
}

absl::StatusOr<uint64_t> BlobDirectory::Stored(const std::string& blob_id) {
  for (const std::string& path : {FileOf(blob_id), PartOf(blob_id)}) {
    struct stat status = {};
    if (stat(path.c_str(), &status) == 0) return static_cast<uint64_t>(status.st_size);
    if (errno != ENOENT) return IoFailure(path_, "look");
  }
  return uint64_t{0};
}

absl::Status BlobDirectory::Begin(const std::string& blob_id, uint64_t offset) {
  AW_RETURN_IF_ERROR(MakeFolder(FolderOf(blob_id)));
  if (offset > 0) {
    // Whole already: its database did not learn of it.
    struct stat status = {};
    if (stat(FileOf(blob_id).c_str(), &status) == 0 &&
        static_cast<uint64_t>(status.st_size) == offset) {
      unlink(PartOf(blob_id).c_str());
      return absl::OkStatus();
    }
  }
  const File part(PartOf(blob_id), O_WRONLY | O_CREAT);
  if (!part.ok()) return IoFailure(path_, "write");
  const int64_t size = part.Size();
  if (size < 0) return IoFailure(path_, "look");
  if (static_cast<uint64_t>(size) < offset) {
    return absl::AbortedError(absl::StrCat("the upload cannot go on at byte ", offset,
                                           "; there are ", size, "; ask GetUpload where it does"));
  }
  return ftruncate(part.fd(), static_cast<off_t>(offset)) == 0 ? absl::OkStatus()
                                                               : IoFailure(path_, "write");
}

absl::Status BlobDirectory::Append(const std::string& blob_id, uint64_t offset,
                                   absl::string_view bytes) {
  File part(PartOf(blob_id), O_WRONLY);
  if (!part.ok()) return errno == ENOENT ? Interfered() : IoFailure(path_, "write");
  const int64_t size = part.Size();
  if (size < 0) return IoFailure(path_, "look");
  if (static_cast<uint64_t>(size) != offset) return Interfered();
  if (WriteAll(part.fd(), bytes, offset)) {
    return part.Close() ? absl::OkStatus() : IoFailure(path_, "write");
  }
  const absl::Status failure = IoFailure(path_, "write");
  // What came of these bytes would be in the way of the next try.
  [[maybe_unused]] const int cut = ftruncate(part.fd(), static_cast<off_t>(offset));
  return failure;
}

absl::StatusOr<std::string> BlobDirectory::Read(const std::string& blob_id, uint64_t offset) {
  for (const std::string& path : {FileOf(blob_id), PartOf(blob_id)}) {
    const File file(path, O_RDONLY);
    if (!file.ok() && errno == ENOENT) continue;
    std::string bytes;
    if (!file.ok() || !ReadSome(file.fd(), offset, bytes)) return IoFailure(path_, "read");
    return bytes;
  }
  return absl::NotFoundError(absl::StrCat("there is no blob ", blob_id));
}

absl::Status BlobDirectory::Complete(const std::string& blob_id, uint64_t size,
                                     const std::string& sha256) {
  const bool renamed = access(PartOf(blob_id).c_str(), F_OK) != 0 && errno == ENOENT;
  File file(renamed ? FileOf(blob_id) : PartOf(blob_id), renamed ? O_RDONLY : O_RDWR);
  if (!file.ok()) return errno == ENOENT ? Interfered() : IoFailure(path_, "read");
  // Read again: two uploads at once may have mixed their pieces, and disks err.
  Sha256 sum;
  uint64_t read = 0;
  std::string bytes;
  do {
    if (!ReadSome(file.fd(), read, bytes)) return IoFailure(path_, "read");
    sum.Add(bytes);
    read += bytes.size();
  } while (!bytes.empty() && read <= size);
  if (read != size || sum.Hex() != sha256) return Interfered();
  if (renamed) return absl::OkStatus();
  if (fsync(file.fd()) != 0 || !file.Close() ||
      rename(PartOf(blob_id).c_str(), FileOf(blob_id).c_str()) != 0 ||
      !SyncFolder(FolderOf(blob_id))) {
    return IoFailure(path_, "write");
  }
  return absl::OkStatus();
}

absl::Status BlobDirectory::Remove(const std::vector<std::string>& blob_ids) {
  absl::Status failure;
  for (const std::string& blob_id : blob_ids) {
    for (const std::string& path : {FileOf(blob_id), PartOf(blob_id)}) {
      if (unlink(path.c_str()) != 0 && errno != ENOENT) failure = IoFailure(path_, "remove");
    }
  }
  return failure;
}

absl::StatusOr<std::vector<std::string>> BlobDirectory::ListOld(int shard,
                                                                absl::Time before) const {
  const std::string folder = absl::StrFormat("%s/%02x", path_, shard);
  const std::unique_ptr<DIR, int (*)(DIR*)> entries(opendir(folder.c_str()), &closedir);
  if (entries == nullptr && errno == ENOENT) return std::vector<std::string>();
  if (entries == nullptr) return IoFailure(path_, "look");
  std::set<std::string> ids;
  while (const dirent* entry = readdir(entries.get())) {
    const std::string id(absl::StripSuffix(entry->d_name, kPartEnding));
    struct stat status = {};
    if (!IsUuid(id) || fstatat(dirfd(entries.get()), entry->d_name, &status, 0) != 0) continue;
    if (absl::TimeFromTimespec(status.st_mtim) < before) ids.insert(id);
  }
  return std::vector<std::string>(ids.begin(), ids.end());
}

absl::Status BlobDirectory::RemoveOld(const std::vector<std::string>& blob_ids, absl::Time before) {
  absl::Status failure;
  for (const std::string& blob_id : blob_ids) {
    for (const std::string& path : {FileOf(blob_id), PartOf(blob_id)}) {
      struct stat status = {};
      if (stat(path.c_str(), &status) != 0 || absl::TimeFromTimespec(status.st_mtim) >= before) {
        continue;
      }
      if (unlink(path.c_str()) != 0 && errno != ENOENT) failure = IoFailure(path_, "remove");
    }
  }
  return failure;
}

absl::StatusOr<std::optional<std::string>> BlobDirectory::Identity() const {
  const File file(absl::StrCat(path_, "/", kIdentityFile), O_RDONLY);
  if (!file.ok()) {
    struct stat status = {};
    if (errno == ENOENT && stat(path_.c_str(), &status) == 0) return std::optional<std::string>();
    return IoFailure(path_, "read");
  }
  std::string text;
  if (!ReadSome(file.fd(), 0, text)) return IoFailure(path_, "read");
  return std::optional<std::string>(absl::StripAsciiWhitespace(text));
}

absl::Status BlobDirectory::SetIdentity(const std::string& id) {
  const std::string path = absl::StrCat(path_, "/", kIdentityFile);
  const std::string draft = absl::StrCat(path, ".", NewUuid());
  File file(draft, O_WRONLY | O_CREAT | O_EXCL);
  if (!file.ok() || !WriteAll(file.fd(), absl::StrCat(id, "\n"), 0) || fsync(file.fd()) != 0 ||
      !file.Close() || rename(draft.c_str(), path.c_str()) != 0 || !SyncFolder(path_)) {
    const absl::Status failure = IoFailure(path_, "write");
    unlink(draft.c_str());
    return failure;
  }
  return absl::OkStatus();
}

bool BlobDirectory::IsEmpty() const {
  for (int shard = 0; shard < kShards; ++shard) {
    if (access(absl::StrFormat("%s/%02x", path_, shard).c_str(), F_OK) == 0) return false;
  }
  return true;
}

}  // namespace aislewatch::events
