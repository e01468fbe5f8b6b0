#include "services/events/adapters/postgres/evidence_volume.h"

#include <optional>

#include "absl/strings/str_cat.h"
#include "common/base/ids.h"
#include "common/base/status.h"

namespace aislewatch::events {
namespace {

absl::Status WrongVolume(const std::string& path, const std::string& id) {
  return absl::UnavailableError(
      absl::StrCat("the evidence directory ", path,
                   " is not the one that this database knows; is its volume "
                   "mounted? If it is the right one all the same, write its id: echo ",
                   id, " > ", path, "/aislewatch-evidence.id"));
}

}  // namespace

absl::StatusOr<std::string> EvidenceVolume::Agree() {
  static const Statement select{"volume_id", "SELECT directory_id FROM evidence_directory"};
  static const Statement insert{"volume_insert",
                                "INSERT INTO evidence_directory (directory_id) VALUES ($1)"
                                " ON CONFLICT DO NOTHING"};
  AW_ASSIGN_OR_RETURN(std::optional<std::string> marked, directory_.Identity());
  std::string id;
  AW_RETURN_IF_ERROR(pool_.Run([&](Transaction& transaction) -> absl::Status {
    auto rows = transaction.Run(select);
    if (rows.empty()) {
      if (!directory_.IsEmpty()) {
        return absl::UnavailableError(absl::StrCat(
            "the evidence directory ", directory_.path(),
            " holds evidence, but this database knows none there; choose an empty directory, or "
            "restore the database that belongs to it"));
      }
      // In the directory first: what an attempt leaves there is taken up by the next.
      if (!marked.has_value()) {
        marked = NewUuid();
        AW_RETURN_IF_ERROR(directory_.SetIdentity(*marked));
      }
      if (!IsUuid(*marked)) return WrongVolume(directory_.path(), NewUuid());
      transaction.Run(insert, Params().Text(*marked));
      rows = transaction.Run(select);
    }
    id = ReadText(rows[0][0]);
    return absl::OkStatus();
  }));
  return id;
}

absl::StatusOr<BlobDirectory*> EvidenceVolume::Use() {
  std::string id;
  {
    absl::MutexLock lock(&mutex_);
    id = id_;
  }
  if (id.empty()) {
    AW_ASSIGN_OR_RETURN(id, Agree());
    absl::MutexLock lock(&mutex_);
    id_ = id;
  }
  AW_ASSIGN_OR_RETURN(const std::optional<std::string> marked, directory_.Identity());
  if (marked != id) {
    absl::MutexLock lock(&mutex_);
    id_.clear();  // The database may be another one by now.
    return WrongVolume(directory_.path(), id);
  }
  return &directory_;
}

}  // namespace aislewatch::events
