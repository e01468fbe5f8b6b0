#include "services/gateway/core/problem.h"

#include <nlohmann/json.hpp>

#include "absl/strings/str_cat.h"

namespace aislewatch::gateway {
namespace {

constexpr char kRetrySoon[] = "2";    // Services come back within seconds.
constexpr char kRetryLater[] = "30";  // A limit has to run off.

}  // namespace

std::string JsonString(absl::string_view text) {
  return nlohmann::json(std::string(text))
      .dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

absl::string_view ReasonPhrase(int status) {
  switch (status) {
    case 400:
      return "Bad Request";
    case 401:
      return "Unauthorized";
    case 403:
      return "Forbidden";
    case 404:
      return "Not Found";
    case 405:
      return "Method Not Allowed";
    case 408:
      return "Request Timeout";
    case 409:
      return "Conflict";
    case 413:
      return "Content Too Large";
    case 414:
      return "URI Too Long";
    case 415:
      return "Unsupported Media Type";
    case 416:
      return "Range Not Satisfiable";
    case 421:
      return "Misdirected Request";
    case 429:
      return "Too Many Requests";
    case 431:
      return "Request Header Fields Too Large";
    case 500:
      return "Internal Server Error";
    case 501:
      return "Not Implemented";
    case 503:
      return "Service Unavailable";
    case 504:
      return "Gateway Timeout";
    default:
      return status < 500 ? "Bad Request" : "Internal Server Error";
  }
}

int HttpStatusOf(absl::StatusCode code) {
  switch (code) {
    case absl::StatusCode::kOk:
      return 200;
    case absl::StatusCode::kInvalidArgument:
    case absl::StatusCode::kOutOfRange:
      return 400;
    case absl::StatusCode::kUnauthenticated:
      return 401;
    case absl::StatusCode::kPermissionDenied:
      return 403;
    case absl::StatusCode::kNotFound:
      return 404;
    case absl::StatusCode::kAlreadyExists:
    case absl::StatusCode::kAborted:
    case absl::StatusCode::kFailedPrecondition:
      return 409;
    case absl::StatusCode::kResourceExhausted:
      return 429;
    case absl::StatusCode::kUnimplemented:
      return 501;
    case absl::StatusCode::kUnavailable:
    case absl::StatusCode::kCancelled:
      return 503;
    case absl::StatusCode::kDeadlineExceeded:
      return 504;
    default:
      return 500;
  }
}

HttpResponse Problem(int status, absl::string_view detail) {
  HttpResponse response;
  response.status = status;
  response.content_type = "application/problem+json";
  response.headers.emplace_back("Cache-Control", "no-store");
  response.body =
      absl::StrCat("{\"type\":\"about:blank\",\"title\":", JsonString(ReasonPhrase(status)),
                   ",\"status\":", status, ",\"detail\":", JsonString(detail), "}");
  return response;
}

HttpResponse ProblemOf(const absl::Status& status, absl::string_view request_id) {
  const int http = HttpStatusOf(status.code());
  std::string detail(status.message());
  switch (http) {
    case 401:
      detail = "the session or token is unknown or has ended; log in again";
      break;
    case 500:
      detail = absl::StrCat("something went wrong; the log has more under request id ", request_id);
      break;
    case 501:
      detail =
          "this installation does not offer that: its services are older than the gateway, or the "
          "gateway was started without the one that does";
      break;
    case 503:
      detail = "a service behind the gateway is away; try again in a few seconds";
      break;
    case 504:
      detail = "a service behind the gateway took too long; try again";
      break;
    default:
      break;
  }
  HttpResponse response = Problem(http, detail);
  if (http == 503) response.headers.emplace_back("Retry-After", kRetrySoon);
  if (http == 429) response.headers.emplace_back("Retry-After", kRetryLater);
  return response;
}

}  // namespace aislewatch::gateway
