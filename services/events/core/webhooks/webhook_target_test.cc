#include "services/events/core/webhooks/webhook_target.h"

#include <arpa/inet.h>

#include <array>
#include <string>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace aislewatch::events {
namespace {

using ::testing::HasSubstr;

bool Allowed(const std::string& text, bool allow_private = false) {
  std::array<uint8_t, 16> bytes{};
  const WebhookTargets targets{.allow_private = allow_private};
  if (inet_pton(AF_INET, text.c_str(), bytes.data()) == 1) {
    return CheckTargetAddress({bytes.data(), 4}, targets).ok();
  }
  EXPECT_EQ(inet_pton(AF_INET6, text.c_str(), bytes.data()), 1) << text;
  return CheckTargetAddress(bytes, targets).ok();
}

TEST(WebhookTarget, LetsPublicAddressesThrough) {
  for (const char* address :
       {"8.8.8.8", "172.15.255.255", "172.32.0.1", "100.63.0.1", "192.169.0.1", "223.255.255.255",
        "2606:4700::1111", "::ffff:8.8.8.8", "64:ff9b::808:808"}) {
    EXPECT_TRUE(Allowed(address)) << address;
  }
}

TEST(WebhookTarget, LetsPrivateAddressesThroughOnlyWhereAllowed) {
  for (const char* address :
       {"127.0.0.1", "127.255.0.9", "10.1.2.3", "172.16.0.1", "172.31.255.255", "192.168.1.1",
        "100.64.0.1", "::1", "fd00::1", "fc00::1", "::ffff:127.0.0.1", "::ffff:10.0.0.1",
        "64:ff9b::a00:1", "2002:7f00:1::"}) {
    EXPECT_FALSE(Allowed(address)) << address;
    EXPECT_TRUE(Allowed(address, true)) << address;
  }
}

TEST(WebhookTarget, NeverReachesLinkLocalMulticastOrReservedAddresses) {
  for (const char* address : {"169.254.169.254", "0.0.0.0", "0.1.2.3", "224.0.0.1", "239.1.1.1",
                              "240.0.0.1", "255.255.255.255", "192.0.2.1", "fe80::1", "ff02::1",
                              "::", "fec0::1", "::ffff:169.254.169.254", "64:ff9b::a9fe:a9fe",
                              "2002:a9fe:a9fe::", "::127.0.0.1", "2001:db8::1", "2001:0:1::1"}) {
    EXPECT_FALSE(Allowed(address, true)) << address;
  }
  EXPECT_FALSE(CheckTargetAddress({}, {.allow_private = true}).ok());
}

TEST(WebhookTarget, TakesOrdinaryUrls) {
  for (const char* url :
       {"https://hooks.example/path?x=1", "https://hooks.example:8443", "https://8.8.8.8/",
        "https://[2606:4700::1111]:443/a", "https://xn--bcher-kva.example./"}) {
    EXPECT_TRUE(CheckWebhookUrl(url, {}).ok()) << url << CheckWebhookUrl(url, {});
  }
  EXPECT_TRUE(CheckWebhookUrl("http://h.example/", {.allow_http = true}).ok());
  EXPECT_TRUE(CheckWebhookUrl("https://localhost:9/", {.allow_private = true}).ok());
}

TEST(WebhookTarget, SaysWhatIsWrongWithAUrl) {
  const std::pair<const char*, const char*> faults[] = {
      {"", "https://"},
      {"ftp://h.example/", "https://"},
      {"http://h.example/", "--webhooks-allow-http"},
      {"https://", "no host"},
      {"https://:443/", "no host"},
      {"https://user:secret@h.example/", "user"},
      {"https://h.example/#x", "fragment"},
      {"https://h.example:0/", "port"},
      {"https://h.example:65536/", "port"},
      {"https://h.example:/", "port"},
      {"https://h.example:8a/", "port"},
      {"https://h example/", "space"},
      {"https://h.example\\@evil/", "backslash"},
      {"https://h.example/\r\nX: y", "space"},
      {"https://[::1", "brackets"},
      {"https://[fe80::1]/", "link-local"},
      {"https://127.0.0.1/", "--webhooks-allow-private"},
      {"https://[::1]/", "--webhooks-allow-private"},
      {"https://LOCALHOST./", "--webhooks-allow-private"},
      {"https://a.localhost/", "--webhooks-allow-private"},
      {"https://h!.example/", "characters"},
  };
  for (const auto& [url, part] : faults) {
    const absl::Status status = CheckWebhookUrl(url, {});
    EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument) << url;
    EXPECT_THAT(status.message(), HasSubstr(part)) << url;
    EXPECT_THAT(status.message(), testing::Not(HasSubstr("secret")));
  }
  EXPECT_FALSE(CheckWebhookUrl("https://h/" + std::string(2048, 'a'), {}).ok());
}

}  // namespace
}  // namespace aislewatch::events
