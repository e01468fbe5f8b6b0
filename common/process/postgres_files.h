// Inside of common/process: what PrivatePostgres has to know of programs, folders and left-overs.
#pragma once

#include <sys/types.h>

#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"

namespace aislewatch::process_internal {

/// The folder with `initdb` and `postgres`. An existing cluster is opened only by the major version
/// that made it, so `data_directory`'s PG_VERSION decides where several are installed; of a new one
/// the newest is taken. NOT_FOUND says what to install.
absl::StatusOr<std::string> FindPostgresPrograms(const std::string& data_directory);

/// Creates `directory` (and what is above it) and, unless `user` is empty, hands it to `user`.
/// Only the owner may enter it. INVALID_ARGUMENT where the user cannot reach it because a folder
/// above it is closed to them; the message names that folder.
absl::Status PrepareDirectory(const std::string& directory, const std::string& user);

/// A folder for the server's socket: `wanted` where a socket's path fits in (107 bytes), else a new
/// one in /tmp, which the caller removes.
absl::StatusOr<std::string> SocketDirectory(const std::string& wanted, const std::string& user);

/// Ends the processes of a server whose owner was killed and which still use `data_directory`, and
/// removes its postmaster.pid, which would keep a new server from starting where its process id
/// belongs to somebody else by now. DEADLINE_EXCEEDED where they do not end in time.
absl::Status RemoveLeftovers(const std::string& data_directory, absl::Duration timeout);

/// Whether postmaster.pid says that server `pid` accepts connections.
bool ServerIsReady(const std::string& data_directory, pid_t pid);

/// The last lines of a text file, for error messages.
std::string LastLines(const std::string& path, int lines);

}  // namespace aislewatch::process_internal
