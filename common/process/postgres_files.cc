#include "common/process/postgres_files.h"

#include <pwd.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "absl/time/clock.h"
#include "common/base/status.h"

namespace aislewatch::process_internal {
namespace {

namespace fs = std::filesystem;

// sun_path holds 108 bytes with the final zero; the socket is called .s.PGSQL.5432.
constexpr size_t kLongestSocketPath = 107;
constexpr absl::string_view kSocketName = "/.s.PGSQL.5432";

std::string ReadFile(const fs::path& path) {
  std::ifstream file(path);
  std::stringstream text;
  text << file.rdbuf();
  return text.str();
}

bool HasPrograms(const fs::path& folder) {
  return access((folder / "initdb").c_str(), X_OK) == 0 &&
         access((folder / "postgres").c_str(), X_OK) == 0;
}

// Debian's folders by major version, newest first.
std::vector<std::pair<int, fs::path>> InstalledVersions() {
  std::vector<std::pair<int, fs::path>> versions;
  std::error_code error;
  for (const auto& entry : fs::directory_iterator("/usr/lib/postgresql", error)) {
    int major = 0;
    const fs::path programs = entry.path() / "bin";
    if (absl::SimpleAtoi(entry.path().filename().string(), &major) && HasPrograms(programs)) {
      versions.emplace_back(major, programs);
    }
  }
  std::sort(versions.rbegin(), versions.rend());
  return versions;
}

bool MayEnter(const struct stat& info, const passwd& user) {
  if (info.st_uid == user.pw_uid) return (info.st_mode & S_IXUSR) != 0;
  if (info.st_gid == user.pw_gid) return (info.st_mode & S_IXGRP) != 0;
  return (info.st_mode & S_IXOTH) != 0;
}

absl::Status CheckReachable(const fs::path& directory, const passwd& user) {
  for (fs::path folder = directory.parent_path();; folder = folder.parent_path()) {
    struct stat info {};
    if (stat(folder.c_str(), &info) == 0 && !MayEnter(info, user)) {
      return absl::InvalidArgumentError(absl::StrCat(
          "PostgreSQL does not run as root, and user \"", user.pw_name, "\" cannot reach ",
          directory.string(), " because ", folder.string(),
          " is closed to it; use a directory elsewhere (for example under /var/lib) or run as "
          "another user than root"));
    }
    if (folder == folder.root_path()) return absl::OkStatus();
  }
}

// Processes whose working directory is the data directory: the postmaster and its backends.
std::vector<pid_t> ServerProcesses(const fs::path& data_directory) {
  std::vector<pid_t> found;
  std::error_code error;
  const fs::path wanted = fs::weakly_canonical(data_directory, error);
  for (const auto& entry : fs::directory_iterator("/proc", error)) {
    pid_t pid = 0;
    if (!absl::SimpleAtoi(entry.path().filename().string(), &pid)) continue;
    std::error_code gone;
    if (fs::read_symlink(entry.path() / "cwd", gone) != wanted || gone) continue;
    if (absl::StartsWith(ReadFile(entry.path() / "comm"), "postgres")) found.push_back(pid);
  }
  return found;
}

}  // namespace

absl::StatusOr<std::string> FindPostgresPrograms(const std::string& data_directory) {
  int wanted = 0;
  const std::string version = ReadFile(fs::path(data_directory) / "PG_VERSION");
  const bool exists = absl::SimpleAtoi(absl::StripAsciiWhitespace(version), &wanted);
  const char* path = getenv("PATH");
  for (absl::string_view folder : absl::StrSplit(path == nullptr ? "" : path, ':')) {
    if (!exists && !folder.empty() && HasPrograms(std::string(folder))) return std::string(folder);
  }
  for (const auto& [major, programs] : InstalledVersions()) {
    if (!exists || major == wanted) return programs.string();
  }
  if (exists) {
    return absl::NotFoundError(absl::StrCat(data_directory, " was made by PostgreSQL ", wanted,
                                            ", which is not installed; install "
                                            "postgresql-",
                                            wanted,
                                            " or move the directory's data with pg_upgrade"));
  }
  return absl::NotFoundError(
      "PostgreSQL's server programs (initdb, postgres) are neither in PATH nor in "
      "/usr/lib/postgresql/*/bin; install them: apt-get install postgresql");
}

absl::Status PrepareDirectory(const std::string& directory, const std::string& user) {
  std::error_code error;
  fs::create_directories(directory, error);
  if (error) {
    return absl::InvalidArgumentError(
        absl::StrCat("cannot create ", directory, ": ", error.message()));
  }
  if (!user.empty()) {
    const passwd* entry = getpwnam(user.c_str());
    if (entry == nullptr) {
      return absl::InvalidArgumentError(
          absl::StrCat("PostgreSQL does not run as root, and there is no user \"", user,
                       "\" to run it as; Debian's package postgresql makes one"));
    }
    AW_RETURN_IF_ERROR(CheckReachable(fs::absolute(directory), *entry));
    if (chown(directory.c_str(), entry->pw_uid, entry->pw_gid) != 0) {
      return absl::ErrnoToStatus(errno, absl::StrCat("cannot hand ", directory, " to ", user));
    }
  }
  if (chmod(directory.c_str(), 0700) != 0) {
    return absl::ErrnoToStatus(errno, absl::StrCat("cannot close ", directory, " to others"));
  }
  return absl::OkStatus();
}

absl::StatusOr<std::string> SocketDirectory(const std::string& wanted, const std::string& user) {
  std::string directory = wanted;
  if (wanted.size() + kSocketName.size() > kLongestSocketPath) {
    directory = "/tmp/aislewatch-XXXXXX";
    if (mkdtemp(directory.data()) == nullptr) {
      return absl::ErrnoToStatus(errno, "cannot make a directory in /tmp for PostgreSQL's socket");
    }
  }
  AW_RETURN_IF_ERROR(PrepareDirectory(directory, user));
  return directory;
}

absl::Status RemoveLeftovers(const std::string& data_directory, absl::Duration timeout) {
  const absl::Time start = absl::Now();
  const absl::Time deadline = start + timeout;
  bool asked = false;
  while (true) {
    const std::vector<pid_t> processes = ServerProcesses(data_directory);
    if (processes.empty()) break;
    if (absl::Now() >= deadline) {
      return absl::DeadlineExceededError(
          absl::StrCat("an earlier PostgreSQL server (process ", absl::StrJoin(processes, ", "),
                       ") still uses ", data_directory, " and does not end; end it and try again"));
    }
    // First a fast shutdown; later an immediate one, which the next start recovers from.
    const bool patient = absl::Now() < start + timeout / 2;
    for (const pid_t pid : processes) {
      if (!patient || !asked) kill(pid, patient ? SIGINT : SIGQUIT);
    }
    asked = true;
    absl::SleepFor(absl::Milliseconds(20));
  }
  std::error_code error;
  fs::remove(fs::path(data_directory) / "postmaster.pid", error);
  return absl::OkStatus();
}

bool ServerIsReady(const std::string& data_directory, pid_t pid) {
  // postmaster.pid, as pg_ctl reads it: the process id in the first line, the state in the eighth.
  const std::string text = ReadFile(fs::path(data_directory) / "postmaster.pid");
  const std::vector<absl::string_view> lines = absl::StrSplit(text, '\n');
  return lines.size() >= 8 && lines[0] == absl::StrCat(pid) &&
         absl::StripAsciiWhitespace(lines[7]) == "ready";
}

std::string LastLines(const std::string& path, int lines) {
  const std::string text = ReadFile(path);
  std::vector<absl::string_view> all =
      absl::StrSplit(absl::StripTrailingAsciiWhitespace(text), '\n');
  const size_t first = all.size() > static_cast<size_t>(lines) ? all.size() - lines : 0;
  return absl::StrJoin(all.begin() + first, all.end(), "\n");
}

}  // namespace aislewatch::process_internal
