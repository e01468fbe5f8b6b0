#include "services/gateway/http/tls_context.h"

#include <openssl/err.h>

#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "common/base/log.h"
#include "common/base/status.h"

namespace aislewatch::gateway {

absl::StatusOr<std::unique_ptr<TlsContext>> TlsContext::Create(const std::string& certificate,
                                                               const std::string& key) {
  std::unique_ptr<TlsContext> tls(new TlsContext(certificate, key));
  AW_ASSIGN_OR_RETURN(auto context, tls->Load());
  absl::MutexLock lock(&tls->mutex_);
  tls->context_ = std::move(context);
  tls->changed_ = tls->ChangeTimes();
  tls->looked_ = absl::Now();
  return tls;
}

absl::StatusOr<std::shared_ptr<SSL_CTX>> TlsContext::Load() const {
  std::shared_ptr<SSL_CTX> context(SSL_CTX_new(TLS_server_method()), SSL_CTX_free);
  SSL_CTX_set_min_proto_version(context.get(), TLS1_2_VERSION);
  SSL_CTX_set_mode(context.get(),
                   SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
  ERR_clear_error();
  if (SSL_CTX_use_certificate_chain_file(context.get(), certificate_.c_str()) != 1) {
    return absl::InvalidArgumentError(absl::StrCat(
        "--http-certificate ", certificate_, " is not a readable PEM file with a certificate"));
  }
  if (SSL_CTX_use_PrivateKey_file(context.get(), key_.c_str(), SSL_FILETYPE_PEM) != 1 ||
      SSL_CTX_check_private_key(context.get()) != 1) {
    return absl::InvalidArgumentError(absl::StrCat(
        "--http-key ", key_, " is not a readable PEM file with the key of ", certificate_));
  }
  return context;
}

TlsContext::Times TlsContext::ChangeTimes() const {
  std::error_code ignored;
  return {std::filesystem::last_write_time(certificate_, ignored),
          std::filesystem::last_write_time(key_, ignored)};
}

std::shared_ptr<SSL_CTX> TlsContext::Get() {
  absl::MutexLock lock(&mutex_);
  const absl::Time now = absl::Now();
  if (now - looked_ >= absl::Seconds(2)) {
    looked_ = now;
    const Times changed = ChangeTimes();
    if (changed != changed_) {
      auto context = Load();
      if (context.ok()) {
        context_ = *std::move(context);
        changed_ = changed;
        LogInfo("the certificate of the HTTP port was read again");
      } else {
        LogWarning("a new certificate cannot be used; the old one stays",
                   {{"why", std::string(context.status().message())}});
      }
    }
  }
  return context_;
}

}  // namespace aislewatch::gateway
