// Inside of common/process: forking and executing with nothing but async-signal-safe calls between.
#pragma once

#include <sys/types.h>

#include "absl/status/statusor.h"
#include "common/process/child_process.h"

namespace aislewatch::process_internal {

/// Forks and executes; returns the child's id once execve has succeeded. Thread-safe. Blocks until
/// then. The caller reaps the child.
absl::StatusOr<pid_t> ForkAndExecute(const ChildProcess::Options& options);

}  // namespace aislewatch::process_internal
