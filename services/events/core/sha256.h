// SHA-256 of bytes that come in pieces, by OpenSSL. Not thread-safe.
#pragma once

#include <string>

#include "absl/strings/string_view.h"

struct evp_md_ctx_st;  // EVP_MD_CTX.

namespace aislewatch::events {

class Sha256 {
 public:
  Sha256();
  ~Sha256();
  Sha256(const Sha256&) = delete;
  Sha256& operator=(const Sha256&) = delete;

  void Add(absl::string_view bytes);
  /// 64 lower-case hexadecimal digits, of all that was added. Once, and nothing may follow.
  std::string Hex();

 private:
  evp_md_ctx_st* const context_;
};

}  // namespace aislewatch::events
