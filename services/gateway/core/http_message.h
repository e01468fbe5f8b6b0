// An HTTP request and its answer as the gateway's own code sees them, without a library.
//
// Values: copied and moved freely, not synchronised.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/string_view.h"

namespace aislewatch::gateway {

/// Names and values in the order in which they came.
using Fields = std::vector<std::pair<std::string, std::string>>;

struct HttpRequest {
  /// Upper case.
  std::string method;
  /// As it came, percent-encoded and without the query.
  std::string path;
  /// Decoded.
  Fields query;
  Fields headers;
  std::string body;
  /// Address of the other end of the connection.
  std::string peer;
  /// Whether the client still waits for the answer; for the handler's own thread. Unset where
  /// nobody can tell.
  std::function<bool()> awaited;

  /// The first header of the name, without regard to case; empty where there is none.
  absl::string_view Header(absl::string_view name) const;
  bool IsHead() const { return method == "HEAD"; }
};

/// Takes a streamed body.
class BodyWriter {
 public:
  virtual ~BodyWriter() = default;
  /// Blocks until the connection has taken it. False: the client is gone or too slow.
  virtual bool Write(absl::string_view bytes) = 0;
  /// Whether the client is still there and the server is not ending.
  virtual bool alive() = 0;
};

struct HttpResponse {
  int status = 200;
  std::string content_type;
  Fields headers;
  std::string body;
  /// Writes the body piece by piece instead; false where it broke off. Destroyed when the
  /// connection is done with it, also where it was never called, as for HEAD.
  std::function<bool(BodyWriter&)> stream;
  /// What the stream will write, in bytes; unset where it is not known.
  std::optional<uint64_t> stream_length;
};

/// Decodes %XX, and + as a space where `plus_is_space`. Nothing where an escape is broken or the
/// result has a NUL.
std::optional<std::string> PercentDecode(absl::string_view text, bool plus_is_space);

/// The fields of "a=1&b=2". Nothing where one cannot be decoded.
std::optional<Fields> ParseQuery(absl::string_view query);

}  // namespace aislewatch::gateway
