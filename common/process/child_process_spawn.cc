#include "common/process/child_process_spawn.h"

#include <fcntl.h>
#include <grp.h>
#include <pwd.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <climits>
#include <condition_variable>
#include <functional>
#include <future>
#include <mutex>
#include <queue>
#include <thread>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/string_view.h"
#include "common/base/status.h"

#ifndef CLOSE_RANGE_CLOEXEC
#define CLOSE_RANGE_CLOEXEC (1U << 2)
#endif

namespace aislewatch::process_internal {
namespace {

// A thread that never ends. PR_SET_PDEATHSIG fires when the thread that forked ends, not when the
// process does, so a child forked from a short-lived thread would be killed early.
class ForkingThread {
 public:
  static ForkingThread& Get() {
    // Leaked on purpose: it has to outlive every child.
    static ForkingThread* const instance = new ForkingThread;
    return *instance;
  }

  absl::StatusOr<pid_t> Run(std::function<absl::StatusOr<pid_t>()> job) {
    std::packaged_task<absl::StatusOr<pid_t>()> task(std::move(job));
    auto result = task.get_future();
    {
      std::lock_guard lock(mutex_);
      tasks_.push(std::move(task));
    }
    arrived_.notify_one();
    return result.get();
  }

 private:
  ForkingThread() {
    std::thread([this] { Loop(); }).detach();
  }

  void Loop() {
    // Signals are for the threads of the program, never for this one.
    sigset_t all;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, nullptr);
    while (true) {
      std::unique_lock lock(mutex_);
      arrived_.wait(lock, [this] { return !tasks_.empty(); });
      auto task = std::move(tasks_.front());
      tasks_.pop();
      lock.unlock();
      task();
    }
  }

  std::mutex mutex_;
  std::condition_variable arrived_;
  std::queue<std::packaged_task<absl::StatusOr<pid_t>()>> tasks_;
};

// Everything that the child needs, made before the fork: after it the child may neither allocate
// nor lock, since another thread may have held any lock at that moment.
struct Prepared {
  std::string program;
  std::vector<std::string> arguments;
  std::vector<std::string> environment;
  std::vector<char*> argv;
  std::vector<char*> envp;
  std::string working_directory;
  int stdin_fd = -1;
  int log_fd = -1;
  bool change_user = false;
  uid_t uid = 0;
  gid_t gid = 0;
  std::vector<gid_t> groups;
  int death_signal = SIGKILL;
  pid_t parent = 0;
};

// What went wrong in the child, sent through a pipe that a successful execve closes.
struct Failure {
  char step[24];
  int error;
};

absl::StatusOr<std::string> FindProgram(const std::string& name) {
  if (absl::StrContains(name, '/')) return name;
  const char* path = std::getenv("PATH");
  for (absl::string_view folder : absl::StrSplit(path == nullptr ? "/usr/bin:/bin" : path, ':')) {
    std::string candidate = absl::StrCat(folder.empty() ? "." : folder, "/", name);
    if (access(candidate.c_str(), X_OK) == 0) return candidate;
  }
  return absl::NotFoundError(
      absl::StrCat("program \"", name, "\" is not in PATH; install it or give its whole path"));
}

absl::Status LookUpUser(const std::string& user, Prepared& prepared) {
  std::vector<char> buffer(16384);
  passwd entry{};
  passwd* found = nullptr;
  getpwnam_r(user.c_str(), &entry, buffer.data(), buffer.size(), &found);
  if (found == nullptr) {
    return absl::NotFoundError(absl::StrCat("there is no user \"", user, "\" on this machine"));
  }
  prepared.change_user = true;
  prepared.uid = entry.pw_uid;
  prepared.gid = entry.pw_gid;
  int count = 64;
  prepared.groups.resize(count);
  if (getgrouplist(user.c_str(), entry.pw_gid, prepared.groups.data(), &count) < 0) count = 1;
  prepared.groups.resize(count);
  return absl::OkStatus();
}

void PrepareEnvironment(const ChildProcess::Options& options, Prepared& prepared) {
  std::map<std::string, std::string> merged;
  for (char** entry = environ; entry != nullptr && *entry != nullptr; ++entry) {
    const std::pair<std::string, std::string> pair =
        absl::StrSplit(*entry, absl::MaxSplits('=', 1));
    merged[pair.first] = pair.second;
  }
  for (const auto& [name, value] : options.environment) merged[name] = value;
  for (const auto& [name, value] : merged) {
    prepared.environment.push_back(absl::StrCat(name, "=", value));
  }
}

std::vector<char*> Pointers(std::vector<std::string>& strings) {
  std::vector<char*> pointers;
  for (std::string& text : strings) pointers.push_back(text.data());
  pointers.push_back(nullptr);
  return pointers;
}

absl::Status Prepare(const ChildProcess::Options& options, Prepared& prepared) {
  if (options.argv.empty()) return absl::InvalidArgumentError("no program was given to run");
  AW_ASSIGN_OR_RETURN(prepared.program, FindProgram(options.argv[0]));
  prepared.arguments = options.argv;
  PrepareEnvironment(options, prepared);
  prepared.argv = Pointers(prepared.arguments);
  prepared.envp = Pointers(prepared.environment);
  prepared.working_directory = options.working_directory;
  prepared.death_signal = options.death_signal;
  prepared.parent = getpid();
  if (!options.user.empty()) AW_RETURN_IF_ERROR(LookUpUser(options.user, prepared));
  return absl::OkStatus();
}

[[noreturn]] void Fail(int pipe, const char* step) {
  Failure failure{};
  failure.error = errno;
  for (size_t i = 0; i + 1 < sizeof(failure.step) && step[i] != '\0'; ++i)
    failure.step[i] = step[i];
  // Nothing can be done where even this fails; the parent then sees an early exit.
  [[maybe_unused]] const ssize_t written = write(pipe, &failure, sizeof(failure));
  _exit(127);
}

void ResetSignals() {
  for (int signal = 1; signal < NSIG; ++signal) {
    struct sigaction action {};
    action.sa_handler = SIG_DFL;
    sigaction(signal, &action, nullptr);  // Fails for KILL and STOP, as it should.
  }
  sigset_t none;
  sigemptyset(&none);
  sigprocmask(SIG_SETMASK, &none, nullptr);
}

void CloseOnExecute(long limit) {
  if (syscall(SYS_close_range, 3U, ~0U, CLOSE_RANGE_CLOEXEC) == 0) return;
  for (int fd = 3; fd < limit; ++fd) fcntl(fd, F_SETFD, FD_CLOEXEC);  // Linux before 5.11.
}

[[noreturn]] void RunChild(const Prepared& prepared, int pipe, long fd_limit) {
  ResetSignals();
  setpgid(0, 0);
  if (dup2(prepared.stdin_fd, STDIN_FILENO) < 0) Fail(pipe, "dup2");
  if (prepared.log_fd >= 0 &&
      (dup2(prepared.log_fd, STDOUT_FILENO) < 0 || dup2(prepared.log_fd, STDERR_FILENO) < 0)) {
    Fail(pipe, "dup2");
  }
  CloseOnExecute(fd_limit);
  if (prepared.change_user) {
    if (setgroups(prepared.groups.size(), prepared.groups.data()) != 0) Fail(pipe, "setgroups");
    if (setgid(prepared.gid) != 0) Fail(pipe, "setgid");
    if (setuid(prepared.uid) != 0) Fail(pipe, "setuid");
  }
  if (!prepared.working_directory.empty() && chdir(prepared.working_directory.c_str()) != 0) {
    Fail(pipe, "chdir");
  }
  // After setuid, which clears it; and the parent may have died before it was set.
  if (prctl(PR_SET_PDEATHSIG, prepared.death_signal) != 0) Fail(pipe, "prctl");
  if (getppid() != prepared.parent) _exit(127);
  execve(prepared.program.c_str(), prepared.argv.data(), prepared.envp.data());
  Fail(pipe, "execve");
}

absl::Status ToStatus(const Failure& failure, const ChildProcess::Options& options) {
  const std::string where = absl::string_view(failure.step) == "chdir"
                                ? absl::StrCat(" in directory \"", options.working_directory, "\"")
                                : "";
  return absl::ErrnoToStatus(failure.error, absl::StrCat("cannot run \"", options.argv[0], "\"",
                                                         where, " (", failure.step, ")"));
}

absl::StatusOr<pid_t> Fork(const Prepared& prepared, const ChildProcess::Options& options) {
  int pipe[2];
  if (pipe2(pipe, O_CLOEXEC) != 0) return absl::ErrnoToStatus(errno, "pipe2");
  const long fd_limit = sysconf(_SC_OPEN_MAX);
  const pid_t pid = fork();
  if (pid == 0) RunChild(prepared, pipe[1], fd_limit);
  const int fork_error = errno;
  close(pipe[1]);
  if (pid < 0) {
    close(pipe[0]);
    return absl::ErrnoToStatus(fork_error, absl::StrCat("cannot fork for ", options.argv[0]));
  }
  Failure failure{};
  ssize_t got;
  do {
    got = read(pipe[0], &failure, sizeof(failure));
  } while (got < 0 && errno == EINTR);
  close(pipe[0]);
  if (got != sizeof(failure)) return pid;
  waitpid(pid, nullptr, 0);
  return ToStatus(failure, options);
}

}  // namespace

absl::StatusOr<pid_t> ForkAndExecute(const ChildProcess::Options& options) {
  Prepared prepared;
  AW_RETURN_IF_ERROR(Prepare(options, prepared));
  prepared.stdin_fd = open("/dev/null", O_RDONLY | O_CLOEXEC);
  if (prepared.stdin_fd < 0) return absl::ErrnoToStatus(errno, "cannot open /dev/null");
  if (!options.log_file.empty()) {
    prepared.log_fd =
        open(options.log_file.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644);
    if (prepared.log_fd < 0) {
      const int error = errno;
      close(prepared.stdin_fd);
      return absl::ErrnoToStatus(error, absl::StrCat("cannot write log file ", options.log_file));
    }
  }
  auto pid = ForkingThread::Get().Run([&] { return Fork(prepared, options); });
  close(prepared.stdin_fd);
  if (prepared.log_fd >= 0) close(prepared.log_fd);
  return pid;
}

}  // namespace aislewatch::process_internal
