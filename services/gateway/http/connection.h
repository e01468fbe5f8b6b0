// One accepted connection, plain or TLS, as cpp-httplib reads and writes it.
//
// Used by one thread. Non-blocking underneath: every wait has a deadline, and ends when the client
// goes.
#pragma once

#include <httplib.h>
#include <openssl/ssl.h>

#include <string>

#include "absl/time/time.h"

namespace aislewatch::gateway {

class Connection final : public httplib::Stream {
 public:
  /// Takes the socket. `tls` may be null. `max_head`: bytes that a request may have until
  /// HeadIsRead.
  Connection(socket_t socket, SSL_CTX* tls, absl::Duration write_timeout, size_t max_head);
  /// Says goodbye and closes; reads what was sent beyond the answer for a moment, so that the
  /// client gets to see the answer.
  ~Connection() override;

  /// The TLS handshake, where there is TLS; false where it failed.
  bool Handshake(absl::Time deadline);
  /// Waits until bytes are there; false at the deadline or where the client has gone.
  bool WaitForBytes(absl::Time deadline) const;
  /// Reads fail after `deadline`, and beyond `max_head` bytes until HeadIsRead.
  void BeginRequest(absl::Time deadline);
  void HeadIsRead(absl::Time deadline);
  /// Whether the client still listens.
  bool alive() const;
  /// Cuts it; for another thread while this one lives.
  void Cut() const;

  bool is_readable() const override;
  bool is_writable() const override;
  ssize_t read(char* data, size_t size) override;
  ssize_t write(const char* data, size_t size) override;
  void get_remote_ip_and_port(std::string& ip, int& port) const override;
  void get_local_ip_and_port(std::string& ip, int& port) const override;
  socket_t socket() const override { return socket_; }

 private:
  // What a TLS or socket call wants before it can go on.
  enum class Want { kRead, kWrite, kNothing };
  bool Wait(Want want, absl::Time deadline) const;
  ssize_t ReadOnce(char* data, size_t size, Want& want);
  Want WantOf(int result) const;

  const socket_t socket_;
  SSL* const tls_;
  const absl::Duration write_timeout_;
  const size_t max_head_;
  absl::Time read_deadline_ = absl::InfiniteFuture();
  bool in_head_ = false;
  size_t head_bytes_ = 0;
  // The library asks byte by byte.
  std::string buffer_;
  size_t buffer_at_ = 0;
};

}  // namespace aislewatch::gateway
