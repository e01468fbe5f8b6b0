#include "services/events/rpc/export_stream.h"

#include <google/protobuf/util/json_util.h>

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/base/status.h"
#include "common/rpc/convert.h"
#include "services/events/rpc/convert.h"

namespace aislewatch::events {
namespace {

absl::StatusOr<std::string> PrettyJson(const google::protobuf::Message& message) {
  google::protobuf::util::JsonPrintOptions options;
  options.add_whitespace = true;
  std::string json;
  const auto status = google::protobuf::util::MessageToJsonString(message, &json, options);
  if (status.ok()) return json;
  return absl::InternalError(
      absl::StrCat("the incident cannot be written as JSON: ", std::string(status.message())));
}

}  // namespace

absl::StatusOr<std::string> HistoryToJson(const IncidentHistory& history) {
  return PrettyJson(ToProto(history));
}

absl::StatusOr<std::string> EvidenceToJson(const std::vector<Evidence>& evidence) {
  v1::ListEvidenceResponse list;
  for (const Evidence& one : evidence) *list.add_evidence() = ToProto(one);
  return PrettyJson(list);
}

ExportStream::ExportStream(AccessGate::Entry entry, IncidentExporter* exporter,
                           EvidenceStore& evidence, EventStore& events, ThreadPool& workers,
                           std::string incident_id, StreamBegin on_begin, StreamEnd on_end)
    : entry_(std::move(entry)),
      exporter_(exporter),
      evidence_(evidence),
      events_(events),
      workers_(workers),
      incident_id_(std::move(incident_id)),
      on_begin_(std::move(on_begin)),
      on_end_(std::move(on_end)) {
  workers_.Post([this] { Begin(); });
}

void ExportStream::Begin() {
  const auto principal = entry_(/*use=*/true);
  const absl::Status status = principal.ok() ? Open(*principal) : principal.status();
  on_begin_(principal, status.code());
  if (!status.ok()) return End(status);
  Send();
}

absl::Status ExportStream::Open(const Principal& principal) {
  if (exporter_ == nullptr) {
    return absl::FailedPreconditionError("this event storage exports nothing");
  }
  scoped_events_.emplace(events_, principal);
  scoped_evidence_.emplace(evidence_, events_, principal);
  AW_ASSIGN_OR_RETURN(export_, exporter_->Start(incident_id_, *scoped_events_, *scoped_evidence_));
  return absl::OkStatus();
}

void ExportStream::Send() {
  if (sent_ == bytes_.size()) {
    auto next = export_->Next();
    if (!next.ok()) return End(next.status());
    if (next->empty()) return End(absl::OkStatus());
    bytes_ = *std::move(next);
    sent_ = 0;
  }
  const size_t size = std::min(bytes_.size() - sent_, kMaxEvidenceChunkBytes);
  response_.set_chunk(bytes_.data() + sent_, size);
  sent_ += size;
  StartWrite(&response_);
}

void ExportStream::OnWriteDone(bool ok) {
  if (!ok) return End(absl::CancelledError("the client is gone"));
  workers_.Post([this] { Send(); });
}

void ExportStream::End(const absl::Status& status) {
  on_end_(status.code());
  Finish(ToGrpc(status));
}

}  // namespace aislewatch::events
