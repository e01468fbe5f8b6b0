#include "services/events/core/export/incident_export.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "common/base/status.h"
#include "services/events/core/incident_validation.h"

namespace aislewatch::events {
namespace {

std::string Stem(EvidenceKind kind) {
  switch (kind) {
    case EvidenceKind::kSnapshot:
      return "snapshot";
    case EvidenceKind::kSnapshotOverlay:
      return "snapshot-overlay";
    case EvidenceKind::kClip:
      return "clip";
    case EvidenceKind::kScoreCurve:
      return "score-curve";
    case EvidenceKind::kUnspecified:
      break;
  }
  return "evidence";
}

std::string Extension(const std::string& media_type) {
  static const auto* const extensions =
      new std::map<std::string, std::string>{{"image/jpeg", ".jpg"},
                                             {"image/png", ".png"},
                                             {"video/mp4", ".mp4"},
                                             {"application/json", ".json"}};
  const auto found = extensions->find(media_type.substr(0, media_type.find(';')));
  return found == extensions->end() ? ".bin" : found->second;
}

}  // namespace

absl::StatusOr<std::unique_ptr<IncidentExport>> IncidentExporter::Start(
    const std::string& incident_id, EventStore& events, EvidenceStore& evidence) {
  AW_RETURN_IF_ERROR(CheckUuid(incident_id, "incident_id"));
  if (parts_.key == nullptr) {
    return absl::FailedPreconditionError(
        absl::StrCat("event storage has no site key to sign exports with; ", kHowToMakeASiteKey));
  }
  std::unique_ptr<IncidentExport> started(new IncidentExport(*this, evidence));
  AW_ASSIGN_OR_RETURN(started->history_, events.Get(incident_id));
  AW_ASSIGN_OR_RETURN(started->evidence_, evidence.ListEvidence(incident_id));
  return started;
}

IncidentExport::IncidentExport(const IncidentExporter& exporter, EvidenceStore& store)
    : exporter_(exporter), store_(store), archive_(exporter.parts_.archive()) {}
IncidentExport::~IncidentExport() = default;

absl::StatusOr<std::string> IncidentExport::Next() {
  std::string bytes = archive_->Take();
  while (bytes.empty() && step_ != Step::kDone) {
    AW_RETURN_IF_ERROR(Advance());
    bytes = archive_->Take();
  }
  return bytes;
}

absl::Status IncidentExport::Advance() {
  switch (step_) {
    case Step::kDocuments:
      AW_RETURN_IF_ERROR(AddDocuments());
      step_ = Step::kEvidence;
      return absl::OkStatus();
    case Step::kEvidence:
      if (next_ < evidence_.size()) return AddEvidence();
      step_ = Step::kSums;
      return absl::OkStatus();
    case Step::kSums:
      AW_RETURN_IF_ERROR(AddSums());
      step_ = Step::kDone;
      return absl::OkStatus();
    case Step::kDone:
      break;
  }
  return absl::OkStatus();
}

absl::Status IncidentExport::AddFile(const std::string& name, const std::string& contents) {
  const absl::Time modified = history_.incident.updated_time.value_or(absl::UnixEpoch());
  AW_RETURN_IF_ERROR(archive_->Begin(name, contents.size(), modified));
  return archive_->Append(contents);
}

void IncidentExport::AddSum(const std::string& name, const std::string& sha256) {
  absl::StrAppend(&sums_, sha256, "  ", name, "\n");
}

absl::Status IncidentExport::AddDocuments() {
  AW_ASSIGN_OR_RETURN(const std::string incident, exporter_.parts_.incident_json(history_));
  AW_ASSIGN_OR_RETURN(const std::string evidence, exporter_.parts_.evidence_json(evidence_));
  const std::pair<std::string, std::string> documents[] = {{"incident.json", incident},
                                                           {"evidence.json", evidence}};
  for (const auto& [name, text] : documents) {
    AW_RETURN_IF_ERROR(AddFile(name, text));
    Sha256 hash;
    hash.Add(text);
    AddSum(name, hash.Hex());
  }
  return absl::OkStatus();
}

// One chunk, so that the archive can be taken between chunks.
absl::Status IncidentExport::AddEvidence() {
  const Evidence& evidence = evidence_[next_];
  if (evidence.state != EvidenceState::kReady) {
    ++next_;  // evidence.json says what became of it.
    return absl::OkStatus();
  }
  if (hash_ == nullptr) {
    const std::string stem = Stem(evidence.kind);
    name_ = absl::StrCat("evidence/", stem, "-", ++names_[stem], Extension(evidence.media_type));
    hash_ = std::make_unique<Sha256>();
    offset_ = 0;
    AW_RETURN_IF_ERROR(archive_->Begin(name_, evidence.size_bytes,
                                       evidence.capture_time.value_or(absl::UnixEpoch())));
  }
  AW_ASSIGN_OR_RETURN(const std::string bytes, store_.ReadEvidence(evidence.evidence_id, offset_));
  AW_RETURN_IF_ERROR(archive_->Append(bytes));
  hash_->Add(bytes);
  offset_ += bytes.size();
  if (offset_ < evidence.size_bytes && !bytes.empty()) return absl::OkStatus();
  const std::string sha256 = hash_->Hex();
  if (offset_ != evidence.size_bytes || sha256 != evidence.sha256) {
    return absl::DataLossError(absl::StrCat("the stored bytes of evidence ", evidence.evidence_id,
                                            " are not those that were uploaded"));
  }
  AddSum(name_, sha256);
  hash_.reset();
  ++next_;
  return absl::OkStatus();
}

absl::Status IncidentExport::AddSums() {
  const SiteKey& key = *exporter_.parts_.key;
  AW_ASSIGN_OR_RETURN(const std::string signature, key.Sign(sums_));
  AW_RETURN_IF_ERROR(AddFile("site-key.pem", key.public_pem()));
  AW_RETURN_IF_ERROR(AddFile("SHA256SUMS", sums_));
  AW_RETURN_IF_ERROR(AddFile("SHA256SUMS.sig", signature));
  return archive_->Finish();
}

}  // namespace aislewatch::events
