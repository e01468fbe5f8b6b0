// Running another program and being sure of its end.
//
// Used by the command line's `up`, which runs the cluster as processes, and by tests that start
// and kill real servers. Not for short helper commands whose output is wanted.
//
// A child
//  * dies with this process, also when this one is killed with SIGKILL: it is forked from a thread
//    that never ends, because the kernel ties the death signal to the forking thread;
//  * inherits no file descriptor but its standard ones, no signal mask and no ignored signals;
//  * leads its own process group, so that Ctrl-C in a terminal reaches only this process, which
//    then stops its children in the order it wants.
//
// Thread-safe. Linux only.
#pragma once

#include <sys/types.h>

#include <csignal>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"

namespace aislewatch {

/// How a process ended.
struct ExitStatus {
  /// Its exit code, 0..255, or -1 where a signal ended it.
  int code = -1;
  /// The signal that ended it, or 0.
  int signal = 0;

  bool ok() const { return code == 0; }
  /// For people: "exited with code 1", "was killed by signal 9 (Killed)".
  std::string ToString() const;
};

/// A program that this process runs. The destructor kills it where it still runs.
class ChildProcess {
 public:
  struct Options {
    /// The program and its arguments. A program without '/' is looked up in PATH. Not empty.
    std::vector<std::string> argv;
    /// Set in the child on top of this process's environment.
    std::map<std::string, std::string> environment;
    /// Where it starts; empty means this process's working directory.
    std::string working_directory;
    /// Standard output and error are appended here, created with mode 0644; empty means that they
    /// are this process's own. Standard input is always /dev/null.
    std::string log_file;
    /// The account to run as; empty means this process's own. Any other needs root.
    std::string user;
    /// What asks the program to end.
    int stop_signal = SIGTERM;
    /// What the kernel sends to the child when this process dies.
    int death_signal = SIGKILL;
  };

  /// Starts the program and returns once it has been executed. Errors name the program:
  /// NOT_FOUND (no such program, user, or directory), PERMISSION_DENIED, or what the system says.
  static absl::StatusOr<std::unique_ptr<ChildProcess>> Spawn(const Options& options);

  ChildProcess(const ChildProcess&) = delete;
  ChildProcess& operator=(const ChildProcess&) = delete;
  /// Kills the program where it still runs, and reaps it.
  ~ChildProcess();

  /// Its process id; another process may bear it after the end.
  pid_t pid() const { return pid_; }
  bool running() const;
  /// How it ended; nothing while it runs.
  std::optional<ExitStatus> exit_status() const;

  /// Blocks until it has ended or `timeout` has passed; nothing in the second case.
  std::optional<ExitStatus> Wait(absl::Duration timeout = absl::InfiniteDuration());
  /// Sends a signal; does nothing where the program has ended.
  void Signal(int signal);
  /// Sends the stop signal, waits up to `grace`, then kills. Blocks. Idempotent.
  ExitStatus Terminate(absl::Duration grace);
  /// SIGKILL, and reaps. Idempotent.
  ExitStatus Kill();

 private:
  class Reaper;
  ChildProcess(pid_t pid, int stop_signal);

  const pid_t pid_;
  const int stop_signal_;

  mutable absl::Mutex mutex_;
  std::optional<ExitStatus> exit_status_ ABSL_GUARDED_BY(mutex_);

  std::unique_ptr<Reaper> reaper_;
};

}  // namespace aislewatch
