#include "services/events/rpc/evidence_streams.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "common/base/status.h"
#include "common/rpc/convert.h"
#include "services/events/core/incident_validation.h"
#include "services/events/rpc/convert.h"

namespace aislewatch::events {

UploadStream::UploadStream(AccessGate::Entry entry, EvidenceStore& store, EventStore& events,
                           ThreadPool& workers, v1::UploadEvidenceResponse* response,
                           StreamEnd on_end)
    : entry_(std::move(entry)),
      store_(store),
      events_(events),
      workers_(workers),
      response_(response),
      on_end_(std::move(on_end)) {
  StartRead(&request_);
}

void UploadStream::OnReadDone(bool ok) {
  if (ok) {
    workers_.Post([this] { Take(); });
  } else {
    // The client has sent everything, or is gone; then the bytes will not add up.
    workers_.Post([this] { Complete(); });
  }
}

absl::Status UploadStream::Enter() {
  if (upload_.has_value()) return absl::OkStatus();
  AW_ASSIGN_OR_RETURN(const Principal principal, entry_(/*use=*/true));
  scoped_.emplace(store_, events_, principal);
  upload_.emplace(*scoped_);
  return absl::OkStatus();
}

void UploadStream::Complete() {
  if (const absl::Status status = Enter(); !status.ok()) return End(status);
  End(upload_->Finish());
}

void UploadStream::Take() {
  if (const absl::Status status = TakeMessage(); !status.ok()) return End(status);
  // The same evidence was stored before: the client need not send it again.
  if (upload_->done().has_value()) return End(*upload_->done());
  StartRead(&request_);
}

absl::Status UploadStream::TakeMessage() {
  AW_RETURN_IF_ERROR(Enter());
  if (request_.has_evidence()) {
    return upload_->Start(EvidenceFromProto(request_.evidence()), request_.offset());
  }
  if (request_.message_case() == v1::UploadEvidenceRequest::kChunk) {
    return upload_->Append(request_.chunk());
  }
  return absl::InvalidArgumentError("a message carries neither a description nor bytes");
}

void UploadStream::End(absl::StatusOr<Evidence> result) {
  if (result.ok()) *response_->mutable_evidence() = ToProto(*result);
  on_end_(result.status().code());
  Finish(ToGrpc(result.status()));
}

void UploadStream::OnDone() { delete this; }

DownloadStream::DownloadStream(AccessGate::Entry entry, EvidenceStore& store, EventStore& events,
                               ThreadPool& workers, std::string evidence_id, uint64_t offset,
                               StreamBegin on_begin, StreamEnd on_end)
    : entry_(std::move(entry)),
      store_(store),
      events_(events),
      workers_(workers),
      evidence_id_(std::move(evidence_id)),
      on_begin_(std::move(on_begin)),
      on_end_(std::move(on_end)),
      offset_(offset) {
  workers_.Post([this] { Describe(); });
}

void DownloadStream::Describe() {
  const auto principal = entry_(/*use=*/true);
  const absl::Status status = principal.ok() ? Open(*principal) : principal.status();
  on_begin_(principal, status.code());
  if (!status.ok()) return End(status);
  StartWrite(&response_);
}

absl::Status DownloadStream::Open(const Principal& principal) {
  scoped_.emplace(store_, events_, principal);
  AW_RETURN_IF_ERROR(CheckUuid(evidence_id_, "evidence_id"));
  AW_ASSIGN_OR_RETURN(const Evidence evidence, scoped_->GetEvidence(evidence_id_));
  if (evidence.state == EvidenceState::kReady) {
    size_ = evidence.size_bytes;
  } else {
    size_ = offset_ = 0;  // Only the description, whose state says why there are no bytes.
  }
  if (offset_ > size_) {
    return absl::OutOfRangeError(absl::StrCat("offset ", offset_, " lies beyond the ", size_,
                                              " bytes of evidence ", evidence_id_));
  }
  *response_.mutable_evidence() = ToProto(evidence);
  return absl::OkStatus();
}

void DownloadStream::OnWriteDone(bool ok) {
  if (!ok) return End(absl::CancelledError("the client is gone"));
  if (offset_ >= size_) return End(absl::OkStatus());
  workers_.Post([this] { SendChunk(); });
}

void DownloadStream::SendChunk() {
  auto bytes = scoped_->ReadEvidence(evidence_id_, offset_);
  if (!bytes.ok()) return End(bytes.status());
  if (bytes->empty()) {
    return End(absl::DataLossError(absl::StrCat("evidence ", evidence_id_, " has only ", offset_,
                                                " of its ", size_, " bytes")));
  }
  offset_ += bytes->size();
  response_.set_chunk(*std::move(bytes));
  StartWrite(&response_);
}

void DownloadStream::End(const absl::Status& status) {
  on_end_(status.code());
  Finish(ToGrpc(status));
}

}  // namespace aislewatch::events
