// The bytes of evidence, whole or in ranges, and an incident's export.
#include <algorithm>
#include <memory>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/base/ids.h"
#include "services/gateway/core/byte_range.h"
#include "services/gateway/core/problem.h"
#include "services/gateway/http/api.h"
#include "services/gateway/http/unary_route.h"

namespace aislewatch::gateway {
namespace {

// For a whole clip over a slow line; a read that hangs ends with it.
constexpr absl::Duration kDownloadTimeout = absl::Minutes(10);
// What browsers may show. Anything else is offered as a file.
constexpr const char* kShown[] = {"image/jpeg", "image/png", "video/mp4", "application/json"};

// A download that is under way; cancelled when nobody wants it any more.
template <class Response>
struct Download {
  ~Download() {
    if (reader == nullptr) return;
    context.TryCancel();
    Response rest;
    while (reader->Read(&rest)) {
    }
    (void)reader->Finish();
  }
  /// After a read that gave nothing.
  absl::Status Finish() {
    const absl::Status status = FromGrpc(reader->Finish());
    reader.reset();
    return status;
  }
  grpc::ClientContext context;
  std::unique_ptr<grpc::ClientReader<Response>> reader;
};
using EvidenceDownload = Download<v1::DownloadEvidenceResponse>;

// Opens a download and reads its description.
absl::StatusOr<std::shared_ptr<EvidenceDownload>> Open(const ApiContext& api, const Call& call,
                                                       uint64_t offset, v1::Evidence& evidence) {
  auto download = std::make_shared<EvidenceDownload>();
  Prepare(download->context, call.credential.secret, kDownloadTimeout);
  v1::DownloadEvidenceRequest request;
  request.set_evidence_id(call.params.at("id"));
  request.set_offset(offset);
  download->reader = api.storage.events->DownloadEvidence(&download->context, request);
  v1::DownloadEvidenceResponse first;
  if (!download->reader->Read(&first)) {
    const absl::Status status = download->Finish();
    return status.ok() ? absl::InternalError("the download had no description") : status;
  }
  evidence = first.evidence();
  return download;
}

bool WriteEvidence(EvidenceDownload& download, uint64_t length, BodyWriter& writer) {
  v1::DownloadEvidenceResponse message;
  while (length > 0 && download.reader->Read(&message)) {
    absl::string_view chunk = message.chunk();
    chunk = chunk.substr(0, std::min<uint64_t>(chunk.size(), length));
    if (!writer.Write(chunk)) return false;
    length -= chunk.size();
  }
  return length == 0;
}

bool IsShown(const std::string& media_type) {
  return std::find(std::begin(kShown), std::end(kShown), media_type) != std::end(kShown);
}

HttpResponse GetEvidence(const ApiContext& api, const Call& call) {
  if (!call.request.query.empty()) return Problem(400, "this address takes no query");
  v1::Evidence evidence;
  auto download = Open(api, call, 0, evidence);
  if (!download.ok()) return Failure(call, download.status());
  const std::string etag = absl::StrCat("\"", evidence.sha256(), "\"");
  HttpResponse response;
  response.headers = {
      {"ETag", etag}, {"Accept-Ranges", "bytes"}, {"Cache-Control", "private, max-age=3600"}};
  if (NamesEtag(call.request.Header("If-None-Match"), etag)) {
    response.status = 304;
    return response;
  }
  const absl::string_view if_range = call.request.Header("If-Range");
  const bool ranged = !call.request.IsHead() && (if_range.empty() || if_range == etag);
  const ByteRange range =
      ParseByteRange(ranged ? call.request.Header("Range") : "", evidence.size_bytes());
  if (range.kind == ByteRange::Kind::kUnsatisfiable) {
    HttpResponse problem = Problem(416, absl::StrCat("the range begins behind the end; there are ",
                                                     evidence.size_bytes(), " bytes"));
    problem.headers.emplace_back("Content-Range", absl::StrCat("bytes */", evidence.size_bytes()));
    return problem;
  }
  if (range.kind == ByteRange::Kind::kPart) {
    response.status = 206;
    response.headers.emplace_back(
        "Content-Range", absl::StrCat("bytes ", range.offset, "-", range.offset + range.length - 1,
                                      "/", evidence.size_bytes()));
    if (range.offset > 0) {
      download = Open(api, call, range.offset, evidence);
      if (!download.ok()) return Failure(call, download.status());
    }
  }
  const bool shown = IsShown(evidence.media_type());
  response.content_type = shown ? evidence.media_type() : "application/octet-stream";
  if (!shown) response.headers.emplace_back("Content-Disposition", "attachment");
  response.stream_length = range.length;
  response.stream = [download = *download, length = range.length](BodyWriter& writer) {
    return WriteEvidence(*download, length, writer);
  };
  return response;
}

HttpResponse Export(const ApiContext& api, const Call& call) {
  if (!call.request.query.empty()) return Problem(400, "this address takes no query");
  const std::string& id = call.params.at("id");
  if (!IsUuid(id)) return Problem(400, "the id of an incident must be a UUID");
  using ExportDownload = Download<v1::ExportIncidentResponse>;
  auto download = std::make_shared<ExportDownload>();
  Prepare(download->context, call.credential.secret, kDownloadTimeout);
  v1::ExportIncidentRequest request;
  request.set_incident_id(id);
  download->reader = api.storage.events->ExportIncident(&download->context, request);
  auto first = std::make_shared<v1::ExportIncidentResponse>();
  if (!download->reader->Read(first.get())) {
    const absl::Status status = download->Finish();
    return Failure(call, status.ok() ? absl::InternalError("the export is empty") : status);
  }
  HttpResponse response;
  response.content_type = "application/zip";
  response.headers = {
      {"Cache-Control", "no-store"},
      {"Content-Disposition", absl::StrCat("attachment; filename=\"incident-", id, ".zip\"")}};
  response.stream = [download, first](BodyWriter& writer) {
    if (!writer.Write(first->chunk())) return false;
    v1::ExportIncidentResponse message;
    while (download->reader->Read(&message)) {
      if (!writer.Write(message.chunk())) return false;
    }
    return download->Finish().ok();
  };
  return response;
}

}  // namespace

void AddEvidenceRoutes(const ApiContext& api, RouteTable& table) {
  RouteDoc bytes;
  bytes.summary = "The bytes of a piece of evidence; takes Range for one range";
  bytes.tag = "incidents";
  bytes.media_type = "*/*";
  table.Add({"GET", PathTemplate(absl::StrCat(kApi, "/evidence/{id}")), Guard::kCaller, bytes,
             [api](const Call& call) { return GetEvidence(api, call); }});
  RouteDoc zip;
  zip.summary = "Everything about an incident as one signed zip file";
  zip.tag = "incidents";
  zip.media_type = "application/zip";
  table.Add({"GET", PathTemplate(absl::StrCat(kApi, "/incidents/{id}/export")), Guard::kCaller, zip,
             [api](const Call& call) { return Export(api, call); }});
}

}  // namespace aislewatch::gateway
