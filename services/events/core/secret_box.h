// Secrets that are kept in the database but not readable there: AES-256-GCM with keys from a file.
//
// The file has a line for each key: an id of 1..32 characters of [A-Za-z0-9_-] and 32 bytes as
// base64 (either alphabet). New secrets are sealed with the first key; every key opens. Lines that
// are empty or begin with # are skipped. Thread-safe: constant after construction.
#pragma once

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace aislewatch::events {

class SecretBox {
 public:
  /// INVALID_ARGUMENT names the line that is wrong, and never what it holds.
  static absl::StatusOr<std::shared_ptr<const SecretBox>> Load(const std::string& path);
  static absl::StatusOr<std::shared_ptr<const SecretBox>> Parse(absl::string_view text);

  /// "v1.KEY_ID.BASE64URL" of nonce, ciphertext and tag. `context`: what the secret belongs to; it
  /// opens with the same one alone, so that nobody can move it elsewhere.
  absl::StatusOr<std::string> Seal(absl::string_view secret, absl::string_view context) const;
  /// FAILED_PRECONDITION where its key is not in the file; DATA_LOSS where it is another one under
  /// the same id, or the text was changed. Messages name the key's id and no secret.
  absl::StatusOr<std::string> Open(absl::string_view sealed, absl::string_view context) const;
  /// Whether `sealed` is sealed with the key that new secrets are sealed with.
  bool IsCurrent(absl::string_view sealed) const;

 private:
  explicit SecretBox(std::vector<std::pair<std::string, std::string>> keys)
      : keys_(std::move(keys)) {}

  const std::vector<std::pair<std::string, std::string>> keys_;  // Id and 32 bytes; at least one.
};

}  // namespace aislewatch::events
