#include "services/events/core/password.h"

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/rand.h>

#include <cstdint>
#include <optional>
#include <vector>

#include "absl/strings/escaping.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "common/base/status.h"

namespace aislewatch::events {
namespace {

constexpr size_t kSaltBytes = 16;
constexpr size_t kHashBytes = 32;

struct ParsedHash {
  PasswordCost cost;
  std::string salt;
  std::string hash;
};

bool ReadParameter(absl::string_view text, absl::string_view name, int least, int most,
                   int& value) {
  return absl::ConsumePrefix(&text, name) && absl::SimpleAtoi(text, &value) && value >= least &&
         value <= most;
}

std::optional<ParsedHash> ParseHash(absl::string_view text) {
  const std::vector<absl::string_view> parts = absl::StrSplit(text, '$');
  if (parts.size() != 5 || !parts[0].empty() || parts[1] != "scrypt") return std::nullopt;
  const std::vector<absl::string_view> cost = absl::StrSplit(parts[2], ',');
  ParsedHash parsed;
  if (cost.size() != 3 || !ReadParameter(cost[0], "ln=", 10, 20, parsed.cost.log2_n) ||
      !ReadParameter(cost[1], "r=", 1, 32, parsed.cost.r) ||
      !ReadParameter(cost[2], "p=", 1, 16, parsed.cost.p) ||
      !absl::WebSafeBase64Unescape(parts[3], &parsed.salt) ||
      !absl::WebSafeBase64Unescape(parts[4], &parsed.hash) || parsed.salt.empty() ||
      parsed.hash.size() != kHashBytes) {
    return std::nullopt;
  }
  return parsed;
}

absl::StatusOr<std::string> Scrypt(absl::string_view password, absl::string_view salt,
                                   const PasswordCost& cost) {
  std::string hash(kHashBytes, '\0');
  const uint64_t n = uint64_t{1} << cost.log2_n;
  // What RFC 7914 needs is 128 * r * (n + p) bytes and a little; OpenSSL's own limit is just that.
  const uint64_t memory = 128 * static_cast<uint64_t>(cost.r) * (n + cost.p + 32) + (1u << 20);
  if (EVP_PBE_scrypt(password.data(), password.size(),
                     reinterpret_cast<const unsigned char*>(salt.data()), salt.size(), n, cost.r,
                     cost.p, memory, reinterpret_cast<unsigned char*>(hash.data()),
                     hash.size()) != 1) {
    return absl::InternalError("the password could not be hashed; is there memory left?");
  }
  return hash;
}

}  // namespace

absl::StatusOr<std::string> HashPassword(absl::string_view password, const PasswordCost& cost) {
  std::string salt(kSaltBytes, '\0');
  if (RAND_bytes(reinterpret_cast<unsigned char*>(salt.data()), kSaltBytes) != 1) {
    return absl::InternalError("there is no randomness for a salt");
  }
  AW_ASSIGN_OR_RETURN(const std::string hash, Scrypt(password, salt, cost));
  return absl::StrCat("$scrypt$ln=", cost.log2_n, ",r=", cost.r, ",p=", cost.p, "$",
                      absl::WebSafeBase64Escape(salt), "$", absl::WebSafeBase64Escape(hash));
}

absl::StatusOr<bool> VerifyPassword(absl::string_view password, absl::string_view hash) {
  const std::optional<ParsedHash> parsed = ParseHash(hash);
  if (!parsed.has_value()) return absl::InternalError("the stored password hash cannot be read");
  AW_ASSIGN_OR_RETURN(const std::string made, Scrypt(password, parsed->salt, parsed->cost));
  return CRYPTO_memcmp(made.data(), parsed->hash.data(), kHashBytes) == 0;
}

bool NeedsRehash(absl::string_view hash, const PasswordCost& cost) {
  const std::optional<ParsedHash> parsed = ParseHash(hash);
  return !parsed.has_value() || parsed->cost.log2_n != cost.log2_n || parsed->cost.r != cost.r ||
         parsed->cost.p != cost.p;
}

}  // namespace aislewatch::events
