#include "services/events/adapters/http/curl_transport.h"

#include <arpa/inet.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include <atomic>
#include <string>
#include <thread>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace aislewatch::events {
namespace {

using ::testing::HasSubstr;

// Takes one connection on a free port of the loopback, reads one request, writes `answer`.
class OneAnswer {
 public:
  explicit OneAnswer(std::string answer) : answer_(std::move(answer)) {
    listener_ = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    bind(listener_, reinterpret_cast<sockaddr*>(&address), sizeof(address));
    listen(listener_, 4);
    socklen_t size = sizeof(address);
    getsockname(listener_, reinterpret_cast<sockaddr*>(&address), &size);
    port_ = ntohs(address.sin_port);
    thread_ = std::thread([this] { Serve(); });
  }
  ~OneAnswer() {
    shutdown(listener_, SHUT_RDWR);
    thread_.join();
    close(listener_);
  }
  std::string url(const std::string& host = "127.0.0.1") const {
    return absl::StrCat("http://", host, ":", port_, "/hook");
  }
  // Once the transport has returned.
  const std::string& request() const { return request_; }
  bool connected() const { return connected_; }

 private:
  void Serve() {
    const int peer = accept(listener_, nullptr, nullptr);
    if (peer < 0) return;
    connected_ = true;
    char buffer[4096];
    while (!absl::EndsWith(request_, "the end")) {
      const ssize_t got = read(peer, buffer, sizeof(buffer));
      if (got <= 0) break;
      request_.append(buffer, static_cast<size_t>(got));
    }
    // Without an answer the client's patience is tried; it closes.
    if (answer_.empty()) (void)!read(peer, buffer, sizeof(buffer));
    size_t sent = 0;
    while (sent < answer_.size()) {
      const ssize_t written =
          send(peer, answer_.data() + sent, answer_.size() - sent, MSG_NOSIGNAL);
      if (written <= 0) break;
      sent += static_cast<size_t>(written);
    }
    close(peer);
  }

  const std::string answer_;
  int listener_ = -1;
  int port_ = 0;
  std::string request_;
  std::atomic<bool> connected_ = false;
  std::thread thread_;
};

CurlTransport::Options Local() {
  CurlTransport::Options options;
  options.targets = {.allow_http = true, .allow_private = true};
  return options;
}

HttpRequest Request(const std::string& url) {
  return {url,
          {"Content-Type: application/cloudevents+json", "Aislewatch-Signature: t=1,v1=a"},
          "body until the end"};
}

constexpr char kNoContent[] = "HTTP/1.1 204 No Content\r\nConnection: close\r\n\r\n";

TEST(CurlTransport, PostsBodyAndHeaders) {
  OneAnswer server(kNoContent);
  CurlTransport transport(Local());
  const HttpAnswer answer = transport.Post(Request(server.url()));
  EXPECT_EQ(answer.status, 204) << answer.error;
  EXPECT_THAT(server.request(), HasSubstr("POST /hook HTTP/1.1\r\n"));
  EXPECT_THAT(server.request(), HasSubstr("Aislewatch-Signature: t=1,v1=a\r\n"));
  EXPECT_THAT(server.request(), HasSubstr("\r\n\r\nbody until the end"));
}

TEST(CurlTransport, ConnectsToNoAddressThatIsNotAllowed) {
  CurlTransport::Options options = Local();
  options.targets.allow_private = false;
  CurlTransport transport(options);
  // As an address, as a name that resolves to it, and as a number, which only the resolver reads.
  for (const char* host : {"127.0.0.1", "localhost", "2130706433", "0x7f.1"}) {
    OneAnswer server(kNoContent);
    const HttpAnswer answer = transport.Post(Request(server.url(host)));
    EXPECT_EQ(answer.status, 0) << host;
    EXPECT_FALSE(server.connected()) << host;
    EXPECT_THAT(answer.error, HasSubstr("--webhooks-allow-private")) << host;
  }
  options.targets.allow_private = true;
  CurlTransport wider(options);
  EXPECT_THAT(wider.Post(Request("http://169.254.169.254/latest")).error, HasSubstr("never"));
}

TEST(CurlTransport, UsesNoProxyOfTheEnvironment) {
  OneAnswer proxy(kNoContent);
  setenv("http_proxy", proxy.url().c_str(), 1);
  CurlTransport::Options options = Local();
  CurlTransport transport(options);
  OneAnswer server(kNoContent);
  EXPECT_EQ(transport.Post(Request(server.url())).status, 204);
  unsetenv("http_proxy");
  EXPECT_FALSE(proxy.connected());
}

TEST(CurlTransport, SpeaksPlainHttpOnlyWhereAllowed) {
  OneAnswer server(kNoContent);
  CurlTransport::Options options = Local();
  options.targets.allow_http = false;
  EXPECT_EQ(CurlTransport(options).Post(Request(server.url())).status, 0);
  EXPECT_FALSE(server.connected());
  EXPECT_EQ(CurlTransport(Local()).Post(Request("file:///etc/passwd")).status, 0);
}

TEST(CurlTransport, FollowsNoRedirect) {
  OneAnswer target(kNoContent);
  OneAnswer server(absl::StrCat("HTTP/1.1 302 Found\r\nLocation: ", target.url(),
                                "\r\nContent-Length: 0\r\n\r\n"));
  EXPECT_EQ(CurlTransport(Local()).Post(Request(server.url())).status, 302);
  EXPECT_FALSE(target.connected());
}

TEST(CurlTransport, TakesTheStatusOfAnAnswerWithoutEnd) {
  OneAnswer server(absl::StrCat("HTTP/1.1 200 OK\r\nContent-Length: 100000000\r\n\r\n",
                                std::string(4 << 20, 'x')));
  EXPECT_EQ(CurlTransport(Local()).Post(Request(server.url())).status, 200);
}

TEST(CurlTransport, GivesUpOnAReceiverThatSaysNothing) {
  OneAnswer server("");
  CurlTransport::Options options = Local();
  options.timeout = absl::Milliseconds(200);
  const HttpAnswer answer = CurlTransport(options).Post(Request(server.url()));
  EXPECT_EQ(answer.status, 0);
  EXPECT_THAT(answer.error, HasSubstr("no answer within 200ms"));
}

TEST(CurlTransport, SaysWhyThereIsNoAnswer) {
  std::string url;
  {
    OneAnswer server(kNoContent);
    url = server.url();
  }
  CurlTransport transport(Local());
  EXPECT_THAT(transport.Post(Request(url)).error, HasSubstr("onnect"));
  OneAnswer nonsense("this is not HTTP\r\n\r\n");
  EXPECT_NE(transport.Post(Request(nonsense.url())).error, "");
  transport.Cancel();
  OneAnswer server(kNoContent);
  EXPECT_THAT(transport.Post(Request(server.url())).error, HasSubstr("shutting down"));
}

}  // namespace
}  // namespace aislewatch::events
