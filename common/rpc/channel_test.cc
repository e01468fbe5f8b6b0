#include "common/rpc/channel.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <string>
#include <thread>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "common/rpc/health.h"
#include "common/rpc/server_host.h"
#include "gtest/gtest.h"

namespace aislewatch {
namespace {

/// A name server (RFC 1035) on 127.0.0.1 that has one address for every name.
class OneAddressDns {
 public:
  explicit OneAddressDns(const std::string& address) : socket_(socket(AF_INET, SOCK_DGRAM, 0)) {
    SetAddress(address);
    sockaddr_in any = {.sin_family = AF_INET, .sin_addr = {htonl(INADDR_LOOPBACK)}};
    auto* const name = reinterpret_cast<sockaddr*>(&any);
    socklen_t size = sizeof(any);
    EXPECT_EQ(bind(socket_, name, size), 0);
    EXPECT_EQ(getsockname(socket_, name, &size), 0);
    port_ = ntohs(any.sin_port);
    thread_ = std::thread([this] { Serve(); });
  }
  ~OneAddressDns() {
    shutdown(socket_, SHUT_RDWR);
    thread_.join();
    close(socket_);
  }
  int port() const { return port_; }
  void SetAddress(const std::string& address) { address_ = inet_addr(address.c_str()); }

 private:
  void Serve() {
    std::array<char, 512> query;
    sockaddr_in from;
    socklen_t size = sizeof(from);
    while (true) {
      const ssize_t length = recvfrom(socket_, query.data(), query.size(), 0,
                                      reinterpret_cast<sockaddr*>(&from), &size);
      if (length < kHeaderBytes) return;  // The socket was shut down.
      const std::string answer = Answer(std::string(query.data(), length));
      sendto(socket_, answer.data(), answer.size(), 0, reinterpret_cast<sockaddr*>(&from), size);
    }
  }

  std::string Answer(const std::string& query) const {
    const size_t name_end = query.find('\0', kHeaderBytes);
    const bool asks_for_address = query.compare(name_end + 1, 2, std::string("\0\1", 2)) == 0;
    std::string answer = query.substr(0, 2);     // Its id,
    answer += std::string("\x81\x80\0\1\0", 5);  // a recursive answer to 1 question
    answer += asks_for_address ? '\1' : '\0';    // with as many records,
    answer += std::string("\0\0\0\0", 4);        // no authorities, nothing else;
    answer += query.substr(kHeaderBytes, name_end + 5 - kHeaderBytes);  // the question;
    if (asks_for_address) {
      // The same name, type A, class IN, not to be cached, 4 bytes.
      answer += std::string("\xc0\x0c\0\1\0\1\0\0\0\0\0\4", 12);
      const in_addr_t address = address_;
      answer.append(reinterpret_cast<const char*>(&address), sizeof(address));
    }
    return answer;
  }

  static constexpr int kHeaderBytes = 12;

  const int socket_;
  int port_ = 0;
  std::atomic<in_addr_t> address_;
  std::thread thread_;
};

/// A host that loses its power as soon as it has greeted, as far as a client can tell: it says
/// nothing any more. On 127.0.0.1.
class SilentServer {
 public:
  explicit SilentServer(absl::Duration greets_after = absl::ZeroDuration())
      : greets_after_(greets_after), socket_(socket(AF_INET, SOCK_STREAM, 0)) {
    sockaddr_in any = {.sin_family = AF_INET, .sin_addr = {htonl(INADDR_LOOPBACK)}};
    auto* const name = reinterpret_cast<sockaddr*>(&any);
    socklen_t size = sizeof(any);
    EXPECT_EQ(bind(socket_, name, size), 0);
    EXPECT_EQ(listen(socket_, 1), 0);
    EXPECT_EQ(getsockname(socket_, name, &size), 0);
    port_ = ntohs(any.sin_port);
    thread_ = std::thread([this] { Serve(); });
  }
  ~SilentServer() {
    shutdown(socket_, SHUT_RDWR);
    thread_.join();
    close(socket_);
  }
  int port() const { return port_; }
  int connections() const { return connections_; }

 private:
  void Serve() {
    while (true) {
      const int connection = accept(socket_, nullptr, nullptr);
      if (connection < 0) return;  // The socket was shut down.
      ++connections_;
      absl::SleepFor(greets_after_);
      // Empty SETTINGS (RFC 9113, 6.5), with which a server begins; then bytes are swallowed.
      constexpr std::array<char, 9> kSettings = {0, 0, 0, 4, 0, 0, 0, 0, 0};
      send(connection, kSettings.data(), kSettings.size(), MSG_NOSIGNAL);
      std::array<char, 4096> swallowed;
      while (recv(connection, swallowed.data(), swallowed.size(), 0) > 0) {
      }
      close(connection);
    }
  }

  const absl::Duration greets_after_;
  const int socket_;
  int port_ = 0;
  std::atomic<int> connections_ = 0;
  std::thread thread_;
};

std::unique_ptr<ServerHost> StartServer(const std::string& listen) {
  ServerOptions options;
  options.listen = listen;
  options.metrics_listen.clear();
  auto host = ServerHost::Create(options).value();
  EXPECT_TRUE(host->Start().ok());
  return host;
}

// gRPC by itself would not ask for the name again for 30 s.
TEST(MakeChannelTest, FindsAReplicaThatCameAtAnotherAddressWithinSeconds) {
  OneAddressDns dns("127.0.0.1");
  auto old_replica = StartServer("127.0.0.1:0");
  const int port = old_replica->port();
  const auto channel =
      MakeChannel(absl::StrCat("dns://127.0.0.1:", dns.port(), "/stage.test:", port)).value();
  ASSERT_TRUE(IsServing(channel, "liveness", absl::Now() + absl::Seconds(20)).ok());

  const auto new_replica = StartServer(absl::StrCat("127.0.0.2:", port));
  dns.SetAddress("127.0.0.2");
  old_replica.reset();
  // A call that meets the connection as it breaks may fail with it; the next one finds the other.
  const absl::Time deadline = absl::Now() + absl::Seconds(20);
  auto found = IsServing(channel, "liveness", deadline);
  while (!found.ok() && absl::Now() < deadline) found = IsServing(channel, "liveness", deadline);
  EXPECT_TRUE(found.ok()) << found.status();
}

// Else a console would be shown an open stream, and no incidents, for a minute.
TEST(MakeChannelTest, GivesUpAConnectionThatNoLongerSaysAnythingWithinSeconds) {
  const SilentServer server;
  const auto channel = MakeChannel(absl::StrCat("127.0.0.1:", server.port()), TlsFiles()).value();
  const absl::Time start = absl::Now();
  const auto answer = IsServing(channel, "liveness", start + absl::Seconds(30));
  EXPECT_TRUE(absl::IsUnavailable(answer.status())) << answer.status();
  EXPECT_LT(absl::Now() - start, absl::Seconds(20));
}

// A machine that is busy may need more than a moment for TLS.
TEST(MakeChannelTest, WaitsForAServerThatIsSlowToGreet) {
  const SilentServer server(/*greets_after=*/absl::Milliseconds(700));
  const auto channel = MakeChannel(absl::StrCat("127.0.0.1:", server.port()), TlsFiles()).value();
  channel->GetState(/*try_to_connect=*/true);
  EXPECT_TRUE(channel->WaitForConnected(absl::ToChronoTime(absl::Now() + absl::Seconds(20))));
  EXPECT_EQ(server.connections(), 1);
}

}  // namespace
}  // namespace aislewatch
