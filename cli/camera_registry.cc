#include "cli/camera_registry.h"

#include <grpcpp/client_context.h>

#include "absl/strings/str_cat.h"
#include "common/base/status.h"
#include "common/rpc/convert.h"

namespace aislewatch {

absl::StatusOr<v1::Camera> GetCamera(v1::CameraRegistryService::Stub& stub, const std::string& id) {
  grpc::ClientContext context;
  v1::GetCameraRequest request;
  request.set_camera_id(id);
  v1::GetCameraResponse response;
  AW_RETURN_IF_ERROR(FromGrpc(stub.GetCamera(&context, request, &response)));
  return response.camera();
}

absl::Status CreateCamera(v1::CameraRegistryService::Stub& stub, const v1::Camera& camera) {
  grpc::ClientContext context;
  v1::CreateCameraRequest request;
  *request.mutable_camera() = camera;
  v1::CreateCameraResponse response;
  return FromGrpc(stub.CreateCamera(&context, request, &response));
}

absl::StatusOr<v1::Camera> UpdateCamera(v1::CameraRegistryService::Stub& stub,
                                        const v1::Camera& camera) {
  grpc::ClientContext context;
  v1::UpdateCameraRequest request;
  *request.mutable_camera() = camera;
  v1::UpdateCameraResponse response;
  AW_RETURN_IF_ERROR(FromGrpc(stub.UpdateCamera(&context, request, &response)));
  return response.camera();
}

absl::Status PutCamera(v1::CameraRegistryService::Stub& stub, const v1::Camera& camera) {
  absl::Status status = CreateCamera(stub, camera);
  if (absl::IsAlreadyExists(status)) status = UpdateCamera(stub, camera).status();
  return Annotate(status, absl::StrCat("camera ", camera.camera_id()));
}

}  // namespace aislewatch
