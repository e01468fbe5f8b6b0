#include "cli/console/password_prompt.h"

#include <fcntl.h>
#include <termios.h>
#include <unistd.h>

#include <cstdio>
#include <fstream>
#include <iostream>

#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "common/base/status.h"

namespace aislewatch {
namespace {

// The terminal without echo, as long as it lives.
class SilentTerminal {
 public:
  explicit SilentTerminal(int fd) : fd_(fd), terminal_(tcgetattr(fd, &before_) == 0) {
    if (!terminal_) return;
    termios silent = before_;
    silent.c_lflag &= ~static_cast<tcflag_t>(ECHO);
    tcsetattr(fd_, TCSAFLUSH, &silent);
  }
  ~SilentTerminal() {
    if (terminal_) tcsetattr(fd_, TCSAFLUSH, &before_);
  }
  bool terminal() const { return terminal_; }

 private:
  const int fd_;
  termios before_{};
  const bool terminal_;
};

absl::StatusOr<std::string> TypeLine(std::FILE* terminal, const std::string& what) {
  std::fprintf(stderr, "%s: ", what.c_str());
  std::string line;
  int c = 0;
  while ((c = std::fgetc(terminal)) != EOF && c != '\n') line.push_back(static_cast<char>(c));
  std::fprintf(stderr, "\n");
  if (c == EOF) return absl::InvalidArgumentError("no password was typed");
  return line;
}

}  // namespace

absl::StatusOr<std::string> AskNewPassword(const std::string& file, const std::string& what) {
  if (!file.empty()) {
    std::ifstream opened;
    if (file != "-") opened.open(file);
    std::istream& in = file == "-" ? std::cin : opened;
    std::string line;
    if (!in || !std::getline(in, line)) {
      return absl::InvalidArgumentError(
          absl::StrCat("--password-file ", file, ": there is no line to read"));
    }
    return std::string(absl::StripSuffix(line, "\r"));
  }
  std::FILE* terminal = std::fopen("/dev/tty", "r");
  if (terminal == nullptr) {
    return absl::InvalidArgumentError(
        "there is no terminal to ask for a password; give --password-file");
  }
  absl::StatusOr<std::string> first, second;
  {
    const SilentTerminal silent(fileno(terminal));
    first = TypeLine(terminal, what);
    if (first.ok()) second = TypeLine(terminal, "again");
  }
  std::fclose(terminal);
  AW_RETURN_IF_ERROR(first.status());
  AW_RETURN_IF_ERROR(second.status());
  if (*first != *second) return absl::InvalidArgumentError("the two passwords differ; try again");
  return first;
}

}  // namespace aislewatch
