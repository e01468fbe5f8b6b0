#include "common/process/child_process.h"

#include <string.h>
#include <sys/wait.h>

#include <cerrno>
#include <thread>

#include "absl/strings/str_cat.h"
#include "common/base/status.h"
#include "common/process/child_process_spawn.h"

namespace aislewatch {

std::string ExitStatus::ToString() const {
  if (signal == 0) return absl::StrCat("exited with code ", code);
  return absl::StrCat("was killed by signal ", signal, " (", strsignal(signal), ")");
}

// Waits for the child in a thread of its own, so that Wait() can have a deadline. It only looks
// (WNOWAIT) before it takes the mutex and reaps: while somebody signals under the mutex the process
// id therefore still belongs to the child, at worst as a zombie.
class ChildProcess::Reaper {
 public:
  explicit Reaper(ChildProcess* child) : thread_([child] { Run(child); }) {}
  ~Reaper() { thread_.join(); }

 private:
  static void Run(ChildProcess* child) {
    siginfo_t info{};
    while (waitid(P_PID, child->pid_, &info, WEXITED | WNOWAIT) != 0 && errno == EINTR) {
    }
    absl::MutexLock lock(&child->mutex_);
    int status = 0;
    while (waitpid(child->pid_, &status, 0) < 0 && errno == EINTR) {
    }
    ExitStatus exit;
    if (WIFEXITED(status)) exit.code = WEXITSTATUS(status);
    if (WIFSIGNALED(status)) exit.signal = WTERMSIG(status);
    child->exit_status_ = exit;
  }

  std::thread thread_;
};

absl::StatusOr<std::unique_ptr<ChildProcess>> ChildProcess::Spawn(const Options& options) {
  AW_ASSIGN_OR_RETURN(const pid_t pid, process_internal::ForkAndExecute(options));
  std::unique_ptr<ChildProcess> child(new ChildProcess(pid, options.stop_signal));
  child->reaper_ = std::make_unique<Reaper>(child.get());
  return child;
}

ChildProcess::ChildProcess(pid_t pid, int stop_signal) : pid_(pid), stop_signal_(stop_signal) {}

ChildProcess::~ChildProcess() { Kill(); }

bool ChildProcess::running() const { return !exit_status().has_value(); }

std::optional<ExitStatus> ChildProcess::exit_status() const {
  absl::MutexLock lock(&mutex_);
  return exit_status_;
}

std::optional<ExitStatus> ChildProcess::Wait(absl::Duration timeout) {
  absl::MutexLock lock(&mutex_);
  const auto ended = [this]()
                         ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) { return exit_status_.has_value(); };
  mutex_.AwaitWithTimeout(absl::Condition(&ended), timeout);
  return exit_status_;
}

void ChildProcess::Signal(int signal) {
  absl::MutexLock lock(&mutex_);
  if (!exit_status_.has_value()) kill(pid_, signal);
}

ExitStatus ChildProcess::Terminate(absl::Duration grace) {
  Signal(stop_signal_);
  if (auto status = Wait(grace)) return *status;
  return Kill();
}

ExitStatus ChildProcess::Kill() {
  Signal(SIGKILL);
  return *Wait();
}

}  // namespace aislewatch
