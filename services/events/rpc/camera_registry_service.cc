#include "services/events/rpc/camera_registry_service.h"

#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/base/status.h"
#include "services/events/rpc/convert.h"

namespace aislewatch::events {

grpc::ServerUnaryReactor* CameraRegistryRpc::CreateCamera(grpc::CallbackServerContext* context,
                                                          const v1::CreateCameraRequest* request,
                                                          v1::CreateCameraResponse* response) {
  return calls_.RunNoted<v1::CreateCameraResponse>(
      context, "CreateCamera", response,
      [request](const auto&) {
        return AuditNote{absl::StrCat("camera ", request->camera().camera_id()), {}};
      },
      Scoped<v1::CreateCameraResponse>(
          [request](CameraRegistry& registry) -> absl::StatusOr<v1::CreateCameraResponse> {
            Faults faults;
            Camera camera = CameraFromProto(request->camera(), faults);
            AW_ASSIGN_OR_RETURN(const Camera stored,
                                registry.Create(std::move(camera), std::move(faults)));
            v1::CreateCameraResponse answer;
            *answer.mutable_camera() = ToProto(stored);
            return answer;
          }));
}

grpc::ServerUnaryReactor* CameraRegistryRpc::UpdateCamera(grpc::CallbackServerContext* context,
                                                          const v1::UpdateCameraRequest* request,
                                                          v1::UpdateCameraResponse* response) {
  return calls_.RunNoted<v1::UpdateCameraResponse>(
      context, "UpdateCamera", response,
      [request](const auto&) {
        return AuditNote{absl::StrCat("camera ", request->camera().camera_id()), {}};
      },
      Scoped<v1::UpdateCameraResponse>(
          [request](CameraRegistry& registry) -> absl::StatusOr<v1::UpdateCameraResponse> {
            Faults faults;
            Camera camera = CameraFromProto(request->camera(), faults);
            AW_ASSIGN_OR_RETURN(const Camera stored,
                                registry.Update(std::move(camera), std::move(faults)));
            v1::UpdateCameraResponse answer;
            *answer.mutable_camera() = ToProto(stored);
            return answer;
          }));
}

grpc::ServerUnaryReactor* CameraRegistryRpc::DeleteCamera(grpc::CallbackServerContext* context,
                                                          const v1::DeleteCameraRequest* request,
                                                          v1::DeleteCameraResponse* response) {
  return calls_.RunNoted<v1::DeleteCameraResponse>(
      context, "DeleteCamera", response,
      [request](const auto&) {
        return AuditNote{absl::StrCat("camera ", request->camera_id()), {}};
      },
      Scoped<v1::DeleteCameraResponse>(
          [request](CameraRegistry& registry) -> absl::StatusOr<v1::DeleteCameraResponse> {
            AW_RETURN_IF_ERROR(registry.Delete(request->camera_id()));
            return v1::DeleteCameraResponse();
          }));
}

grpc::ServerUnaryReactor* CameraRegistryRpc::GetCamera(grpc::CallbackServerContext* context,
                                                       const v1::GetCameraRequest* request,
                                                       v1::GetCameraResponse* response) {
  return calls_.Run<v1::GetCameraResponse>(
      context, "GetCamera", response,
      Scoped<v1::GetCameraResponse>(
          [request](CameraRegistry& registry) -> absl::StatusOr<v1::GetCameraResponse> {
            AW_ASSIGN_OR_RETURN(const CameraWithStatus camera, registry.Get(request->camera_id()));
            return ToProto(camera);
          }));
}

grpc::ServerUnaryReactor* CameraRegistryRpc::ListCameras(grpc::CallbackServerContext* context,
                                                         const v1::ListCamerasRequest* request,
                                                         v1::ListCamerasResponse* response) {
  return calls_.Run<v1::ListCamerasResponse>(
      context, "ListCameras", response,
      Scoped<v1::ListCamerasResponse>(
          [request](CameraRegistry& registry) -> absl::StatusOr<v1::ListCamerasResponse> {
            const std::vector<std::string> stores(request->store_ids().begin(),
                                                  request->store_ids().end());
            AW_ASSIGN_OR_RETURN(CameraPage page,
                                registry.List(stores, request->page_size(), request->page_token()));
            v1::ListCamerasResponse answer;
            for (const CameraWithStatus& camera : page.cameras)
              *answer.add_cameras() = ToProto(camera);
            answer.set_next_page_token(std::move(page.next_page_token));
            return answer;
          }));
}

grpc::ServerUnaryReactor* CameraRegistryRpc::SyncLeases(grpc::CallbackServerContext* context,
                                                        const v1::SyncLeasesRequest* request,
                                                        v1::SyncLeasesResponse* response) {
  return calls_.Run<v1::SyncLeasesResponse>(
      context, "SyncLeases", response,
      Scoped<v1::SyncLeasesResponse>(
          [request](CameraRegistry& registry) -> absl::StatusOr<v1::SyncLeasesResponse> {
            AW_ASSIGN_OR_RETURN(const LeaseRequest leases, LeaseRequestFromProto(*request));
            AW_ASSIGN_OR_RETURN(const LeaseGrant grant, registry.SyncLeases(leases));
            return ToProto(grant);
          }),
      // Who it is cannot be known without the database, nor does the answer tell anything.
      [](absl::Status status) -> absl::StatusOr<v1::SyncLeasesResponse> {
        if (!absl::IsUnavailable(status)) return status;
        return ToProto(LeaseGrant{.hold = true});
      });
}

}  // namespace aislewatch::events
