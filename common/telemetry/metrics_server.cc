#include "common/telemetry/metrics_server.h"

#include <sys/socket.h>

#include <atomic>
#include <thread>
#include <utility>

#include <httplib.h>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"

namespace aislewatch {
namespace {

constexpr int kThreads = 2;
// A scraper that dawdles must not keep the others out.
constexpr int kTimeoutSeconds = 5;
// The exposition format, https://prometheus.io/docs/instrumenting/exposition_formats.
constexpr char kContentType[] = "text/plain; version=0.0.4; charset=utf-8";

// Without SO_REUSEPORT, which the library sets by itself: two processes on one port would share it
// silently and each be scraped half of the time.
void SetSocketOptions(int socket) {
  const int yes = 1;
  setsockopt(socket, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof(yes));
}

}  // namespace

struct MetricsServer::Impl {
  httplib::Server server;
  int port = 0;
  std::atomic<bool> ended = false;
  std::thread thread;
};

absl::StatusOr<std::unique_ptr<MetricsServer>> MetricsServer::Create(const std::string& listen,
                                                                     Scrape scrape) {
  const size_t colon = listen.rfind(':');
  int port = 0;
  if (colon == std::string::npos || !absl::SimpleAtoi(listen.substr(colon + 1), &port) ||
      port < 0 || port > 65535) {
    return absl::InvalidArgumentError(
        absl::StrCat("--metrics-listen \"", listen, "\" must be HOST:PORT"));
  }
  const std::string host = listen.substr(0, colon);
  auto impl = std::make_unique<Impl>();
  httplib::Server& server = impl->server;
  server.new_task_queue = [] { return new httplib::ThreadPool(kThreads); };
  server.set_read_timeout(kTimeoutSeconds);
  server.set_write_timeout(kTimeoutSeconds);
  server.set_keep_alive_timeout(1);
  server.set_socket_options([](auto socket) { SetSocketOptions(socket); });
  server.Get("/metrics", [scrape = std::move(scrape)](const httplib::Request&,
                                                      httplib::Response& response) {
    response.set_content(scrape(), kContentType);
  });
  impl->port = port == 0 ? server.bind_to_any_port(host)
                         : (server.bind_to_port(host, port) ? port : -1);
  if (impl->port <= 0) {
    return absl::UnavailableError(absl::StrCat("cannot serve metrics on ", listen,
                                               "; choose a free port with --metrics-listen"));
  }
  impl->thread = std::thread([raw = impl.get()] {
    raw->server.listen_after_bind();
    raw->ended = true;
  });
  return std::unique_ptr<MetricsServer>(new MetricsServer(std::move(impl)));
}

MetricsServer::MetricsServer(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}

MetricsServer::~MetricsServer() {
  // The library forgets a stop() that comes before its thread listens.
  while (!impl_->server.is_running() && !impl_->ended) std::this_thread::yield();
  impl_->server.stop();
  impl_->thread.join();
}

int MetricsServer::port() const { return impl_->port; }

}  // namespace aislewatch
