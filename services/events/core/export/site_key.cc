#include "services/events/core/export/site_key.h"

#include <openssl/bio.h>
#include <openssl/evp.h>
#include <openssl/pem.h>

#include "absl/strings/str_cat.h"

namespace aislewatch::events {
namespace {

using Bio = std::unique_ptr<BIO, int (*)(BIO*)>;

absl::Status BadKey(const std::string& path, absl::string_view what) {
  return absl::InvalidArgumentError(
      absl::StrCat("--site-key ", path, " ", what, "; ", kHowToMakeASiteKey));
}

// An encrypted key would otherwise ask for its password on the terminal.
int NoPassword(char*, int, int, void*) { return -1; }

}  // namespace

struct SiteKey::Key {
  ~Key() { EVP_PKEY_free(pkey); }
  EVP_PKEY* pkey = nullptr;
};

SiteKey::SiteKey() : key_(std::make_unique<Key>()) {}
SiteKey::~SiteKey() = default;

absl::StatusOr<std::shared_ptr<const SiteKey>> SiteKey::Load(const std::string& path) {
  const Bio file(BIO_new_file(path.c_str(), "r"), BIO_free);
  if (file == nullptr) return BadKey(path, "cannot be read");
  std::shared_ptr<SiteKey> key(new SiteKey);
  key->key_->pkey = PEM_read_bio_PrivateKey(file.get(), nullptr, NoPassword, nullptr);
  if (key->key_->pkey == nullptr) return BadKey(path, "holds no private key as unencrypted PEM");
  if (EVP_PKEY_id(key->key_->pkey) != EVP_PKEY_ED25519) return BadKey(path, "is no Ed25519 key");
  const Bio text(BIO_new(BIO_s_mem()), BIO_free);
  PEM_write_bio_PUBKEY(text.get(), key->key_->pkey);
  char* data = nullptr;
  const long size = BIO_get_mem_data(text.get(), &data);
  key->public_pem_.assign(data, static_cast<size_t>(size));
  return std::shared_ptr<const SiteKey>(std::move(key));
}

absl::StatusOr<std::string> SiteKey::Sign(absl::string_view bytes) const {
  const std::unique_ptr<EVP_MD_CTX, void (*)(EVP_MD_CTX*)> context(EVP_MD_CTX_new(),
                                                                   EVP_MD_CTX_free);
  std::string signature(64, '\0');
  size_t size = signature.size();
  if (EVP_DigestSignInit(context.get(), nullptr, nullptr, nullptr, key_->pkey) != 1 ||
      EVP_DigestSign(context.get(), reinterpret_cast<unsigned char*>(signature.data()), &size,
                     reinterpret_cast<const unsigned char*>(bytes.data()), bytes.size()) != 1) {
    return absl::InternalError("the site key cannot sign");
  }
  signature.resize(size);
  return signature;
}

}  // namespace aislewatch::events
