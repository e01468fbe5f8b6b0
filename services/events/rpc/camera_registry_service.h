// CameraRegistryService over gRPC: converts, calls core, converts back.
//
// Thread-safe. Nothing blocks on gRPC's threads. What is passed must outlive the gRPC server.
#pragma once

#include "aislewatch/v1/cameras.grpc.pb.h"
#include "services/events/core/camera_registry.h"
#include "services/events/rpc/blocking_calls.h"

namespace aislewatch::events {

class CameraRegistryRpc final : public v1::CameraRegistryService::CallbackService {
 public:
  CameraRegistryRpc(CameraRegistry& registry, BlockingCalls& calls)
      : registry_(registry), calls_(calls) {}

  grpc::ServerUnaryReactor* CreateCamera(grpc::CallbackServerContext* context,
                                         const v1::CreateCameraRequest* request,
                                         v1::CreateCameraResponse* response) override;
  grpc::ServerUnaryReactor* UpdateCamera(grpc::CallbackServerContext* context,
                                         const v1::UpdateCameraRequest* request,
                                         v1::UpdateCameraResponse* response) override;
  grpc::ServerUnaryReactor* DeleteCamera(grpc::CallbackServerContext* context,
                                         const v1::DeleteCameraRequest* request,
                                         v1::DeleteCameraResponse* response) override;
  grpc::ServerUnaryReactor* GetCamera(grpc::CallbackServerContext* context,
                                      const v1::GetCameraRequest* request,
                                      v1::GetCameraResponse* response) override;
  grpc::ServerUnaryReactor* ListCameras(grpc::CallbackServerContext* context,
                                        const v1::ListCamerasRequest* request,
                                        v1::ListCamerasResponse* response) override;
  grpc::ServerUnaryReactor* SyncLeases(grpc::CallbackServerContext* context,
                                       const v1::SyncLeasesRequest* request,
                                       v1::SyncLeasesResponse* response) override;

 private:
  CameraRegistry& registry_;
  BlockingCalls& calls_;
};

}  // namespace aislewatch::events
