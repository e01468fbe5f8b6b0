#include "common/process/private_postgres.h"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <cerrno>
#include <filesystem>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "common/base/status.h"
#include "common/process/postgres_files.h"

namespace aislewatch {
namespace {

namespace fs = std::filesystem;

// The superuser of the cluster; the account of the same name need not exist.
constexpr char kDatabaseUser[] = "aislewatch";
constexpr char kDatabase[] = "postgres";
constexpr int kLogLinesInErrors = 12;

}  // namespace

bool PrivatePostgres::Installed() { return process_internal::FindPostgresPrograms("").ok(); }

absl::StatusOr<std::unique_ptr<PrivatePostgres>> PrivatePostgres::Start(const Options& options) {
  std::unique_ptr<PrivatePostgres> postgres(new PrivatePostgres(options));
  AW_RETURN_IF_ERROR(postgres->Prepare());
  AW_RETURN_IF_ERROR(postgres->StartServer());
  return postgres;
}

PrivatePostgres::~PrivatePostgres() {
  Stop();
  std::error_code ignored;
  if (!temporary_socket_directory_.empty()) fs::remove_all(temporary_socket_directory_, ignored);
  if (lock_fd_ >= 0) close(lock_fd_);
}

absl::Status PrivatePostgres::Prepare() {
  if (options_.directory.empty()) {
    return absl::InvalidArgumentError("a private PostgreSQL needs a directory to keep its data in");
  }
  const std::string directory = fs::absolute(options_.directory).lexically_normal().string();
  data_directory_ = absl::StrCat(directory, "/data");
  log_file_ = absl::StrCat(directory, "/postgres.log");
  if (geteuid() == 0) run_as_ = options_.user_when_root;
  AW_ASSIGN_OR_RETURN(programs_, process_internal::FindPostgresPrograms(data_directory_));
  AW_RETURN_IF_ERROR(process_internal::PrepareDirectory(directory, run_as_));
  AW_RETURN_IF_ERROR(LockDirectory(directory));
  const std::string wanted = absl::StrCat(directory, "/socket");
  AW_ASSIGN_OR_RETURN(socket_directory_, process_internal::SocketDirectory(wanted, run_as_));
  if (socket_directory_ != wanted) temporary_socket_directory_ = socket_directory_;
  connection_string_ =
      absl::StrCat("host='", socket_directory_, "' user=", kDatabaseUser, " dbname=", kDatabase);
  if (fs::exists(data_directory_)) return absl::OkStatus();
  return InitializeCluster();
}

absl::Status PrivatePostgres::LockDirectory(const std::string& directory) {
  const std::string path = absl::StrCat(directory, "/lock");
  lock_fd_ = open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
  if (lock_fd_ < 0) return absl::ErrnoToStatus(errno, absl::StrCat("cannot open ", path));
  if (flock(lock_fd_, LOCK_EX | LOCK_NB) == 0) return absl::OkStatus();
  return absl::FailedPreconditionError(absl::StrCat("another program runs its PostgreSQL in ",
                                                    directory,
                                                    "; end it, or choose another directory"));
}

absl::Status PrivatePostgres::InitializeCluster() {
  // Made beside its place and renamed, so that a half-made cluster is never taken for a whole one.
  const std::string unfinished = absl::StrCat(data_directory_, ".unfinished");
  fs::remove_all(unfinished);
  ChildProcess::Options initdb;
  // Trust: whoever may enter the socket's directory is the server's own user, or root.
  initdb.argv = {absl::StrCat(programs_, "/initdb"),
                 "--pgdata",
                 unfinished,
                 "--username",
                 kDatabaseUser,
                 "--auth",
                 "trust",
                 "--encoding",
                 "UTF8",
                 "--locale",
                 "C"};
  if (!options_.durable) initdb.argv.push_back("--no-sync");
  initdb.log_file = log_file_;
  initdb.working_directory = fs::path(data_directory_).parent_path();
  initdb.user = run_as_;
  AW_ASSIGN_OR_RETURN(const auto child, ChildProcess::Spawn(initdb));
  const auto status = child->Wait(options_.start_timeout);
  if (!status.has_value()) {
    return absl::DeadlineExceededError(
        absl::StrCat("initdb did not finish ", unfinished, " in time; see ", log_file_));
  }
  if (!status->ok()) {
    return absl::FailedPreconditionError(
        absl::StrCat("initdb ", status->ToString(), "; the end of ", log_file_, ":\n",
                     process_internal::LastLines(log_file_, kLogLinesInErrors)));
  }
  std::error_code error;
  fs::rename(unfinished, data_directory_, error);
  if (!error) return absl::OkStatus();
  return absl::InternalError(absl::StrCat("cannot rename ", unfinished, ": ", error.message()));
}

absl::Status PrivatePostgres::StartServer() {
  AW_RETURN_IF_ERROR(process_internal::RemoveLeftovers(data_directory_, options_.start_timeout));
  ChildProcess::Options postgres;
  postgres.argv = {absl::StrCat(programs_, "/postgres"),
                   "-D",
                   data_directory_,
                   "-k",
                   socket_directory_,
                   "-c",
                   "listen_addresses=",
                   "-c",
                   "unix_socket_permissions=0700"};
  if (!options_.durable) {
    // Commits still reach the kernel, so that what is committed survives the server's death, though
    // not the machine's.
    for (const char* setting : {"fsync=off", "full_page_writes=off"}) {
      postgres.argv.insert(postgres.argv.end(), {"-c", setting});
    }
  }
  postgres.log_file = log_file_;
  postgres.working_directory = data_directory_;
  postgres.user = run_as_;
  postgres.stop_signal = SIGINT;  // PostgreSQL's fast shutdown.
  postgres.death_signal = SIGINT;
  AW_ASSIGN_OR_RETURN(server_, ChildProcess::Spawn(postgres));
  return AwaitReady();
}

absl::Status PrivatePostgres::AwaitReady() {
  const absl::Time deadline = absl::Now() + options_.start_timeout;
  while (!process_internal::ServerIsReady(data_directory_, server_->pid())) {
    // The wait doubles as the pause between two looks at the server's state file.
    if (const auto status = server_->Wait(absl::Milliseconds(10))) {
      return absl::FailedPreconditionError(
          absl::StrCat("PostgreSQL ", status->ToString(), " while starting; the end of ", log_file_,
                       ":\n", process_internal::LastLines(log_file_, kLogLinesInErrors)));
    }
    if (absl::Now() >= deadline) {
      return absl::DeadlineExceededError(absl::StrCat("PostgreSQL was not ready after ",
                                                      absl::FormatDuration(options_.start_timeout),
                                                      "; see ", log_file_));
    }
  }
  return absl::OkStatus();
}

void PrivatePostgres::Stop(absl::Duration grace) {
  if (server_ == nullptr) return;
  server_->Terminate(grace);
  server_.reset();
}

void PrivatePostgres::Kill() {
  if (server_ == nullptr) return;
  server_->Kill();
  server_.reset();
}

absl::Status PrivatePostgres::Restart() {
  Stop();
  return StartServer();
}

}  // namespace aislewatch
