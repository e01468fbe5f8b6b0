#include "services/gateway/http/connection.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/tcp.h>
#include <openssl/err.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "absl/time/clock.h"

namespace aislewatch::gateway {
namespace {

constexpr size_t kBufferBytes = 16 * 1024;
// What is read and thrown away of a refused request at the end.
constexpr absl::Duration kLinger = absl::Milliseconds(300);
constexpr size_t kLingerBytes = 256 * 1024;

void AddressOf(const sockaddr_storage& address, std::string& ip, int& port) {
  char text[INET6_ADDRSTRLEN] = "";
  if (address.ss_family == AF_INET) {
    const auto& v4 = reinterpret_cast<const sockaddr_in&>(address);
    inet_ntop(AF_INET, &v4.sin_addr, text, sizeof(text));
    port = ntohs(v4.sin_port);
  } else if (address.ss_family == AF_INET6) {
    const auto& v6 = reinterpret_cast<const sockaddr_in6&>(address);
    inet_ntop(AF_INET6, &v6.sin6_addr, text, sizeof(text));
    port = ntohs(v6.sin6_port);
  }
  ip = text;
  // An IPv4 client of a listener on both.
  if (ip.rfind("::ffff:", 0) == 0 && ip.find('.') != std::string::npos) ip = ip.substr(7);
}

SSL* NewTls(SSL_CTX* context, socket_t socket) {
  if (context == nullptr) return nullptr;
  SSL* tls = SSL_new(context);
  if (tls != nullptr) SSL_set_fd(tls, socket);
  return tls;
}

}  // namespace

Connection::Connection(socket_t socket, SSL_CTX* tls, absl::Duration write_timeout, size_t max_head)
    : socket_(socket),
      tls_(NewTls(tls, socket)),
      write_timeout_(write_timeout),
      max_head_(max_head) {
  fcntl(socket_, F_SETFL, fcntl(socket_, F_GETFL) | O_NONBLOCK);
  const int yes = 1;
  setsockopt(socket_, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof(yes));
}

Connection::~Connection() {
  if (tls_ != nullptr) {
    if (SSL_is_init_finished(tls_)) SSL_shutdown(tls_);
    SSL_free(tls_);
    ERR_clear_error();
  }
  ::shutdown(socket_, SHUT_WR);
  const absl::Time deadline = absl::Now() + kLinger;
  char thrown_away[4096];
  for (size_t total = 0; total < kLingerBytes;) {
    const ssize_t got = recv(socket_, thrown_away, sizeof(thrown_away), 0);
    if (got > 0) {
      total += static_cast<size_t>(got);
    } else if (got == 0 || (errno != EAGAIN && errno != EINTR) || !Wait(Want::kRead, deadline)) {
      break;
    }
  }
  ::close(socket_);
}

bool Connection::Wait(Want want, absl::Time deadline) const {
  while (true) {
    const absl::Duration left = deadline - absl::Now();
    if (left <= absl::ZeroDuration()) return false;
    pollfd poll_fd = {socket_, static_cast<short>(want == Want::kWrite ? POLLOUT : POLLIN), 0};
    const int milliseconds =
        static_cast<int>(absl::ToInt64Milliseconds(std::min(left, absl::Seconds(60)))) + 1;
    const int ready = poll(&poll_fd, 1, milliseconds);
    if (ready > 0) return true;
    if (ready < 0 && errno != EINTR) return false;
  }
}

Connection::Want Connection::WantOf(int result) const {
  switch (SSL_get_error(tls_, result)) {
    case SSL_ERROR_WANT_READ:
      return Want::kRead;
    case SSL_ERROR_WANT_WRITE:
      return Want::kWrite;
    default:
      return Want::kNothing;
  }
}

bool Connection::Handshake(absl::Time deadline) {
  if (tls_ == nullptr) return true;
  while (true) {
    ERR_clear_error();
    const int result = SSL_accept(tls_);
    if (result == 1) return true;
    const Want want = WantOf(result);
    if (want == Want::kNothing || !Wait(want, deadline)) return false;
  }
}

bool Connection::WaitForBytes(absl::Time deadline) const {
  if (buffer_at_ < buffer_.size()) return true;
  if (tls_ != nullptr && SSL_pending(tls_) > 0) return true;
  return Wait(Want::kRead, deadline);
}

void Connection::BeginRequest(absl::Time deadline) {
  read_deadline_ = deadline;
  in_head_ = true;
  head_bytes_ = 0;
}

void Connection::HeadIsRead(absl::Time deadline) {
  read_deadline_ = deadline;
  in_head_ = false;
}

bool Connection::alive() const {
  pollfd poll_fd = {socket_, POLLRDHUP, 0};
  if (poll(&poll_fd, 1, 0) <= 0) return true;
  return (poll_fd.revents & (POLLRDHUP | POLLHUP | POLLERR | POLLNVAL)) == 0;
}

void Connection::Cut() const { ::shutdown(socket_, SHUT_RDWR); }

bool Connection::is_readable() const { return WaitForBytes(read_deadline_); }

bool Connection::is_writable() const {
  return alive() && Wait(Want::kWrite, absl::Now() + write_timeout_);
}

ssize_t Connection::ReadOnce(char* data, size_t size, Want& want) {
  want = Want::kNothing;
  if (tls_ == nullptr) {
    const ssize_t got = recv(socket_, data, size, 0);
    if (got < 0 && (errno == EAGAIN || errno == EINTR)) want = Want::kRead;
    return got;
  }
  ERR_clear_error();
  const int got = SSL_read(tls_, data, static_cast<int>(size));
  if (got > 0) return got;
  want = WantOf(got);
  return SSL_get_error(tls_, got) == SSL_ERROR_ZERO_RETURN ? 0 : -1;
}

ssize_t Connection::read(char* data, size_t size) {
  if (buffer_at_ == buffer_.size()) {
    buffer_.resize(kBufferBytes);
    buffer_at_ = 0;
    while (true) {
      Want want;
      const ssize_t got = ReadOnce(buffer_.data(), buffer_.size(), want);
      if (got >= 0) {
        buffer_.resize(static_cast<size_t>(got));
        break;
      }
      if (want == Want::kNothing || !Wait(want, read_deadline_)) {
        buffer_.clear();
        return -1;
      }
    }
    // Also a client that always has another byte must be done by then.
    if (buffer_.empty() || absl::Now() > read_deadline_) return buffer_.empty() ? 0 : -1;
  }
  size_t length = std::min(size, buffer_.size() - buffer_at_);
  if (in_head_) {
    head_bytes_ += length;
    if (head_bytes_ > max_head_) return -1;
  }
  std::memcpy(data, buffer_.data() + buffer_at_, length);
  buffer_at_ += length;
  return static_cast<ssize_t>(length);
}

ssize_t Connection::write(const char* data, size_t size) {
  const absl::Time deadline = absl::Now() + write_timeout_;
  while (true) {
    Want want = Want::kNothing;
    ssize_t sent;
    if (tls_ == nullptr) {
      sent = send(socket_, data, size, MSG_NOSIGNAL);
      if (sent < 0 && (errno == EAGAIN || errno == EINTR)) want = Want::kWrite;
    } else {
      ERR_clear_error();
      const int written = SSL_write(tls_, data, static_cast<int>(std::min<size_t>(size, 1 << 20)));
      sent = written > 0 ? written : -1;
      if (written <= 0) want = WantOf(written);
    }
    if (sent >= 0) return sent;
    if (want == Want::kNothing || !Wait(want, deadline)) return -1;
  }
}

void Connection::get_remote_ip_and_port(std::string& ip, int& port) const {
  sockaddr_storage address = {};
  socklen_t length = sizeof(address);
  if (getpeername(socket_, reinterpret_cast<sockaddr*>(&address), &length) == 0) {
    AddressOf(address, ip, port);
  }
}

void Connection::get_local_ip_and_port(std::string& ip, int& port) const {
  sockaddr_storage address = {};
  socklen_t length = sizeof(address);
  if (getsockname(socket_, reinterpret_cast<sockaddr*>(&address), &length) == 0) {
    AddressOf(address, ip, port);
  }
}

}  // namespace aislewatch::gateway
