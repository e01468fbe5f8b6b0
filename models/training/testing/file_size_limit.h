// A disk without room, for tests.
#pragma once

#include <sys/resource.h>

#include <csignal>
#include <cstdlib>

namespace aislewatch::training {

/// In its scope no file of this process grows beyond `bytes`: what writes more gets an error after
/// the first of them, as on a full disk. For tests of one thread.
class FileSizeLimit {
 public:
  explicit FileSizeLimit(rlim_t bytes) {
    handler_ = std::signal(SIGXFSZ, SIG_IGN);  // Else it ends the process.
    if (getrlimit(RLIMIT_FSIZE, &before_) != 0) std::abort();
    rlimit now = before_;
    now.rlim_cur = bytes;
    if (setrlimit(RLIMIT_FSIZE, &now) != 0) std::abort();
  }
  ~FileSizeLimit() {
    setrlimit(RLIMIT_FSIZE, &before_);
    std::signal(SIGXFSZ, handler_);
  }
  FileSizeLimit(const FileSizeLimit&) = delete;
  FileSizeLimit& operator=(const FileSizeLimit&) = delete;

 private:
  rlimit before_{};
  void (*handler_)(int) = nullptr;
};

}  // namespace aislewatch::training
