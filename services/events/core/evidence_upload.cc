#include "services/events/core/evidence_upload.h"

#include <algorithm>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "common/base/status.h"
#include "services/events/core/faults.h"
#include "services/events/core/incident_validation.h"

namespace aislewatch::events {
namespace {

constexpr size_t kMaxMediaTypeLength = 127;
constexpr size_t kMaxErrorLength = 1000;

bool IsSha256(const std::string& text) {
  return text.size() == 64 && std::all_of(text.begin(), text.end(), [](char c) {
           return absl::ascii_isdigit(c) || (c >= 'a' && c <= 'f');
         });
}

bool IsMediaType(const std::string& text) {
  return text.size() <= kMaxMediaTypeLength && absl::StrContains(text, '/') &&
         std::all_of(text.begin(), text.end(), [](unsigned char c) { return c > 32 && c < 127; });
}

// Whether bytes come with the description.
bool HasBytes(const Evidence& evidence) {
  return evidence.state != EvidenceState::kFailed &&
         !(evidence.state == EvidenceState::kPending && evidence.sha256.empty());
}

absl::Status CheckSame(const Evidence& stored, const Evidence& sent) {
  if (stored.incident_id == sent.incident_id && stored.sha256 == sent.sha256 &&
      stored.size_bytes == sent.size_bytes) {
    return absl::OkStatus();
  }
  return absl::AlreadyExistsError(
      absl::StrCat("evidence ", sent.evidence_id,
                   " is stored with other bytes or for another incident; a new piece of evidence "
                   "needs a new evidence_id"));
}

}  // namespace

absl::Status CheckEvidence(const Evidence& evidence) {
  Faults faults;
  faults.Add(CheckUuid(evidence.evidence_id, "evidence_id"));
  faults.Add(CheckUuid(evidence.incident_id, "incident_id"));
  const int kind = static_cast<int>(evidence.kind);
  if (kind < 1 || kind > kLastEvidenceKind) faults.Add("kind", "must be given");
  if (!IsMediaType(evidence.media_type)) {
    faults.Add("media_type", "must be one such as image/jpeg");
  }
  if (evidence.state == EvidenceState::kExpired) {
    faults.Add("state", "EXPIRED is not for uploads; send READY, PENDING or FAILED");
  }
  if (HasBytes(evidence)) {
    if (evidence.size_bytes < 1 || evidence.size_bytes > kMaxEvidenceBytes) {
      faults.Add("size_bytes", absl::StrCat("is ", evidence.size_bytes, "; 1..67108864 (64 MiB)"));
    }
    if (!IsSha256(evidence.sha256))
      faults.Add("sha256", "must be 64 lower-case hexadecimal digits");
  }
  if ((evidence.state == EvidenceState::kFailed) == evidence.error.empty()) {
    faults.Add("error", "must say why for FAILED, and be empty otherwise");
  }
  if (evidence.error.size() > kMaxErrorLength) faults.Add("error", "is over 1,000 characters");
  if (absl::StrContains(evidence.error, '\0')) faults.Add("error", "has a zero character");
  return faults.ToStatus("evidence");
}

EvidenceUpload::EvidenceUpload(EvidenceStore& store) : store_(store) {}
EvidenceUpload::~EvidenceUpload() = default;

absl::StatusOr<uint64_t> FindUpload(EvidenceStore& store, const std::string& evidence_id,
                                    const std::string& sha256) {
  Faults faults;
  faults.Add(CheckUuid(evidence_id, "evidence_id"));
  if (!IsSha256(sha256)) faults.Add("sha256", "must be 64 lower-case hexadecimal digits");
  AW_RETURN_IF_ERROR(faults.ToStatus("upload"));
  return store.UploadedBytes(evidence_id, sha256);
}

absl::Status EvidenceUpload::Start(const Evidence& evidence, uint64_t offset) {
  if (evidence_.has_value()) {
    return absl::InvalidArgumentError("the description was sent twice; send it first, once");
  }
  AW_RETURN_IF_ERROR(CheckEvidence(evidence));
  evidence_ = evidence;
  auto stored = store_.GetEvidence(evidence.evidence_id);
  if (stored.ok() && stored->state == EvidenceState::kReady) {
    if (HasBytes(evidence)) AW_RETURN_IF_ERROR(CheckSame(*stored, evidence));
    done_ = *std::move(stored);
    return absl::OkStatus();
  }
  if (!stored.ok() && !absl::IsNotFound(stored.status())) return stored.status();
  if (!HasBytes(evidence)) {
    AW_ASSIGN_OR_RETURN(done_, store_.DescribeEvidence(evidence));
    return absl::OkStatus();
  }
  AW_ASSIGN_OR_RETURN(upload_id_,
                      store_.BeginUpload(evidence.evidence_id, evidence.sha256, offset));
  hash_ = std::make_unique<Sha256>();
  // The sum is over the whole, so what is there is read once more.
  while (received_ < offset) {
    AW_ASSIGN_OR_RETURN(const std::string bytes, store_.ReadUpload(upload_id_, received_));
    if (bytes.empty() || received_ + bytes.size() > offset) {
      return absl::AbortedError("the upload has changed meanwhile; ask again where it goes on");
    }
    hash_->Add(bytes);
    received_ += bytes.size();
  }
  return absl::OkStatus();
}

absl::Status EvidenceUpload::Append(absl::string_view bytes) {
  if (!evidence_.has_value()) {
    return absl::InvalidArgumentError("bytes came before the description; send that first");
  }
  if (done_.has_value()) return absl::OkStatus();
  if (bytes.size() > kMaxEvidenceChunkBytes) {
    return absl::InvalidArgumentError("a chunk is over 1 MiB; send smaller ones");
  }
  if (received_ + bytes.size() > evidence_->size_bytes) {
    store_.AbandonUpload(upload_id_);
    return absl::DataLossError(absl::StrCat("evidence ", evidence_->evidence_id,
                                            ": more bytes came than the ", evidence_->size_bytes,
                                            " described; send it again"));
  }
  if (bytes.empty()) return absl::OkStatus();
  AW_RETURN_IF_ERROR(store_.AppendUpload(upload_id_, received_, bytes));
  hash_->Add(bytes);
  received_ += bytes.size();
  return absl::OkStatus();
}

absl::StatusOr<Evidence> EvidenceUpload::Finish() {
  if (!evidence_.has_value()) {
    return absl::InvalidArgumentError("the stream ended before the description of the evidence");
  }
  if (done_.has_value()) return *done_;
  const std::string sha256 = hash_->Hex();
  if (received_ != evidence_->size_bytes || sha256 != evidence_->sha256) {
    if (received_ == evidence_->size_bytes) store_.AbandonUpload(upload_id_);
    return absl::DataLossError(absl::StrCat("evidence ", evidence_->evidence_id, ": ", received_,
                                            " bytes with sha256 ", sha256, " came, but ",
                                            evidence_->size_bytes, " with ", evidence_->sha256,
                                            " were described; send it again"));
  }
  AW_ASSIGN_OR_RETURN(done_, store_.CommitUpload(upload_id_, *evidence_));
  return *done_;
}

}  // namespace aislewatch::events
