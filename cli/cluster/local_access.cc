#include "cli/cluster/local_access.h"

#include <grpcpp/client_context.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "aislewatch/v1/access.grpc.pb.h"
#include "common/base/atomic_write.h"
#include "common/base/secret.h"
#include "common/base/status.h"
#include "common/process/child_process.h"
#include "common/rpc/convert.h"
#include "common/rpc/credential.h"

namespace aislewatch {
namespace {

namespace fs = std::filesystem;

absl::StatusOr<std::string> FirstLine(const std::string& path) {
  std::ifstream file(path);
  std::string line;
  if (!std::getline(file, line)) {
    return absl::InvalidArgumentError(absl::StrCat(path, " cannot be read, or has no line"));
  }
  return std::string(absl::StripTrailingAsciiWhitespace(line));
}

// 120 bits, in letters and digits that cannot be mistaken for each other.
absl::StatusOr<std::string> MakePassword() {
  constexpr char kAlphabet[] = "abcdefghijkmnpqrstuvwxyz23456789";  // 32 characters.
  AW_ASSIGN_OR_RETURN(const std::string bytes, RandomBytes(24));
  std::string password;
  for (size_t i = 0; i < bytes.size(); ++i) {
    if (i > 0 && i % 6 == 0) password += '-';
    password += kAlphabet[static_cast<unsigned char>(bytes[i]) % 32];
  }
  return password;
}

std::string ReadAll(const std::string& path) {
  std::ifstream file(path);
  std::stringstream text;
  text << file.rdbuf();
  return std::string(absl::StripAsciiWhitespace(text.str()));
}

// Runs `aislewatch-events --create-admin`; an error has what it said.
absl::Status RunCreateAdmin(const std::string& program, const std::string& database,
                            const std::string& admin, const std::string& password_file,
                            const std::string& log, absl::Time deadline) {
  ChildProcess::Options child;
  child.argv = {program, absl::StrCat("--database=", database),
                absl::StrCat("--create-admin=", admin),
                absl::StrCat("--password-file=", password_file)};
  child.log_file = log;
  AW_ASSIGN_OR_RETURN(const auto process, ChildProcess::Spawn(child));
  const auto exit = process->Wait(deadline - absl::Now());
  if (exit.has_value() && exit->ok()) return absl::OkStatus();
  return absl::FailedPreconditionError(
      absl::StrCat("cannot add the admin ", admin, ": ", exit ? ReadAll(log) : "it took too long"));
}

absl::StatusOr<std::string> MakeToken(v1::AccessService::Stub& stub, const std::string& session,
                                      const std::string& name, v1::Role role, absl::Time deadline) {
  grpc::ClientContext context;
  context.set_deadline(absl::ToChronoTime(deadline));
  context.AddMetadata("authorization", absl::StrCat("Bearer ", session));
  v1::CreateApiTokenRequest request;
  request.mutable_token()->set_name(name);
  request.mutable_token()->set_role(role);
  v1::CreateApiTokenResponse response;
  AW_RETURN_IF_ERROR(Annotate(FromGrpc(stub.CreateApiToken(&context, request, &response)),
                              absl::StrCat("the token \"", name, "\"")));
  return response.secret();
}

}  // namespace

bool LocalAccess::HasTokens() const {
  return fs::exists(ingest_token_file()) && fs::exists(command_token_file());
}

absl::Status LocalAccess::CreateAdmin(const std::string& events_program,
                                      const std::string& database, absl::Time deadline) {
  if (HasTokens()) return absl::OkStatus();
  std::error_code error;
  fs::create_directories(options_.folder, error);
  if (chmod(options_.folder.c_str(), 0700) != 0) {
    return absl::ErrnoToStatus(errno, absl::StrCat("cannot make the folder ", options_.folder));
  }
  std::string password_file = options_.password_file;
  if (password_file.empty()) {
    AW_ASSIGN_OR_RETURN(new_password_, MakePassword());
    password_file = absl::StrCat(options_.folder, "/new-password");
    AW_RETURN_IF_ERROR(
        WriteFileAtomically(password_file, absl::StrCat(new_password_, "\n"), kPrivateFile));
  }
  const std::string log = absl::StrCat(options_.folder, "/create-admin.log");
  fs::remove(log, error);
  const absl::Status created =
      RunCreateAdmin(events_program, database, options_.admin, password_file, log, deadline);
  fs::remove(log, error);
  if (options_.password_file.empty()) fs::remove(password_file, error);
  if (created.ok()) return absl::OkStatus();
  if (options_.password_file.empty()) {
    return absl::FailedPreconditionError(
        absl::StrCat(created.message(),
                     "; where the database has that user already, name its "
                     "password with --admin-password-file"));
  }
  refusal_ = std::string(created.message());  // Logging in tells whether that matters.
  return absl::OkStatus();
}

absl::StatusOr<std::string> LocalAccess::Password() const {
  if (!new_password_.empty()) return new_password_;
  return FirstLine(options_.password_file);
}

absl::Status LocalAccess::CheckTokens(const std::shared_ptr<grpc::Channel>& events,
                                      absl::Time deadline) const {
  const auto stub = v1::AccessService::NewStub(events);
  for (const std::string& file : {ingest_token_file(), command_token_file()}) {
    AW_ASSIGN_OR_RETURN(const std::string token, FirstLine(file));
    grpc::ClientContext context;
    context.set_deadline(absl::ToChronoTime(deadline));
    context.AddMetadata("authorization", absl::StrCat("Bearer ", token));
    v1::AuthenticateResponse response;
    const absl::Status status =
        FromGrpc(stub->Authenticate(&context, v1::AuthenticateRequest(), &response));
    if (absl::IsUnauthenticated(status)) {
      return absl::FailedPreconditionError(absl::StrCat(
          "the database does not know the token in ", file, "; remove ", options_.folder,
          " and name an admin's password with --admin-password-file"));
    }
    AW_RETURN_IF_ERROR(status);
  }
  return absl::OkStatus();
}

absl::Status LocalAccess::MakeTokens(const std::shared_ptr<grpc::Channel>& events,
                                     absl::Time deadline) {
  if (HasTokens()) return CheckTokens(events, deadline);
  const auto stub = v1::AccessService::NewStub(events);
  v1::LoginRequest login;
  login.set_name(options_.admin);
  AW_ASSIGN_OR_RETURN(*login.mutable_password(), Password());
  grpc::ClientContext context;
  context.set_deadline(absl::ToChronoTime(deadline));
  v1::LoginResponse session;
  const absl::Status entered = FromGrpc(stub->Login(&context, login, &session));
  AW_RETURN_IF_ERROR(
      Annotate(entered, absl::StrCat("cannot log in as ", options_.admin,
                                     refusal_.empty() ? "" : absl::StrCat(" (", refusal_, ")"))));
  const std::pair<std::string, v1::Role> tokens[] = {{ingest_token_file(), v1::ROLE_INGEST},
                                                     {command_token_file(), v1::ROLE_ADMIN}};
  for (const auto& [file, role] : tokens) {
    const std::string name =
        role == v1::ROLE_INGEST ? "ingest of this machine" : "commands on this machine";
    AW_ASSIGN_OR_RETURN(const std::string secret,
                        MakeToken(*stub, session.session(), name, role, deadline));
    AW_RETURN_IF_ERROR(WriteFileAtomically(file, absl::StrCat(secret, "\n"), kPrivateFile));
  }
  return absl::OkStatus();
}

std::string CredentialsFolder(const std::string& data_dir) {
  return absl::StrCat(data_dir, "/credentials");
}

std::string CommandTokenFile(const std::string& data_dir) {
  const std::string file = LocalAccess({CredentialsFolder(data_dir)}).command_token_file();
  return access(file.c_str(), R_OK) == 0 ? file : "";
}

}  // namespace aislewatch
