// Servers and clients that ask for each other's certificates.

#include "common/rpc/tls.h"

#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>

#include <cstdio>
#include <filesystem>
#include <memory>
#include <string>
#include <utility>

#include "common/rpc/channel.h"
#include "common/rpc/health.h"
#include "common/rpc/server_host.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace aislewatch {
namespace {

using ::testing::HasSubstr;

/// Writes a certificate for `host` that signed itself and is its own authority, valid for `seconds`
/// from a minute ago.
TlsFiles SelfSigned(const std::string& name, const char* host = "IP:127.0.0.1",
                    int seconds = 3600) {
  const std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)> key(EVP_EC_gen("P-256"), EVP_PKEY_free);
  const std::unique_ptr<X509, decltype(&X509_free)> certificate(X509_new(), X509_free);
  X509_set_version(certificate.get(), 2);
  ASN1_INTEGER_set(X509_get_serialNumber(certificate.get()), 1);
  X509_gmtime_adj(X509_getm_notBefore(certificate.get()), -60);
  X509_gmtime_adj(X509_getm_notAfter(certificate.get()), seconds - 60);
  X509_set_pubkey(certificate.get(), key.get());
  X509_NAME* subject = X509_get_subject_name(certificate.get());
  X509_NAME_add_entry_by_txt(subject, "CN", MBSTRING_ASC,
                             reinterpret_cast<const unsigned char*>(name.c_str()), -1, -1, 0);
  X509_set_issuer_name(certificate.get(), subject);
  for (const auto& [kind, value] : {std::pair(NID_subject_alt_name, host),
                                    std::pair(NID_basic_constraints, "critical,CA:TRUE")}) {
    X509_EXTENSION* extension = X509V3_EXT_conf_nid(nullptr, nullptr, kind, value);
    X509_add_ext(certificate.get(), extension, -1);
    X509_EXTENSION_free(extension);
  }
  X509_sign(certificate.get(), key.get(), EVP_sha256());
  const std::string folder = testing::TempDir();
  TlsFiles files{.ca = folder + "/" + name + ".pem",
                 .certificate = folder + "/" + name + ".pem",
                 .key = folder + "/" + name + ".key"};
  std::FILE* file = std::fopen(files.certificate.c_str(), "w");
  PEM_write_X509(file, certificate.get());
  std::fclose(file);
  file = std::fopen(files.key.c_str(), "w");
  PEM_write_PrivateKey(file, key.get(), nullptr, nullptr, 0, nullptr, nullptr);
  std::fclose(file);
  return files;
}

/// Puts a copy of `files` where `name` lies, as a rotation does; beside, and moved.
TlsFiles Install(const TlsFiles& files, const std::string& name) {
  const std::string path = testing::TempDir() + "/" + name;
  const TlsFiles copy{.ca = path + ".pem", .certificate = path + ".pem", .key = path + ".key"};
  for (const auto& [from, to] :
       {std::pair(files.key, copy.key), std::pair(files.certificate, copy.certificate)}) {
    std::filesystem::copy_file(from, to + ".new",
                               std::filesystem::copy_options::overwrite_existing);
    std::filesystem::rename(to + ".new", to);
  }
  return copy;
}

class TlsTest : public ::testing::Test {
 protected:
  /// A server with the certificate of `server`, which asks for certificates that `trusted` signed;
  /// for none where it is empty.
  void Start(const TlsFiles& server, const std::string& trusted) {
    ServerOptions options;
    options.listen = "127.0.0.1:0";
    options.metrics_listen.clear();
    options.tls = server;
    options.tls.ca = trusted;
    host_ = ServerHost::Create(options).value();
    ASSERT_TRUE(host_->Start().ok());
  }

  std::shared_ptr<grpc::Channel> Dial(const TlsFiles& client) {
    return MakeChannel("127.0.0.1:" + std::to_string(host_->port()), client).value();
  }
  bool AnswersOn(const std::shared_ptr<grpc::Channel>& channel) {
    return IsServing(channel, "liveness", absl::Now() + patience_).ok();
  }
  bool Answers(const TlsFiles& client) { return AnswersOn(Dial(client)); }

  // For answers that must come; those that must not are waited for a second.
  absl::Duration patience_ = absl::Seconds(20);
  std::unique_ptr<ServerHost> host_;
};

TEST_F(TlsTest, AServerIsTrustedByWhoKnowsItsAuthority) {
  const TlsFiles server = SelfSigned("server");
  Start(server, "");
  EXPECT_TRUE(Answers({.ca = server.ca}));
  patience_ = absl::Seconds(1);
  EXPECT_FALSE(Answers({})) << "plaintext";
  EXPECT_FALSE(Answers({.ca = SelfSigned("stranger").ca}));
}

TEST_F(TlsTest, AServerThatAsksForCertificatesAnswersWhoHasOne) {
  const TlsFiles server = SelfSigned("server");
  const TlsFiles client = SelfSigned("client");
  Start(server, client.ca);
  EXPECT_TRUE(Answers({.ca = server.ca, .certificate = client.certificate, .key = client.key}));
  patience_ = absl::Seconds(1);
  EXPECT_FALSE(Answers({.ca = server.ca})) << "no certificate";
  const TlsFiles stranger = SelfSigned("stranger");
  EXPECT_FALSE(
      Answers({.ca = server.ca, .certificate = stranger.certificate, .key = stranger.key}));
}

TEST_F(TlsTest, CertificatesThatRanOutAreRefused) {
  const TlsFiles late = SelfSigned("late", "IP:127.0.0.1", 30);
  const TlsFiles server = SelfSigned("server");
  patience_ = absl::Seconds(1);
  Start(late, "");
  EXPECT_FALSE(Answers({.ca = late.ca})) << "the server's";
  Start(server, late.ca);
  EXPECT_FALSE(Answers({.ca = server.ca, .certificate = late.certificate, .key = late.key}))
      << "the client's";
}

TEST_F(TlsTest, AServerMustHaveTheNameThatWasDialled) {
  const TlsFiles other = SelfSigned("127.0.0.1", "DNS:other.example");
  Start(other, "");
  patience_ = absl::Seconds(1);
  EXPECT_FALSE(Answers({.ca = other.ca})) << "another name, and ours where it does not count";
  const TlsFiles elsewhere = SelfSigned("elsewhere", "IP:127.0.0.9");
  Start(elsewhere, "");
  EXPECT_FALSE(Answers({.ca = elsewhere.ca})) << "another address";
}

TEST_F(TlsTest, AServerTakesTheCertificateThatReplacesItsOwn) {
  const TlsFiles first = SelfSigned("first");
  const TlsFiles second = SelfSigned("second");
  Start(Install(first, "used"), "");
  const auto open = Dial({.ca = first.ca});
  EXPECT_TRUE(AnswersOn(open));
  Install(second, "used");
  EXPECT_TRUE(Answers({.ca = second.ca}));
  EXPECT_TRUE(AnswersOn(open)) << "an open connection goes on";
  patience_ = absl::Seconds(1);
  EXPECT_FALSE(Answers({.ca = first.ca}));
}

TEST_F(TlsTest, AServerTakesReplacedAuthorities) {
  const TlsFiles server = SelfSigned("server");
  const TlsFiles first = SelfSigned("first");
  const TlsFiles second = SelfSigned("second");
  const auto answers = [&](const TlsFiles& client) {
    return Answers({.ca = server.ca, .certificate = client.certificate, .key = client.key});
  };
  Start(server, Install(first, "trusted").ca);
  EXPECT_TRUE(answers(first));
  Install(second, "trusted");
  EXPECT_TRUE(answers(second));
  patience_ = absl::Seconds(1);
  EXPECT_FALSE(answers(first));
}

TEST_F(TlsTest, AChannelTakesReplacedCertificatesAndAuthorities) {
  const TlsFiles server = SelfSigned("server");
  const TlsFiles client = SelfSigned("client");
  const TlsFiles stranger = SelfSigned("stranger");
  Start(server, client.ca);
  const TlsFiles own = Install(stranger, "own");
  const auto channel =
      Dial({.ca = Install(stranger, "trusted").ca, .certificate = own.certificate, .key = own.key});
  patience_ = absl::Seconds(1);
  EXPECT_FALSE(AnswersOn(channel));
  Install(server, "trusted");
  Install(client, "own");
  patience_ = absl::Seconds(20);
  EXPECT_TRUE(AnswersOn(channel));
}

TEST(MakeServerCredentialsTest, SaysWhatIsWrongWithItsFiles) {
  const TlsFiles one = SelfSigned("one");
  const TlsFiles other = SelfSigned("other");
  const auto message = [](const TlsFiles& tls) {
    return std::string(MakeServerCredentials(tls).status().message());
  };
  EXPECT_THAT(message({.certificate = one.certificate, .key = other.key}), HasSubstr(other.key));
  EXPECT_THAT(message({.ca = one.ca}), HasSubstr("tls-certificate"));
  EXPECT_THAT(message({.ca = one.key, .certificate = one.certificate, .key = one.key}),
              HasSubstr("authority's certificate from " + one.key));
}

TEST(MakeChannelTest, SaysWhichCertificateIsMissing) {
  const TlsFiles files = SelfSigned("client");
  EXPECT_THAT(std::string(MakeChannel("h:1", {.certificate = files.certificate, .key = files.key})
                              .status()
                              .message()),
              HasSubstr("tls-ca"));
  EXPECT_THAT(std::string(MakeChannel("h:1", {.ca = files.ca, .certificate = files.certificate})
                              .status()
                              .message()),
              HasSubstr("tls-key"));
  EXPECT_THAT(std::string(MakeChannel("h:1", {.ca = "/nowhere.pem"}).status().message()),
              HasSubstr("/nowhere.pem"));
}

}  // namespace
}  // namespace aislewatch
