#include "services/events/rpc/camera_registry_service.h"

#include <string>
#include <utility>
#include <vector>

#include "common/base/status.h"
#include "services/events/rpc/convert.h"

namespace aislewatch::events {

grpc::ServerUnaryReactor* CameraRegistryRpc::CreateCamera(grpc::CallbackServerContext* context,
                                                          const v1::CreateCameraRequest* request,
                                                          v1::CreateCameraResponse* response) {
  return calls_.Run<v1::CreateCameraResponse>(
      context, "CreateCamera", response,
      [this, request]() -> absl::StatusOr<v1::CreateCameraResponse> {
        Faults faults;
        Camera camera = CameraFromProto(request->camera(), faults);
        AW_ASSIGN_OR_RETURN(const Camera stored,
                            registry_.Create(std::move(camera), std::move(faults)));
        v1::CreateCameraResponse answer;
        *answer.mutable_camera() = ToProto(stored);
        return answer;
      });
}

grpc::ServerUnaryReactor* CameraRegistryRpc::UpdateCamera(grpc::CallbackServerContext* context,
                                                          const v1::UpdateCameraRequest* request,
                                                          v1::UpdateCameraResponse* response) {
  return calls_.Run<v1::UpdateCameraResponse>(
      context, "UpdateCamera", response,
      [this, request]() -> absl::StatusOr<v1::UpdateCameraResponse> {
        Faults faults;
        Camera camera = CameraFromProto(request->camera(), faults);
        AW_ASSIGN_OR_RETURN(const Camera stored,
                            registry_.Update(std::move(camera), std::move(faults)));
        v1::UpdateCameraResponse answer;
        *answer.mutable_camera() = ToProto(stored);
        return answer;
      });
}

grpc::ServerUnaryReactor* CameraRegistryRpc::DeleteCamera(grpc::CallbackServerContext* context,
                                                          const v1::DeleteCameraRequest* request,
                                                          v1::DeleteCameraResponse* response) {
  return calls_.Run<v1::DeleteCameraResponse>(
      context, "DeleteCamera", response,
      [this, request]() -> absl::StatusOr<v1::DeleteCameraResponse> {
        AW_RETURN_IF_ERROR(registry_.Delete(request->camera_id()));
        return v1::DeleteCameraResponse();
      });
}

grpc::ServerUnaryReactor* CameraRegistryRpc::GetCamera(grpc::CallbackServerContext* context,
                                                       const v1::GetCameraRequest* request,
                                                       v1::GetCameraResponse* response) {
  return calls_.Run<v1::GetCameraResponse>(
      context, "GetCamera", response, [this, request]() -> absl::StatusOr<v1::GetCameraResponse> {
        AW_ASSIGN_OR_RETURN(const CameraWithStatus camera, registry_.Get(request->camera_id()));
        return ToProto(camera);
      });
}

grpc::ServerUnaryReactor* CameraRegistryRpc::ListCameras(grpc::CallbackServerContext* context,
                                                         const v1::ListCamerasRequest* request,
                                                         v1::ListCamerasResponse* response) {
  return calls_.Run<v1::ListCamerasResponse>(
      context, "ListCameras", response,
      [this, request]() -> absl::StatusOr<v1::ListCamerasResponse> {
        const std::vector<std::string> stores(request->store_ids().begin(),
                                              request->store_ids().end());
        AW_ASSIGN_OR_RETURN(CameraPage page,
                            registry_.List(stores, request->page_size(), request->page_token()));
        v1::ListCamerasResponse answer;
        for (const CameraWithStatus& camera : page.cameras) *answer.add_cameras() = ToProto(camera);
        answer.set_next_page_token(std::move(page.next_page_token));
        return answer;
      });
}

grpc::ServerUnaryReactor* CameraRegistryRpc::SyncLeases(grpc::CallbackServerContext* context,
                                                        const v1::SyncLeasesRequest* request,
                                                        v1::SyncLeasesResponse* response) {
  return calls_.Run<v1::SyncLeasesResponse>(
      context, "SyncLeases", response, [this, request]() -> absl::StatusOr<v1::SyncLeasesResponse> {
        AW_ASSIGN_OR_RETURN(const LeaseRequest leases, LeaseRequestFromProto(*request));
        AW_ASSIGN_OR_RETURN(const LeaseGrant grant, registry_.SyncLeases(leases));
        return ToProto(grant);
      });
}

}  // namespace aislewatch::events
