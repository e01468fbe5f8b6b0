#include "services/events/core/camera_registry.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "common/base/ids.h"
#include "common/base/status.h"
#include "services/events/core/camera_validation.h"
#include "services/events/core/page_token.h"
#include "services/events/core/source_url.h"

namespace aislewatch::events {
namespace {

std::string Title(const Camera& camera) {
  return absl::StrCat("camera \"", camera.camera_id.substr(0, 40), "\"");
}

Camera Masked(Camera camera) {
  camera.source_url = MaskPassword(camera.source_url);
  return camera;
}

}  // namespace

absl::StatusOr<Camera> CameraRegistry::Create(Camera camera, Faults faults) {
  CheckCamera(camera, /*check_source_url=*/true, faults);
  AW_RETURN_IF_ERROR(faults.ToStatus(Title(camera)));
  camera.revision = 1;
  AW_ASSIGN_OR_RETURN(Camera stored, cameras_.Create(camera));
  return Masked(std::move(stored));
}

absl::StatusOr<Camera> CameraRegistry::Update(Camera camera, Faults faults) {
  CheckCamera(camera, /*check_source_url=*/false, faults);
  bool check_revision = camera.revision != 0;
  if (CheckSourceUrl(camera.source_url).ok()) {
    AW_RETURN_IF_ERROR(faults.ToStatus(Title(camera)));
  } else {
    AW_RETURN_IF_ERROR(CheckId(camera.camera_id, "camera_id"));
    AW_ASSIGN_OR_RETURN(const CameraWithStatus stored, cameras_.Get(camera.camera_id));
    if (camera.source_url != MaskPassword(stored.camera.source_url)) {
      faults.Add(CheckSourceUrl(camera.source_url));
    }
    AW_RETURN_IF_ERROR(faults.ToStatus(Title(camera)));
    camera.source_url = stored.camera.source_url;
    // The password is that of the revision just read, so the update must be of that one.
    if (!check_revision) camera.revision = stored.camera.revision;
    check_revision = true;
  }
  AW_ASSIGN_OR_RETURN(Camera stored, cameras_.Update(camera, check_revision));
  return Masked(std::move(stored));
}

absl::Status CameraRegistry::Delete(const std::string& camera_id) {
  AW_RETURN_IF_ERROR(CheckId(camera_id, "camera_id"));
  return cameras_.Delete(camera_id);
}

absl::StatusOr<CameraWithStatus> CameraRegistry::Get(const std::string& camera_id) {
  AW_RETURN_IF_ERROR(CheckId(camera_id, "camera_id"));
  AW_ASSIGN_OR_RETURN(CameraWithStatus found, cameras_.Get(camera_id));
  found.camera = Masked(std::move(found.camera));
  return found;
}

absl::StatusOr<CameraPage> CameraRegistry::List(const std::vector<std::string>& store_ids,
                                                uint32_t page_size, const std::string& page_token) {
  for (const std::string& id : store_ids) AW_RETURN_IF_ERROR(CheckId(id, "store_ids"));
  if (page_size == 0) page_size = kDefaultPageSize;
  if (page_size > kMaxPageSize) {
    return absl::InvalidArgumentError(
        absl::StrCat("page_size ", page_size, " is too large; at most ", kMaxPageSize));
  }
  const std::string query = CanonicalQuery(store_ids);
  std::string after;
  if (!page_token.empty()) {
    AW_ASSIGN_OR_RETURN(after, DecodePageToken(query, page_token));
  }
  CameraPage page;
  AW_ASSIGN_OR_RETURN(page.cameras, cameras_.List(store_ids, {}, after, page_size + 1));
  if (page.cameras.size() > page_size) {
    page.cameras.resize(page_size);
    page.next_page_token = EncodePageToken(query, page.cameras.back().camera.camera_id);
  }
  for (CameraWithStatus& entry : page.cameras) entry.camera = Masked(std::move(entry.camera));
  return page;
}

absl::StatusOr<LeaseGrant> CameraRegistry::SyncLeases(const LeaseRequest& request) {
  AW_RETURN_IF_ERROR(CheckLeaseRequest(request));
  absl::StatusOr<LeaseGrant> grant = leases_.Sync(request);
  // Leases that nobody can take need no renewal. A shop that is watched by two replicas for a moment is
  // better off than one that nobody watches while its database is down.
  if (absl::IsUnavailable(grant.status())) return LeaseGrant{.hold = true};
  return grant;
}

}  // namespace aislewatch::events
