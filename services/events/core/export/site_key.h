// The site's Ed25519 key, which signs exports. Thread-safe after construction.
#pragma once

#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace aislewatch::events {

class SiteKey {
 public:
  /// From a PEM file with a private Ed25519 key that is not encrypted. INVALID_ARGUMENT says what
  /// is wrong with it and how to make one. Blocks for the disk.
  static absl::StatusOr<std::shared_ptr<const SiteKey>> Load(const std::string& path);
  ~SiteKey();
  SiteKey(const SiteKey&) = delete;
  SiteKey& operator=(const SiteKey&) = delete;

  /// The 64 bytes of an Ed25519 signature (RFC 8032) over `bytes`.
  absl::StatusOr<std::string> Sign(absl::string_view bytes) const;
  /// The public key as PEM.
  const std::string& public_pem() const { return public_pem_; }

 private:
  struct Key;
  SiteKey();

  std::unique_ptr<Key> key_;
  std::string public_pem_;
};

/// What is said where there is none.
inline constexpr char kHowToMakeASiteKey[] =
    "make one with `openssl genpkey -algorithm ed25519 -out site-key.pem` and give it with "
    "--site-key";

}  // namespace aislewatch::events
