#include "common/rpc/tls.h"

#include <grpcpp/security/tls_certificate_provider.h>
#include <grpcpp/security/tls_credentials_options.h>
#include <openssl/err.h>
#include <openssl/ssl.h>

#include "absl/strings/str_cat.h"
#include "common/base/status.h"

namespace aislewatch {
namespace {

constexpr unsigned int kReadAgainSeconds = 2;

// gRPC would only log what is wrong with a file, at every handshake.
absl::Status CheckFiles(const TlsFiles& tls) {
  if (tls.certificate.empty() != tls.key.empty()) {
    return absl::InvalidArgumentError(
        "a certificate and its key belong together: give both tls-certificate and tls-key");
  }
  const std::unique_ptr<SSL_CTX, decltype(&SSL_CTX_free)> context(SSL_CTX_new(TLS_method()),
                                                                  SSL_CTX_free);
  SSL_CTX* const files = context.get();
  absl::Status status;
  if (!tls.ca.empty() && SSL_CTX_load_verify_locations(files, tls.ca.c_str(), nullptr) != 1) {
    status = absl::InvalidArgumentError(
        absl::StrCat("cannot read an authority's certificate from ", tls.ca));
  } else if (!tls.key.empty() &&
             (SSL_CTX_use_certificate_chain_file(files, tls.certificate.c_str()) != 1 ||
              SSL_CTX_use_PrivateKey_file(files, tls.key.c_str(), SSL_FILETYPE_PEM) != 1)) {
    status = absl::InvalidArgumentError(absl::StrCat(
        "cannot read a certificate from ", tls.certificate, " and its key from ", tls.key));
  }
  ERR_clear_error();  // Else gRPC finds our errors in this thread's queue.
  return status;
}

std::shared_ptr<grpc::experimental::CertificateProviderInterface> Watch(const TlsFiles& tls) {
  return std::make_shared<grpc::experimental::FileWatcherCertificateProvider>(
      tls.key, tls.certificate, tls.ca, kReadAgainSeconds);
}

}  // namespace

absl::StatusOr<std::shared_ptr<grpc::ServerCredentials>> MakeServerCredentials(
    const TlsFiles& tls) {
  if (!tls.enabled()) return grpc::InsecureServerCredentials();
  AW_RETURN_IF_ERROR(CheckFiles(tls));
  if (tls.certificate.empty()) {
    return absl::InvalidArgumentError(
        "a server that asks for certificates needs one itself: give tls-certificate and tls-key");
  }
  grpc::experimental::TlsServerCredentialsOptions options(Watch(tls));
  options.watch_identity_key_cert_pairs();
  if (!tls.ca.empty()) {
    options.watch_root_certs();
    options.set_cert_request_type(GRPC_SSL_REQUEST_AND_REQUIRE_CLIENT_CERTIFICATE_AND_VERIFY);
  }
  return grpc::experimental::TlsServerCredentials(options);
}

absl::StatusOr<std::shared_ptr<grpc::ChannelCredentials>> MakeChannelCredentials(
    const TlsFiles& tls) {
  if (!tls.enabled()) return grpc::InsecureChannelCredentials();
  if (tls.ca.empty()) {
    return absl::InvalidArgumentError(
        "a client certificate needs the authorities to trust beside it: name them with tls-ca");
  }
  AW_RETURN_IF_ERROR(CheckFiles(tls));
  grpc::experimental::TlsChannelCredentialsOptions options;
  options.set_certificate_provider(Watch(tls));
  options.watch_root_certs();
  if (!tls.certificate.empty()) options.watch_identity_key_cert_pairs();
  // gRPC's default verifier holds the certificate against the name that was dialled.
  return grpc::experimental::TlsCredentials(options);
}

}  // namespace aislewatch
