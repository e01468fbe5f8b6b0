#include "services/gateway/http/http_server.h"

#include <httplib.h>
#include <sys/socket.h>

#include <algorithm>
#include <atomic>
#include <optional>
#include <set>
#include <thread>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/clock.h"
#include "common/base/log.h"
#include "common/base/status.h"
#include "services/gateway/core/problem.h"
#include "services/gateway/http/connection.h"
#include "services/gateway/http/connection_threads.h"
#include "services/gateway/http/tls_context.h"

namespace aislewatch::gateway {
namespace {

constexpr size_t kMaxHead = 32 * 1024;
constexpr size_t kMaxTarget = 4096;
constexpr int kMaxRequestsPerConnection = 10'000;
constexpr absl::Duration kIdleLook = absl::Milliseconds(250);
// The library listens with a backlog of 5, which a page's first requests fill.
constexpr int kBacklog = 256;
// Headers that cpp-httplib 0.11 adds to those that came.
constexpr const char* kAddedHeaders[] = {"REMOTE_ADDR", "REMOTE_PORT", "LOCAL_ADDR", "LOCAL_PORT"};

// Without SO_REUSEPORT, which the library sets by itself: two processes would share the port
// silently.
void SetListenerOptions(int socket) {
  const int yes = 1;
  setsockopt(socket, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof(yes));
}

// The connection that this thread serves, and what is known of its request before it is routed.
struct Serving {
  Connection* connection = nullptr;
  // Set where the request is refused unread.
  std::optional<HttpResponse> refusal;
  uint64_t body_bytes = 0;
};
thread_local Serving serving;

bool TakesBody(const std::string& method) {
  return method == "POST" || method == "PUT" || method == "DELETE";
}

// Whether the request may go on; decides about its body before a byte of it is read.
std::optional<HttpResponse> Refusal(const httplib::Request& request, size_t max_body,
                                    uint64_t& body_bytes) {
  body_bytes = 0;
  if (request.target.size() > kMaxTarget) {
    return Problem(414, absl::StrCat("the address is longer than ", kMaxTarget, " bytes"));
  }
  const size_t lengths = request.get_header_value_count("Content-Length");
  if (request.has_header("Transfer-Encoding") || lengths > 1) {
    return Problem(400, "send the body with one Content-Length and without Transfer-Encoding");
  }
  if (lengths == 0) return std::nullopt;
  const std::string text = request.get_header_value("Content-Length");
  if (text.empty() ||
      !std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; }) ||
      !absl::SimpleAtoi(text, &body_bytes)) {
    return Problem(400, "Content-Length must be a number");
  }
  if (body_bytes == 0) return std::nullopt;
  if (!TakesBody(request.method)) {
    return Problem(400, absl::StrCat("a ", request.method, " request takes no body"));
  }
  if (body_bytes > max_body) {
    return Problem(413, absl::StrCat("the body may have at most ", max_body, " bytes"));
  }
  const std::string type = request.get_header_value("Content-Type");
  const std::string media_type(absl::StripAsciiWhitespace(type.substr(0, type.find(';'))));
  if (!absl::EqualsIgnoreCase(media_type, "application/json") ||
      request.has_header("Content-Encoding")) {
    return Problem(415, "send the body as JSON with Content-Type: application/json");
  }
  return std::nullopt;
}

HttpRequest Convert(const httplib::Request& request) {
  HttpRequest converted;
  converted.method = request.method;
  const size_t question = request.target.find('?');
  converted.path = request.target.substr(0, question);
  for (const auto& [name, value] : request.headers) {
    if (std::none_of(std::begin(kAddedHeaders), std::end(kAddedHeaders),
                     [&name = name](const char* added) { return name == added; })) {
      converted.headers.emplace_back(name, value);
    }
  }
  int port = 0;
  if (const Connection* const connection = serving.connection; connection != nullptr) {
    connection->get_remote_ip_and_port(converted.peer, port);
    converted.awaited = [connection] { return connection->alive(); };
  }
  return converted;
}

class SinkWriter final : public BodyWriter {
 public:
  SinkWriter(httplib::DataSink& sink, const std::atomic<bool>& draining)
      : sink_(sink), draining_(draining) {}
  bool Write(absl::string_view bytes) override {
    return bytes.empty() || sink_.write(bytes.data(), bytes.size());
  }
  bool alive() override {
    return !draining_ && serving.connection != nullptr && serving.connection->alive();
  }

 private:
  httplib::DataSink& sink_;
  const std::atomic<bool>& draining_;
};

void Fill(HttpResponse response, const std::atomic<bool>& draining, httplib::Response& out) {
  out.status = response.status;
  for (const auto& [name, value] : response.headers) out.set_header(name, value);
  if (!response.stream) {
    if (!response.body.empty() || !response.content_type.empty()) {
      out.set_content(response.body, response.content_type);
    }
    return;
  }
  // Shared: the library copies its functions.
  const auto stream =
      std::make_shared<std::function<bool(BodyWriter&)>>(std::move(response.stream));
  if (response.stream_length && *response.stream_length == 0) return;
  if (response.stream_length) {
    out.set_content_provider(*response.stream_length, response.content_type,
                             [stream, &draining](size_t, size_t, httplib::DataSink& sink) {
                               SinkWriter writer(sink, draining);
                               // Asked a second time it has written too little.
                               const auto once = std::exchange(*stream, nullptr);
                               return once != nullptr && once(writer);
                             });
    return;
  }
  out.set_chunked_content_provider(response.content_type,
                                   [stream, &draining](size_t, httplib::DataSink& sink) {
                                     SinkWriter writer(sink, draining);
                                     if (!(*stream)(writer)) return false;
                                     sink.done();
                                     return true;
                                   });
}

absl::Status SplitListen(const std::string& listen, std::string& host, int& port) {
  const size_t colon = listen.rfind(':');
  if (colon == std::string::npos || !absl::SimpleAtoi(listen.substr(colon + 1), &port) ||
      port < 0 || port > 65535) {
    return absl::InvalidArgumentError(
        absl::StrCat("--http-listen \"", listen, "\" must be HOST:PORT"));
  }
  host = listen.substr(0, colon);
  if (host.size() > 2 && host.front() == '[' && host.back() == ']') {
    host = host.substr(1, host.size() - 2);
  }
  return absl::OkStatus();
}

}  // namespace

class HttpServer::Impl {
 public:
  Impl(HttpServerOptions options, Handler handler, Metrics& metrics)
      : options_(std::move(options)),
        handler_(std::move(handler)),
        connections_gauge_(metrics.GetGauge("aislewatch_gateway_connections",
                                            "HTTP connections that are being served")),
        library_(*this) {}

  absl::Status Bind();
  void Start();
  void Drain() { draining_ = true; }
  void Stop(absl::Time deadline);
  int port() const { return port_; }

 private:
  // Reaches what the library keeps to itself and its heirs.
  class Library final : public httplib::Server {
   public:
    explicit Library(Impl& owner) : owner_(owner) {}
    void ListenWithBacklog() { ::listen(svr_sock_, kBacklog); }
    bool Process(Connection& connection, bool& close,
                 const std::function<void(httplib::Request&)>& setup) {
      return ProcessAs(*this, connection, close, setup);
    }

   private:
    // cpp-httplib 0.11 asks the stream for the addresses, 0.18 wants them told.
    template <class Self>
    static bool ProcessAs(Self& self, Connection& connection, bool& close,
                          const std::function<void(httplib::Request&)>& setup) {
      if constexpr (requires { self.process_request(connection, false, close, setup); }) {
        return self.process_request(connection, false, close, setup);
      } else {
        std::string peer, local;
        int peer_port = 0, local_port = 0;
        connection.get_remote_ip_and_port(peer, peer_port);
        connection.get_local_ip_and_port(local, local_port);
        return self.process_request(connection, peer, peer_port, local, local_port, false, close,
                                    setup);
      }
    }
    bool process_and_close_socket(socket_t socket) override {
      owner_.Serve(socket);
      return true;
    }
    Impl& owner_;
  };

  void Route();
  void Serve(socket_t socket);
  bool ServeOne(Connection& connection);
  bool AwaitRequest(Connection& connection, bool first);
  void Answer(const httplib::Request& request, std::string body, httplib::Response& response);
  void ReadAndAnswer(const httplib::Request& request, httplib::Response& response,
                     const httplib::ContentReader& reader);

  const HttpServerOptions options_;
  const Handler handler_;
  Gauge& connections_gauge_;
  std::unique_ptr<TlsContext> tls_;
  int port_ = 0;
  std::atomic<bool> draining_ = false;
  std::atomic<bool> ended_ = false;
  std::atomic<ConnectionThreads*> threads_ = nullptr;  // Owned by the library.
  absl::Mutex mutex_;
  std::set<const Connection*> connections_ ABSL_GUARDED_BY(mutex_);
  Library library_;
  std::thread thread_;
};

absl::Status HttpServer::Impl::Bind() {
  if (options_.certificate.empty() != options_.key.empty()) {
    return absl::InvalidArgumentError("give --http-certificate and --http-key together");
  }
  if (!options_.certificate.empty()) {
    AW_ASSIGN_OR_RETURN(tls_, TlsContext::Create(options_.certificate, options_.key));
  }
  std::string host;
  int port = 0;
  AW_RETURN_IF_ERROR(SplitListen(options_.listen, host, port));
  Route();
  port_ =
      port == 0 ? library_.bind_to_any_port(host) : (library_.bind_to_port(host, port) ? port : -1);
  if (port_ <= 0) {
    return absl::UnavailableError(absl::StrCat("cannot listen on ", options_.listen,
                                               "; is it taken? Choose another with --http-listen"));
  }
  library_.ListenWithBacklog();
  return absl::OkStatus();
}

void HttpServer::Impl::Route() {
  library_.new_task_queue = [this] {
    auto* threads = new ConnectionThreads(options_.threads);
    threads_ = threads;
    return threads;
  };
  library_.set_socket_options([](auto socket) { SetListenerOptions(socket); });
  httplib::Headers headers;
  for (const auto& [name, value] : options_.headers) headers.emplace(name, value);
  library_.set_default_headers(headers);
  library_.set_payload_max_length(options_.max_body);
  // Told to clients; what is done is ServeOne's business.
  library_.set_keep_alive_timeout(absl::ToInt64Seconds(options_.idle_timeout));
  library_.set_keep_alive_max_count(kMaxRequestsPerConnection);
  // Everything goes to one handler, which has routes of its own. Bodies need a reader of the
  // library's.
  library_.set_pre_routing_handler(
      [this](const httplib::Request& request, httplib::Response& response) {
        if (serving.refusal) {
          Fill(*std::exchange(serving.refusal, std::nullopt), draining_, response);
        } else if (serving.body_bytes > 0) {
          return httplib::Server::HandlerResponse::Unhandled;
        } else {
          Answer(request, "", response);
        }
        return httplib::Server::HandlerResponse::Handled;
      });
  const httplib::Server::HandlerWithContentReader read =
      [this](const httplib::Request& request, httplib::Response& response,
             const httplib::ContentReader& reader) { ReadAndAnswer(request, response, reader); };
  constexpr char kEveryPath[] = R"([\s\S]*)";
  library_.Post(kEveryPath, read);
  library_.Put(kEveryPath, read);
  library_.Delete(kEveryPath, read);
  // What the library refuses by itself has no body yet.
  library_.set_error_handler(
      httplib::Server::Handler([this](const httplib::Request&, httplib::Response& response) {
        if (response.body.empty() && !response.has_header("Content-Type")) {
          Fill(Problem(response.status, "the request is not understood; see /api/v1/openapi.json"),
               draining_, response);
        }
      }));
}

void HttpServer::Impl::Answer(const httplib::Request& request, std::string body,
                              httplib::Response& response) {
  HttpRequest converted = Convert(request);
  converted.body = std::move(body);
  const size_t question = request.target.find('?');
  if (question != std::string::npos) {
    auto query = ParseQuery(absl::string_view(request.target).substr(question + 1));
    if (!query) {
      Fill(Problem(400, "the query is not percent-encoded properly"), draining_, response);
      return;
    }
    converted.query = *std::move(query);
  }
  Fill(handler_(converted), draining_, response);
}

void HttpServer::Impl::ReadAndAnswer(const httplib::Request& request, httplib::Response& response,
                                     const httplib::ContentReader& reader) {
  std::string body;
  const uint64_t expected = serving.body_bytes;
  const bool whole = reader([&body, expected](const char* data, size_t size) {
    body.append(data, std::min<size_t>(size, expected - std::min<size_t>(expected, body.size())));
    return true;
  });
  if (!whole || body.size() != expected) {
    Fill(Problem(408, "the body did not come in time"), draining_, response);
    return;
  }
  Answer(request, std::move(body), response);
}

bool HttpServer::Impl::AwaitRequest(Connection& connection, bool first) {
  const absl::Time end = absl::Now() + (first ? options_.head_timeout : options_.idle_timeout);
  while (!connection.WaitForBytes(std::min(end, absl::Now() + kIdleLook))) {
    if (draining_ || absl::Now() >= end) return false;
    ConnectionThreads* threads = threads_;
    if (!first && threads != nullptr && threads->crowded()) return false;
  }
  return true;
}

bool HttpServer::Impl::ServeOne(Connection& connection) {
  connection.BeginRequest(absl::Now() + options_.head_timeout);
  bool close = false;
  bool understood = false;
  bool refused = false;
  const bool ok = library_.Process(connection, close, [&](httplib::Request& request) {
    understood = true;
    connection.HeadIsRead(absl::Now() + options_.body_timeout);
    request.ranges.clear();  // The handler's business, not the library's.
    // The library would compress with Brotli's slowest level.
    const bool gzip = absl::StrContains(request.get_header_value("Accept-Encoding"), "gzip");
    request.headers.erase("Accept-Encoding");
    if (gzip) request.headers.emplace("Accept-Encoding", "gzip");
    serving.refusal = Refusal(request, options_.max_body, serving.body_bytes);
    if (serving.refusal) {
      refused = true;
      serving.body_bytes = 0;
      request.headers.erase("Expect");
      request.headers.erase("Connection");
      request.headers.emplace("Connection", "close");
    }
  });
  // Where the head was not understood nobody knows where the next request begins.
  return ok && understood && !close && !refused && !draining_;
}

void HttpServer::Impl::Serve(socket_t socket) {
  const std::shared_ptr<SSL_CTX> tls = tls_ == nullptr ? nullptr : tls_->Get();
  Connection connection(socket, tls.get(), options_.write_timeout, kMaxHead);
  connections_gauge_.Add(1);
  {
    absl::MutexLock lock(&mutex_);
    connections_.insert(&connection);
  }
  serving.connection = &connection;
  if (connection.Handshake(absl::Now() + options_.head_timeout)) {
    for (int served = 0; served < kMaxRequestsPerConnection; ++served) {
      if (!AwaitRequest(connection, served == 0) || !ServeOne(connection)) break;
    }
  }
  serving = {};
  {
    absl::MutexLock lock(&mutex_);
    connections_.erase(&connection);
  }
  connections_gauge_.Add(-1);
}

void HttpServer::Impl::Start() {
  thread_ = std::thread([this] {
    library_.listen_after_bind();
    ended_ = true;
  });
}

void HttpServer::Impl::Stop(absl::Time deadline) {
  draining_ = true;
  if (!thread_.joinable()) return;
  const auto none = [this]() ABSL_SHARED_LOCKS_REQUIRED(mutex_) { return connections_.empty(); };
  {
    absl::MutexLock lock(&mutex_);
    mutex_.AwaitWithDeadline(absl::Condition(&none), deadline);
    for (const Connection* connection : connections_) connection->Cut();
  }
  // The library forgets a stop() that comes before its thread listens.
  while (!library_.is_running() && !ended_) std::this_thread::yield();
  library_.stop();
  thread_.join();
}

absl::StatusOr<std::unique_ptr<HttpServer>> HttpServer::Create(HttpServerOptions options,
                                                               Handler handler, Metrics& metrics) {
  auto impl = std::make_unique<Impl>(std::move(options), std::move(handler), metrics);
  AW_RETURN_IF_ERROR(impl->Bind());
  return std::unique_ptr<HttpServer>(new HttpServer(std::move(impl)));
}

HttpServer::HttpServer(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
HttpServer::~HttpServer() { impl_->Stop(absl::Now()); }
void HttpServer::Start() { impl_->Start(); }
void HttpServer::Drain() { impl_->Drain(); }
void HttpServer::Stop(absl::Time deadline) { impl_->Stop(deadline); }
int HttpServer::port() const { return impl_->port(); }

}  // namespace aislewatch::gateway
