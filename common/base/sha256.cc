#include "common/base/sha256.h"

#include <openssl/evp.h>

#include "absl/strings/escaping.h"

namespace aislewatch {

std::string Sha256Bytes(absl::string_view bytes) {
  Sha256 sum;
  sum.Add(bytes);
  return sum.Bytes();
}

std::string Sha256Hex(absl::string_view bytes) {
  return absl::BytesToHexString(Sha256Bytes(bytes));
}

Sha256::Sha256() : context_(EVP_MD_CTX_new()) {
  EVP_DigestInit_ex(context_, EVP_sha256(), nullptr);
}

Sha256::~Sha256() { EVP_MD_CTX_free(context_); }

void Sha256::Add(absl::string_view bytes) {
  EVP_DigestUpdate(context_, bytes.data(), bytes.size());
}

std::string Sha256::Bytes() {
  unsigned char digest[EVP_MAX_MD_SIZE];
  unsigned int size = 0;
  EVP_DigestFinal_ex(context_, digest, &size);
  return std::string(reinterpret_cast<char*>(digest), size);
}

std::string Sha256::Hex() { return absl::BytesToHexString(Bytes()); }

}  // namespace aislewatch
