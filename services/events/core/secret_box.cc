#include "services/events/core/secret_box.h"

#include <openssl/evp.h>

#include <algorithm>
#include <fstream>
#include <iterator>

#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/str_split.h"
#include "common/base/secret.h"
#include "common/base/status.h"

namespace aislewatch::events {
namespace {

constexpr absl::string_view kVersion = "v1";
constexpr size_t kKeyBytes = 32;
constexpr size_t kNonceBytes = 12;
constexpr size_t kTagBytes = 16;
constexpr size_t kMaxKeyId = 32;

using CipherContext = std::unique_ptr<EVP_CIPHER_CTX, decltype(&EVP_CIPHER_CTX_free)>;

const unsigned char* Bytes(absl::string_view text) {
  return reinterpret_cast<const unsigned char*>(text.data());
}

unsigned char* Bytes(std::string& text) { return reinterpret_cast<unsigned char*>(text.data()); }

bool IsKeyId(absl::string_view id) {
  return !id.empty() && id.size() <= kMaxKeyId && std::all_of(id.begin(), id.end(), [](char c) {
    return absl::ascii_isalnum(c) || c == '_' || c == '-';
  });
}

// 32 bytes from either alphabet of base64, with or without padding.
bool ReadKey(absl::string_view text, std::string& key) {
  const std::string web = absl::StrReplaceAll(text, {{"+", "-"}, {"/", "_"}, {"=", ""}});
  return absl::WebSafeBase64Unescape(web, &key) && key.size() == kKeyBytes;
}

// Nonce, ciphertext and tag.
absl::StatusOr<std::string> Encrypt(const std::string& key, absl::string_view secret,
                                    const std::string& associated) {
  AW_ASSIGN_OR_RETURN(const std::string nonce, RandomBytes(kNonceBytes));
  const CipherContext context(EVP_CIPHER_CTX_new(), &EVP_CIPHER_CTX_free);
  std::string sealed(secret.size(), '\0');
  std::string tag(kTagBytes, '\0');
  int size = 0;
  const bool done =
      context != nullptr &&
      EVP_EncryptInit_ex(context.get(), EVP_aes_256_gcm(), nullptr, Bytes(key), Bytes(nonce)) ==
          1 &&
      EVP_EncryptUpdate(context.get(), nullptr, &size, Bytes(associated),
                        static_cast<int>(associated.size())) == 1 &&
      EVP_EncryptUpdate(context.get(), Bytes(sealed), &size, Bytes(secret),
                        static_cast<int>(secret.size())) == 1 &&
      EVP_EncryptFinal_ex(context.get(), Bytes(tag), &size) == 1 &&
      EVP_CIPHER_CTX_ctrl(context.get(), EVP_CTRL_GCM_GET_TAG, kTagBytes, tag.data()) == 1;
  if (!done) return absl::InternalError("a secret cannot be encrypted");
  return absl::StrCat(nonce, sealed, tag);
}

// False where the tag does not fit.
bool Decrypt(const std::string& key, absl::string_view sealed, const std::string& associated,
             std::string& secret) {
  if (sealed.size() < kNonceBytes + kTagBytes) return false;
  const absl::string_view nonce = sealed.substr(0, kNonceBytes);
  std::string tag(sealed.substr(sealed.size() - kTagBytes));
  sealed = sealed.substr(kNonceBytes, sealed.size() - kNonceBytes - kTagBytes);
  const CipherContext context(EVP_CIPHER_CTX_new(), &EVP_CIPHER_CTX_free);
  secret.assign(sealed.size(), '\0');
  int size = 0;
  return context != nullptr &&
         EVP_DecryptInit_ex(context.get(), EVP_aes_256_gcm(), nullptr, Bytes(key), Bytes(nonce)) ==
             1 &&
         EVP_DecryptUpdate(context.get(), nullptr, &size, Bytes(associated),
                           static_cast<int>(associated.size())) == 1 &&
         EVP_DecryptUpdate(context.get(), Bytes(secret), &size, Bytes(sealed),
                           static_cast<int>(sealed.size())) == 1 &&
         EVP_CIPHER_CTX_ctrl(context.get(), EVP_CTRL_GCM_SET_TAG, kTagBytes, tag.data()) == 1 &&
         EVP_DecryptFinal_ex(context.get(), Bytes(tag), &size) == 1;
}

// Binds the id and the context; the id has no zero character.
std::string Associated(absl::string_view key_id, absl::string_view context) {
  return absl::StrCat(kVersion, ".", key_id, absl::string_view("\0", 1), context);
}

}  // namespace

absl::StatusOr<std::shared_ptr<const SecretBox>> SecretBox::Load(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  const std::string text{std::istreambuf_iterator<char>(file), {}};
  if (!file || text.empty()) {
    return absl::InvalidArgumentError(absl::StrCat(
        "cannot read keys from ", path,
        "; make one: (umask 077; echo \"k1 $(openssl rand -base64 32)\" > ", path, ")"));
  }
  auto box = Parse(text);
  if (!box.ok()) return Annotate(box.status(), path);
  return box;
}

absl::StatusOr<std::shared_ptr<const SecretBox>> SecretBox::Parse(absl::string_view text) {
  std::vector<std::pair<std::string, std::string>> keys;
  int line = 0;
  for (absl::string_view entry : absl::StrSplit(text, '\n')) {
    ++line;
    entry = absl::StripAsciiWhitespace(entry);
    if (entry.empty() || entry.front() == '#') continue;
    const std::vector<absl::string_view> words =
        absl::StrSplit(entry, absl::ByAnyChar(" \t"), absl::SkipEmpty());
    std::string key;
    if (words.size() != 2 || !IsKeyId(words[0]) || !ReadKey(words[1], key)) {
      return absl::InvalidArgumentError(
          absl::StrCat("line ", line, " is no key: write an id, a space and 32 bytes as base64"));
    }
    for (const auto& other : keys) {
      if (other.first == words[0]) {
        return absl::InvalidArgumentError(
            absl::StrCat("line ", line, " has the id ", words[0], " again; ids must differ"));
      }
    }
    keys.emplace_back(std::string(words[0]), std::move(key));
  }
  if (keys.empty()) return absl::InvalidArgumentError("there is no key");
  return std::shared_ptr<const SecretBox>(new SecretBox(std::move(keys)));
}

absl::StatusOr<std::string> SecretBox::Seal(absl::string_view secret,
                                            absl::string_view context) const {
  const auto& [id, key] = keys_.front();
  AW_ASSIGN_OR_RETURN(const std::string sealed, Encrypt(key, secret, Associated(id, context)));
  return absl::StrCat(kVersion, ".", id, ".", absl::WebSafeBase64Escape(sealed));
}

absl::StatusOr<std::string> SecretBox::Open(absl::string_view sealed,
                                            absl::string_view context) const {
  const std::vector<absl::string_view> parts = absl::StrSplit(sealed, '.');
  std::string bytes;
  if (parts.size() != 3 || parts[0] != kVersion || !IsKeyId(parts[1]) ||
      !absl::WebSafeBase64Unescape(parts[2], &bytes)) {
    return absl::DataLossError("what is stored is no sealed secret of this version");
  }
  for (const auto& [id, key] : keys_) {
    if (id != parts[1]) continue;
    std::string secret;
    if (Decrypt(key, bytes, Associated(id, context), secret)) return secret;
    return absl::DataLossError(
        absl::StrCat("key ", id, " is not the one that it was encrypted with, or it was changed"));
  }
  return absl::FailedPreconditionError(
      absl::StrCat("it is encrypted with key ", parts[1], ", which is not in the key file"));
}

bool SecretBox::IsCurrent(absl::string_view sealed) const {
  const std::vector<absl::string_view> parts = absl::StrSplit(sealed, '.');
  return parts.size() == 3 && parts[0] == kVersion && parts[1] == keys_.front().first;
}

}  // namespace aislewatch::events
