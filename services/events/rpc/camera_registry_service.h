// CameraRegistryService over gRPC: converts, calls core, converts back.
//
// Thread-safe. Nothing blocks on gRPC's threads. What is passed must outlive the gRPC server.
#pragma once

#include "aislewatch/v1/cameras.grpc.pb.h"
#include "services/events/core/camera_registry.h"
#include "services/events/core/scoped_stores.h"
#include "services/events/rpc/blocking_calls.h"

namespace aislewatch::events {

class CameraRegistryRpc final : public v1::CameraRegistryService::CallbackService {
 public:
  CameraRegistryRpc(CameraStore& cameras, LeaseStore& leases, BlockingCalls& calls)
      : cameras_(cameras), leases_(leases), calls_(calls) {}

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
  // What `work` does with the registry as the principal sees it.
  template <typename Response, typename Work>
  auto Scoped(Work work) {
    return [this, work](const Principal& principal) -> absl::StatusOr<Response> {
      ScopedCameraStore cameras(cameras_, principal);
      CameraRegistry registry(cameras, leases_);
      return work(registry);
    };
  }

  CameraStore& cameras_;
  LeaseStore& leases_;
  BlockingCalls& calls_;
};

}  // namespace aislewatch::events
