// Changes of incidents as server-sent events.
#include <memory>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "services/gateway/adapters/stream_reader.h"
#include "services/gateway/core/problem.h"
#include "services/gateway/core/sse.h"
#include "services/gateway/http/api.h"
#include "services/gateway/http/unary_route.h"

namespace aislewatch::gateway {
namespace {

using Reader = StreamReader<v1::WatchIncidentsResponse>;

// How long a refusal may take before the stream is taken to have begun.
constexpr absl::Duration kRefusalWait = absl::Milliseconds(500);
// How long it may take to notice that a client has gone or that the gateway drains, and by how much
// StreamPace is missed.
constexpr absl::Duration kLook = absl::Milliseconds(500);
// A browser comes back by itself after this.
constexpr char kFirstBytes[] = "retry: 2000\n\n";

// What is open while a client listens.
struct Watch {
  v1::WatchIncidentsRequest request;
  std::shared_ptr<void> slot;
  std::unique_ptr<Reader> reader;
};

absl::StatusOr<std::string> EventOf(const v1::WatchIncidentsResponse& message) {
  AW_ASSIGN_OR_RETURN(const std::string json, ToJson(message));
  const char* event = message.has_transition() ? "transition"
                      : message.has_review()   ? "review"
                                               : "cursor";
  return SseEvent(event, message.cursor(), json);
}

// Writes until somebody ends it: the client, event storage, or the gateway.
bool WriteChanges(const ApiContext& api, const Call& call, Watch& watch, BodyWriter& writer) {
  if (!writer.Write(kFirstBytes)) return false;
  absl::Time wrote = absl::Now();
  absl::Time checked = wrote;
  while (writer.alive()) {
    v1::WatchIncidentsResponse message;
    const Reader::Got got = watch.reader->Next(message, kLook);
    if (got == Reader::Got::kEnd) return true;
    const absl::Time now = absl::Now();
    if (now - checked >= api.pace.check_caller) {
      checked = now;
      const absl::Status caller = CallerOf(api, call).status();
      if (absl::IsUnauthenticated(caller)) return true;
    }
    if (got == Reader::Got::kMessage) {
      const auto event = EventOf(message);
      if (!event.ok() || !writer.Write(*event)) return false;
      wrote = now;
    } else if (now - wrote >= api.pace.heartbeat) {
      if (!writer.Write(kSseHeartbeat)) return false;
      wrote = now;
    }
  }
  return true;
}

HttpResponse StreamIncidents(const ApiContext& api, const std::vector<QueryField>& fields,
                             Gauge& streams, const Call& call) {
  auto watch = std::make_shared<Watch>();
  Fields filters;
  std::string cursor(call.request.Header("Last-Event-ID"));
  for (const auto& [name, value] : call.request.query) {
    if (name != "lastEventId") {
      filters.emplace_back(name, value);
    } else if (cursor.empty()) {
      cursor = value;
    }
  }
  if (const absl::Status status = ApplyQuery(filters, fields, watch->request); !status.ok()) {
    return Failure(call, status);
  }
  watch->request.set_cursor(cursor);
  if (const absl::Status caller = CallerOf(api, call).status(); !caller.ok()) {
    return Failure(call, caller);
  }
  watch->slot = api.slots.Take(streams);
  if (watch->slot == nullptr) return Failure(call, absl::UnavailableError("too many streams"));
  auto context = std::make_unique<grpc::ClientContext>();
  SetCredential(*context, call.credential.secret);
  watch->reader = std::make_unique<Reader>(
      std::move(context),
      [&](grpc::ClientContext* c, grpc::ClientReadReactor<v1::WatchIncidentsResponse>* reactor) {
        api.storage.events->async()->WatchIncidents(c, &watch->request, reactor);
      });
  if (watch->reader->Peek(kRefusalWait) == Reader::Got::kEnd) {
    const absl::Status status = watch->reader->status();
    return Failure(call, status.ok() ? absl::UnavailableError("the watch has ended") : status);
  }
  HttpResponse response;
  response.content_type = "text/event-stream";
  response.headers.emplace_back("Cache-Control", "no-store");
  response.headers.emplace_back("X-Accel-Buffering", "no");
  // The request does not live as long as the stream.
  response.stream = [api, watch, kept = std::make_shared<HttpRequest>(call.request),
                     credential = call.credential, id = call.request_id](BodyWriter& writer) {
    return WriteChanges(api, Call{*kept, {}, credential, id}, *watch, writer);
  };
  return response;
}

}  // namespace

void AddIncidentStreamRoute(const ApiContext& api, RouteTable& table) {
  const std::vector<QueryField> fields =
      QueryFieldsOf(v1::WatchIncidentsRequest::descriptor(), {"filter"});
  RouteDoc doc;
  doc.summary =
      "Changes as server-sent events: transition, review and cursor, each with the cursor as its "
      "id";
  doc.tag = "incidents";
  doc.query = fields;
  doc.extra = {
      {"lastEventId", R"({"type":"string"})",
       "Go on after this id, as the header Last-Event-ID does; without either from now on."}};
  doc.media_type = "text/event-stream";
  doc.answer = v1::WatchIncidentsResponse::descriptor();
  Gauge& streams = api.metrics.GetGauge("aislewatch_gateway_streams", "Streams that are open",
                                        {{"kind", "incidents"}});
  table.Add({"GET", PathTemplate(absl::StrCat(kApi, "/incidents/stream")), Guard::kCaller, doc,
             [api, fields, &streams](const Call& call) {
               return StreamIncidents(api, fields, streams, call);
             }});
}

}  // namespace aislewatch::gateway
