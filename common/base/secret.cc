#include "common/base/secret.h"

#include <openssl/rand.h>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "common/base/status.h"

namespace aislewatch {
namespace {

constexpr size_t kSecretBytes = 32;

}  // namespace

absl::StatusOr<std::string> RandomBytes(size_t count) {
  std::string bytes(count, '\0');
  if (RAND_bytes(reinterpret_cast<unsigned char*>(bytes.data()), static_cast<int>(count)) != 1) {
    return absl::InternalError("there is no randomness for a secret");
  }
  return bytes;
}

absl::StatusOr<std::string> NewSecret(absl::string_view prefix) {
  AW_ASSIGN_OR_RETURN(const std::string bytes, RandomBytes(kSecretBytes));
  return absl::StrCat(prefix, absl::WebSafeBase64Escape(bytes));
}

}  // namespace aislewatch
