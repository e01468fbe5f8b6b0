// Everything about an incident as one archive, signed by the site, made piece by piece.
//
//   incident.json      the incident with its history, as GetIncident answers
//   evidence.json      what evidence there is, or was, as ListEvidence answers
//   evidence/...       its bytes: snapshot-1.jpg, clip-1.mp4, ...
//   site-key.pem       the site's public key
//   SHA256SUMS         of the files above but the key, as sha256sum writes it
//   SHA256SUMS.sig     Ed25519 signature of that file
//
// IncidentExporter is thread-safe. An IncidentExport is not; it holds at most one piece of evidence
// of 1 MiB and what the archive makes of it. Both block on the stores.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "common/base/sha256.h"
#include "services/events/core/evidence.h"
#include "services/events/core/export/site_key.h"
#include "services/events/core/stores.h"

namespace aislewatch::events {

/// Writes an archive into memory, from where it is taken as it grows. Not thread-safe.
class ArchiveWriter {
 public:
  virtual ~ArchiveWriter() = default;
  /// Begins a file of exactly `size` bytes; ends the one before.
  virtual absl::Status Begin(const std::string& name, uint64_t size, absl::Time modified) = 0;
  virtual absl::Status Append(absl::string_view bytes) = 0;
  /// Ends the archive.
  virtual absl::Status Finish() = 0;
  /// What was written since the last Take.
  virtual std::string Take() = 0;
};

class IncidentExport;

class IncidentExporter {
 public:
  struct Parts {
    std::shared_ptr<const SiteKey> key;
    std::function<std::unique_ptr<ArchiveWriter>()> archive;
    std::function<absl::StatusOr<std::string>(const IncidentHistory&)> incident_json;
    std::function<absl::StatusOr<std::string>(const std::vector<Evidence>&)> evidence_json;
  };

  explicit IncidentExporter(Parts parts) : parts_(std::move(parts)) {}

  /// From what `events` and `evidence` let the caller see. NOT_FOUND; FAILED_PRECONDITION without a
  /// site key. The exporter and `evidence` must outlive the export.
  absl::StatusOr<std::unique_ptr<IncidentExport>> Start(const std::string& incident_id,
                                                        EventStore& events,
                                                        EvidenceStore& evidence);

 private:
  friend class IncidentExport;

  const Parts parts_;
};

class IncidentExport {
 public:
  ~IncidentExport();

  /// The next bytes of the archive; empty at its end. DATA_LOSS where stored bytes are not those
  /// that were described. No call may follow an error or the end.
  absl::StatusOr<std::string> Next();

 private:
  friend class IncidentExporter;
  enum class Step { kDocuments, kEvidence, kSums, kDone };

  IncidentExport(const IncidentExporter& exporter, EvidenceStore& store);
  absl::Status Advance();
  absl::Status AddDocuments();
  absl::Status AddEvidence();
  absl::Status AddSums();
  absl::Status AddFile(const std::string& name, const std::string& contents);
  void AddSum(const std::string& name, const std::string& sha256);

  const IncidentExporter& exporter_;
  EvidenceStore& store_;
  std::unique_ptr<ArchiveWriter> archive_;
  IncidentHistory history_;
  std::vector<Evidence> evidence_;
  Step step_ = Step::kDocuments;
  size_t next_ = 0;      // Of evidence_.
  uint64_t offset_ = 0;  // Within it.
  std::string name_;     // Of its file.
  std::unique_ptr<Sha256> hash_;
  std::map<std::string, int> names_;  // How many files begin with this.
  std::string sums_;
};

}  // namespace aislewatch::events
