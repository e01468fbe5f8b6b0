// SHA-256 by OpenSSL, of bytes at once and of bytes that come in pieces.
#pragma once

#include <string>

#include "absl/strings/string_view.h"

struct evp_md_ctx_st;  // EVP_MD_CTX.

namespace aislewatch {

/// The 32 bytes themselves. Thread-safe.
std::string Sha256Bytes(absl::string_view bytes);

/// 64 lower-case hexadecimal digits. Thread-safe.
std::string Sha256Hex(absl::string_view bytes);

/// Not thread-safe.
class Sha256 {
 public:
  Sha256();
  ~Sha256();
  Sha256(const Sha256&) = delete;
  Sha256& operator=(const Sha256&) = delete;

  void Add(absl::string_view bytes);
  /// The 32 bytes, of all that was added. Once, and nothing may follow.
  std::string Bytes();
  /// Likewise as 64 lower-case hexadecimal digits.
  std::string Hex();

 private:
  evp_md_ctx_st* const context_;
};

}  // namespace aislewatch
