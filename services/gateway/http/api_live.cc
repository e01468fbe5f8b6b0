// Cameras as they are now: frames with skeletons as events, single pictures, and a stream of
// pictures.
#include <algorithm>
#include <map>
#include <memory>
#include <set>
#include <utility>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "services/gateway/core/live_hub.h"
#include "services/gateway/core/problem.h"
#include "services/gateway/core/sse.h"
#include "services/gateway/http/api.h"
#include "services/gateway/http/unary_route.h"

namespace aislewatch::gateway {
namespace {

constexpr size_t kMaxCameras = 64;
constexpr double kMinFps = 0.1;
constexpr double kMaxFps = 60;
constexpr double kDefaultFps = 5;
constexpr absl::Duration kLiveLook = absl::Milliseconds(500);
constexpr absl::Duration kSnapshotWait = absl::Seconds(3);
constexpr char kBoundary[] = "aislewatch-frame";

// What a request for live pictures asks.
struct LiveRequest {
  std::vector<std::string> camera_ids;
  bool images = true;
  double fps = kDefaultFps;
};

absl::StatusOr<double> ParseFps(const std::string& text) {
  double fps = 0;
  if (!absl::SimpleAtod(text, &fps) || !(fps >= kMinFps && fps <= kMaxFps)) {
    return absl::InvalidArgumentError(
        absl::StrCat("fps must be a number from ", kMinFps, " to ", kMaxFps));
  }
  return fps;
}

absl::StatusOr<LiveRequest> ParseLive(const Fields& query, bool one_camera) {
  LiveRequest live;
  for (const auto& [name, value] : query) {
    if (name == "cameraIds" && !one_camera) {
      if (std::find(live.camera_ids.begin(), live.camera_ids.end(), value) ==
          live.camera_ids.end()) {
        live.camera_ids.push_back(value);
      }
    } else if (name == "images" && !one_camera) {
      if (value != "true" && value != "false") {
        return absl::InvalidArgumentError("images must be true or false");
      }
      live.images = value == "true";
    } else if (name == "fps") {
      AW_ASSIGN_OR_RETURN(live.fps, ParseFps(value));
    } else {
      return absl::InvalidArgumentError(
          absl::StrCat("the query has an unknown parameter ", name.substr(0, 64)));
    }
  }
  if (!one_camera && (live.camera_ids.empty() || live.camera_ids.size() > kMaxCameras)) {
    return absl::InvalidArgumentError(
        absl::StrCat("name 1 to ", kMaxCameras, " cameras with cameraIds=ID, once for each"));
  }
  return live;
}

// What is open while somebody looks on.
struct LiveStream {
  LiveRequest request;
  std::string secret;
  std::shared_ptr<void> slot;
  std::shared_ptr<LiveViewer> viewer;
  std::map<std::string, absl::Time> next_due;  // By camera.
  absl::Time checked = absl::Now();

  // Whether it is time for another frame of the camera; others are passed over.
  bool Due(const std::string& camera_id, absl::Time now) {
    absl::Time& due = next_due[camera_id];
    if (now < due) return false;
    // Frames come at a pace of their own: one that is a little early must not cost its whole
    // interval.
    due = now + absl::Seconds(0.9 / request.fps);
    return true;
  }
  // Whether the caller may go on; asked now and then.
  bool MayGoOn(const ApiContext& api, absl::Time now) {
    if (now - checked < api.pace.check_caller) return true;
    checked = now;
    const absl::Status status = MaySee(api, secret, request.camera_ids);
    // Event storage may be away for a while; what it said last holds.
    return status.ok() || absl::IsUnavailable(status) || absl::IsDeadlineExceeded(status);
  }
};

bool WriteEvents(const ApiContext& api, LiveStream& live, BodyWriter& writer) {
  if (!writer.Write("retry: 2000\n\n")) return false;
  absl::Time wrote = absl::Now();
  while (writer.alive()) {
    const std::vector<LiveViewer::Event> events = live.viewer->Next(kLiveLook);
    const absl::Time now = absl::Now();
    if (!live.MayGoOn(api, now)) return true;
    for (const LiveViewer::Event& event : events) {
      const std::string id = JsonString(event.camera_id);
      std::string text;
      if (event.frame == nullptr) {
        text = SseEvent(
            "gone", "",
            absl::StrCat("{\"cameraId\":", id, ",\"detail\":", JsonString(event.detail), "}"));
      } else if (live.Due(event.camera_id, now)) {
        text = SseEvent("frame", "",
                        absl::StrCat("{\"cameraId\":", id, ",\"frame\":", event.frame->json, "}"));
      } else {
        continue;
      }
      if (!writer.Write(text)) return false;
      wrote = now;
    }
    if (now - wrote >= api.pace.heartbeat) {
      if (!writer.Write(kSseHeartbeat)) return false;
      wrote = now;
    }
  }
  return true;
}

bool WritePictures(const ApiContext& api, LiveStream& live, BodyWriter& writer) {
  while (writer.alive()) {
    const std::vector<LiveViewer::Event> events = live.viewer->Next(kLiveLook);
    const absl::Time now = absl::Now();
    if (!live.MayGoOn(api, now)) return true;
    for (const LiveViewer::Event& event : events) {
      if (event.frame == nullptr || event.frame->jpeg.empty() || !live.Due(event.camera_id, now)) {
        continue;
      }
      const std::string head = absl::StrCat(
          "--", kBoundary,
          "\r\nContent-Type: image/jpeg\r\nContent-Length: ", event.frame->jpeg.size(), "\r\n\r\n");
      if (!writer.Write(head) || !writer.Write(event.frame->jpeg) || !writer.Write("\r\n")) {
        return false;
      }
    }
  }
  return true;
}

// Opens a stream, or says why not.
absl::StatusOr<std::shared_ptr<LiveStream>> OpenLive(const ApiContext& api, const Call& call,
                                                     LiveRequest request, Gauge& streams) {
  if (api.live == nullptr) {
    return absl::UnimplementedError("the gateway was started without --ingest");
  }
  AW_RETURN_IF_ERROR(MaySee(api, call.credential.secret, request.camera_ids));
  auto live = std::make_shared<LiveStream>();
  live->slot = api.slots.Take(streams);
  if (live->slot == nullptr) return absl::UnavailableError("too many streams");
  live->secret = call.credential.secret;
  live->viewer = api.live->Look(request.camera_ids, request.images);
  live->request = std::move(request);
  return live;
}

HttpResponse LiveResponse(std::string content_type) {
  HttpResponse response;
  response.content_type = std::move(content_type);
  response.headers = {{"Cache-Control", "no-store"}, {"X-Accel-Buffering", "no"}};
  return response;
}

HttpResponse StreamLive(const ApiContext& api, Gauge& streams, const Call& call) {
  auto request = ParseLive(call.request.query, false);
  if (!request.ok()) return Failure(call, request.status());
  auto live = OpenLive(api, call, *std::move(request), streams);
  if (!live.ok()) return Failure(call, live.status());
  HttpResponse response = LiveResponse("text/event-stream");
  response.stream = [api, live = *live](BodyWriter& writer) {
    return WriteEvents(api, *live, writer);
  };
  return response;
}

HttpResponse StreamPictures(const ApiContext& api, Gauge& streams, const Call& call) {
  auto request = ParseLive(call.request.query, true);
  if (!request.ok()) return Failure(call, request.status());
  request->camera_ids = {call.params.at("id")};
  auto live = OpenLive(api, call, *std::move(request), streams);
  if (!live.ok()) return Failure(call, live.status());
  HttpResponse response =
      LiveResponse(absl::StrCat("multipart/x-mixed-replace; boundary=", kBoundary));
  response.stream = [api, live = *live](BodyWriter& writer) {
    return WritePictures(api, *live, writer);
  };
  return response;
}

HttpResponse Snapshot(const ApiContext& api, Gauge& streams, const Call& call) {
  if (!call.request.query.empty()) return Problem(400, "this address takes no query");
  LiveRequest request;
  request.camera_ids = {call.params.at("id")};
  const auto live = OpenLive(api, call, std::move(request), streams);
  if (!live.ok()) return Failure(call, live.status());
  const absl::Time deadline = absl::Now() + kSnapshotWait;
  std::string why = "no picture came in time";
  for (absl::Time now = absl::Now(); now < deadline; now = absl::Now()) {
    for (const LiveViewer::Event& event : (*live)->viewer->Next(deadline - now)) {
      if (event.frame != nullptr && !event.frame->jpeg.empty()) {
        HttpResponse response = LiveResponse("image/jpeg");
        response.body = event.frame->jpeg;
        return response;
      }
      if (event.frame == nullptr) why = event.detail;
    }
    if (why != "no picture came in time") break;
  }
  HttpResponse response = Problem(503, absl::StrCat(why, "; try again in a few seconds"));
  response.headers.emplace_back("Retry-After", "2");
  return response;
}

}  // namespace

absl::Status MaySee(const ApiContext& api, const std::string& secret,
                    const std::vector<std::string>& camera_ids) {
  for (const std::string& id : camera_ids) {
    grpc::ClientContext context;
    Prepare(context, secret, absl::Seconds(5));
    v1::GetCameraRequest request;
    request.set_camera_id(id);
    v1::GetCameraResponse response;
    AW_RETURN_IF_ERROR(FromGrpc(api.storage.cameras->GetCamera(&context, request, &response)));
  }
  return absl::OkStatus();
}

void AddLiveRoutes(const ApiContext& api, RouteTable& table) {
  const auto gauge = [&api](const char* kind) -> Gauge& {
    return api.metrics.GetGauge("aislewatch_gateway_streams", "Streams that are open",
                                {{"kind", kind}});
  };
  const ExtraParameter fps = {"fps", R"({"type":"number","default":5})",
                              "The most frames per second of each camera."};
  RouteDoc events;
  events.summary =
      "Live frames of cameras as server-sent events: frame {cameraId, frame}, gone {cameraId, "
      "detail}";
  events.tag = "live";
  events.extra = {
      {"cameraIds", R"({"type":"array","items":{"type":"string"},"minItems":1,"maxItems":64})",
       "Which cameras."},
      {"images", R"({"type":"boolean","default":true})", "With pictures, not verdicts alone."},
      fps};
  events.media_type = "text/event-stream";
  events.answer = v1::WatchLiveResponse::descriptor();
  table.Add({"GET", PathTemplate(absl::StrCat(kApi, "/live")), Guard::kCaller, events,
             [api, &streams = gauge("live")](const Call& call) {
               return StreamLive(api, streams, call);
             }});
  RouteDoc pictures;
  pictures.summary = "A camera as a stream of JPEGs, for other programs";
  pictures.tag = "live";
  pictures.extra = {fps};
  pictures.media_type = "multipart/x-mixed-replace";
  table.Add({"GET", PathTemplate(absl::StrCat(kApi, "/cameras/{id}/live.mjpeg")), Guard::kCaller,
             pictures, [api, &streams = gauge("mjpeg")](const Call& call) {
               return StreamPictures(api, streams, call);
             }});
  RouteDoc snapshot;
  snapshot.summary =
      "The newest picture of a camera, with heads blurred unless the camera shows them";
  snapshot.tag = "live";
  snapshot.media_type = "image/jpeg";
  table.Add({"GET", PathTemplate(absl::StrCat(kApi, "/cameras/{id}/snapshot")), Guard::kCaller,
             snapshot, [api, &streams = gauge("snapshot")](const Call& call) {
               return Snapshot(api, streams, call);
             }});
}

}  // namespace aislewatch::gateway
