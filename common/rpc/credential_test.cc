#include "common/rpc/credential.h"

#include <grpcpp/client_context.h>
#include <grpcpp/generic/async_generic_service.h>
#include <grpcpp/server_builder.h>

#include <cstdio>
#include <fstream>

#include "absl/strings/str_cat.h"
#include "aislewatch/v1/access.grpc.pb.h"
#include "gtest/gtest.h"

namespace aislewatch {
namespace {

// Answers with the credential that it got, and how many there were.
class Mirror final : public v1::AccessService::Service {
 public:
  grpc::Status Authenticate(grpc::ServerContext* context, const v1::AuthenticateRequest*,
                            v1::AuthenticateResponse* response) override {
    const auto [first, last] = context->client_metadata().equal_range("authorization");
    std::string all;
    for (auto it = first; it != last; ++it) {
      absl::StrAppend(&all, "[", std::string(it->second.data(), it->second.size()), "]");
    }
    response->mutable_principal()->set_name(all);
    return grpc::Status::OK;
  }
};

class CredentialTest : public ::testing::Test {
 protected:
  CredentialTest() {
    grpc::ServerBuilder builder;
    builder.AddListeningPort("127.0.0.1:0", grpc::InsecureServerCredentials(), &port_);
    builder.RegisterService(&mirror_);
    server_ = builder.BuildAndStart();
  }

  std::string Sent(CredentialSource source, const std::string& own = "") {
    const auto channel =
        MakeChannel(absl::StrCat("127.0.0.1:", port_), TlsFiles(), std::move(source)).value();
    grpc::ClientContext context;
    if (!own.empty()) context.AddMetadata("authorization", own);
    v1::AuthenticateResponse response;
    const grpc::Status status = v1::AccessService::NewStub(channel)->Authenticate(
        &context, v1::AuthenticateRequest(), &response);
    EXPECT_TRUE(status.ok()) << status.error_message();
    return response.principal().name();
  }

  int port_ = 0;
  Mirror mirror_;
  std::unique_ptr<grpc::Server> server_;
};

TEST_F(CredentialTest, GoesWithEachCallAlsoWithoutTls) {
  EXPECT_EQ(Sent(FixedCredential("awt_x")), "[Bearer awt_x]");
  EXPECT_EQ(Sent(FixedCredential("")), "");
  EXPECT_EQ(Sent(nullptr), "");
}

TEST_F(CredentialTest, LeavesACallItsOwn) {
  EXPECT_EQ(Sent(FixedCredential("awt_x"), "Bearer awc_y"), "[Bearer awc_y]");
}

TEST_F(CredentialTest, ComesFromTheFirstLineOfAFile) {
  const std::string path = absl::StrCat(::testing::TempDir(), "credential_test.token");
  std::ofstream(path) << "awt_file \r\nsecond\n";
  const auto source = CredentialFromFile(path);
  ASSERT_TRUE(source.ok()) << source.status();
  EXPECT_EQ(Sent(*source), "[Bearer awt_file]");
  for (const char* wrong : {"", "\n", "awt_\x01\n", "two words\n"}) {
    std::ofstream(path, std::ios::trunc) << wrong;
    EXPECT_TRUE(absl::IsInvalidArgument(CredentialFromFile(path).status())) << wrong;
  }
  std::remove(path.c_str());
  EXPECT_TRUE(absl::IsInvalidArgument(CredentialFromFile(path).status()));
}

}  // namespace
}  // namespace aislewatch
