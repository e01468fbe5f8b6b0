// The credentials of a cluster on one machine that asks for them: its first admin, ingest's token,
// and a token for the commands that are run on this machine.
//
// The tokens lie in a folder that only its owner may enter. Whoever may has the database anyway.
// Not thread-safe. Everything blocks.
#pragma once

#include <grpcpp/channel.h>

#include <memory>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"

namespace aislewatch {

class LocalAccess {
 public:
  struct Options {
    /// Where the tokens lie; made where it is absent.
    std::string folder;
    /// The admin's name.
    std::string admin = "admin";
    /// File whose first line is the admin's password; empty makes one up.
    std::string password_file;
  };

  explicit LocalAccess(Options options) : options_(std::move(options)) {}

  /// Adds the admin with `events_program`, unless there are tokens from an earlier start. Before
  /// event storage runs. FAILED_PRECONDITION where the database has such a user already and no
  /// password is given.
  absl::Status CreateAdmin(const std::string& events_program, const std::string& database,
                           absl::Time deadline);
  /// Makes the tokens, or sees that those of an earlier start still hold. `events` is ready.
  absl::Status MakeTokens(const std::shared_ptr<grpc::Channel>& events, absl::Time deadline);

  std::string ingest_token_file() const { return options_.folder + "/ingest.token"; }
  std::string command_token_file() const { return options_.folder + "/command.token"; }
  const std::string& admin() const { return options_.admin; }
  /// The password that was made up at this start, to be shown once; empty where none was.
  const std::string& new_password() const { return new_password_; }

 private:
  bool HasTokens() const;
  absl::Status CheckTokens(const std::shared_ptr<grpc::Channel>& events, absl::Time deadline) const;
  /// The password that is given or was made up.
  absl::StatusOr<std::string> Password() const;

  const Options options_;
  std::string new_password_;
  /// What --create-admin said where it failed although a password is given: the admin may be there.
  std::string refusal_;
};

/// The folder of the tokens of a cluster in `data_dir`.
std::string CredentialsFolder(const std::string& data_dir);
/// The token for commands on this machine; empty where the cluster in `data_dir` has none, or this
/// user may not read it.
std::string CommandTokenFile(const std::string& data_dir);

}  // namespace aislewatch
