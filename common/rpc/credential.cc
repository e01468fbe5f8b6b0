#include "common/rpc/credential.h"

#include <algorithm>
#include <fstream>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/clock.h"
#include "common/base/status.h"

namespace aislewatch {
namespace {

constexpr absl::Duration kReadAgainAfter = absl::Seconds(2);

absl::StatusOr<std::string> ReadCredential(const std::string& path) {
  std::ifstream file(path);
  std::string line;
  if (!file || !std::getline(file, line)) {
    return absl::InvalidArgumentError(
        absl::StrCat("token file ", path, ": there is no line to read"));
  }
  const std::string credential(absl::StripAsciiWhitespace(line));
  // Else gRPC would abort a call whose metadata it cannot send.
  if (credential.empty() || !std::all_of(credential.begin(), credential.end(),
                                         [](char c) { return absl::ascii_isgraph(c); })) {
    return absl::InvalidArgumentError(
        absl::StrCat("token file ", path, ": its first line is no token"));
  }
  return credential;
}

// A file's credential and when it was read.
class FileCredential {
 public:
  FileCredential(std::string path, std::string credential)
      : path_(std::move(path)), credential_(std::move(credential)), read_(absl::Now()) {}

  std::string Get() {
    absl::MutexLock lock(&mutex_);
    const absl::Time now = absl::Now();
    if (now - read_ >= kReadAgainAfter) {
      read_ = now;
      if (auto again = ReadCredential(path_); again.ok()) credential_ = *std::move(again);
    }
    return credential_;
  }

 private:
  const std::string path_;
  absl::Mutex mutex_;
  std::string credential_ ABSL_GUARDED_BY(mutex_);
  absl::Time read_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace

CredentialSource FixedCredential(std::string credential) {
  return [credential = std::move(credential)] { return credential; };
}

absl::StatusOr<CredentialSource> CredentialFromFile(const std::string& path) {
  AW_ASSIGN_OR_RETURN(std::string credential, ReadCredential(path));
  auto file = std::make_shared<FileCredential>(path, std::move(credential));
  return CredentialSource([file] { return file->Get(); });
}

}  // namespace aislewatch
