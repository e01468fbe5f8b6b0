// Passwords are kept as scrypt hashes (RFC 7914), written with the parameters that made them:
//
//   $scrypt$ln=15,r=8,p=1$SALT$HASH      SALT: 16, HASH: 32 bytes in base64 without padding
//
// so the cost may rise later while older hashes still hold. Thread-safe. Each call takes about 0.1
// s of a processor and 32 MiB at the default cost: run it where few run at a time.
#pragma once

#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace aislewatch::events {

struct PasswordCost {
  int log2_n = 15;  // 10..20
  int r = 8;        // 1..32
  int p = 1;        // 1..16
};

/// INTERNAL where OpenSSL fails, for example without memory.
absl::StatusOr<std::string> HashPassword(absl::string_view password, const PasswordCost& cost = {});
/// Whether `hash` was made of `password`; compared in constant time. INTERNAL where `hash` is none.
absl::StatusOr<bool> VerifyPassword(absl::string_view password, absl::string_view hash);
/// Whether `hash` was made at another cost.
bool NeedsRehash(absl::string_view hash, const PasswordCost& cost);

}  // namespace aislewatch::events
