#include "cli/cluster/key_files.h"

#include <openssl/bio.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <memory>

#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "common/base/atomic_write.h"
#include "common/base/ids.h"
#include "common/base/secret.h"
#include "common/base/status.h"

namespace aislewatch {
namespace {

bool IsThere(const std::string& path) { return access(path.c_str(), F_OK) == 0; }

absl::Status Keep(const std::string& path, absl::string_view key) {
  // Written elsewhere first: half a key would lock everybody out of what it encrypts.
  const std::string draft = absl::StrCat(path, ".", NewUuid());
  if (const absl::Status written = WriteFileAtomically(draft, key, kPrivateFile); !written.ok()) {
    return absl::InvalidArgumentError(written.message());
  }
  absl::Status status;
  // A link never replaces a key that somebody else has made meanwhile.
  if (link(draft.c_str(), path.c_str()) != 0 && errno != EEXIST) {
    status =
        absl::InvalidArgumentError(absl::StrCat("cannot write ", path, ": ", std::strerror(errno)));
  }
  unlink(draft.c_str());
  if (status.ok()) status = SyncFolderOf(path);
  return status;
}

absl::StatusOr<std::string> NewEd25519Key() {
  const std::unique_ptr<EVP_PKEY, void (*)(EVP_PKEY*)> key(
      EVP_PKEY_Q_keygen(nullptr, nullptr, "ED25519"), EVP_PKEY_free);
  const std::unique_ptr<BIO, int (*)(BIO*)> text(BIO_new(BIO_s_mem()), BIO_free);
  if (key == nullptr ||
      PEM_write_bio_PrivateKey(text.get(), key.get(), nullptr, nullptr, 0, nullptr, nullptr) != 1) {
    return absl::InternalError("OpenSSL makes no Ed25519 key");
  }
  char* data = nullptr;
  const long size = BIO_get_mem_data(text.get(), &data);
  return std::string(data, static_cast<size_t>(size));
}

}  // namespace

absl::Status EnsureSecretsKey(const std::string& path) {
  if (IsThere(path)) return absl::OkStatus();
  AW_ASSIGN_OR_RETURN(const std::string key, NewSecret("k1 "));
  return Keep(path, absl::StrCat("# Encrypts passwords of cameras and secrets of webhooks; without "
                                 "it they are lost.\n",
                                 key, "\n"));
}

absl::Status EnsureSiteKey(const std::string& path) {
  if (IsThere(path)) return absl::OkStatus();
  AW_ASSIGN_OR_RETURN(const std::string key, NewEd25519Key());
  return Keep(path, key);
}

}  // namespace aislewatch
