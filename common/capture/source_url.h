// Addresses of video sources, and keeping their passwords out of messages.
#pragma once

#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace aislewatch {

enum class SourceKind { kFile, kRtsp, kHttp, kDevice };

/// A checked address.
struct SourceUrl {
  SourceKind kind = SourceKind::kFile;
  /// What is opened: a path for files, the URL with its password for streams. Never log it.
  std::string target;
  /// For logs, errors and answers: the address with "***" for the password.
  std::string masked;
  /// For kDevice: the number N of /dev/videoN.
  int device = 0;

  bool is_file() const { return kind == SourceKind::kFile; }
};

/// Reads rtsp://, rtsps://, http://, https://, file:///path, device:N, or a plain path.
/// INVALID_ARGUMENT names the fault, without the password.
absl::StatusOr<SourceUrl> ParseSourceUrl(absl::string_view url);

/// `text` with "***" for the password of every user:password@ that it holds.
std::string MaskPasswords(absl::string_view text);

}  // namespace aislewatch
