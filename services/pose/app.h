// Puts the pose service together.
#pragma once

#include <memory>

#include "common/rpc/service_main.h"
#include "services/pose/config.h"
#include "services/pose/core/object_spotter.h"
#include "services/pose/core/pose_batcher.h"
#include "services/pose/rpc/pose_service.h"

namespace aislewatch::pose {

/// See ServiceApp for who calls what when.
class PoseApp : public ServiceApp {
 public:
  absl::string_view name() const override { return "pose"; }
  absl::string_view description() const override {
    return "Finds the people in cameras' frames and follows them.\n"
           "Example: aislewatch-pose --listen 127.0.0.1:50052 --model-repository build/models";
  }
  void AddFlags(CLI::App& app, ServerOptions& server) override;
  /// Loads the model and runs it in every batch size, so that the first frame finds it warm.
  absl::Status Init(ServerHost& host) override;
  void Drain(absl::Time deadline) override;
  /// Ends the inference threads.
  void Stop() override;

 private:
  /// Loads and warms the object model; nothing where none is asked for.
  absl::Status InitSpotter(ServerHost& host);

  Config config_;
  // Before the batcher, whose last answers look at people.
  std::unique_ptr<ObjectSpotter> spotter_;
  std::unique_ptr<PoseBatcher> batcher_;
  std::unique_ptr<PoseService> service_;
};

}  // namespace aislewatch::pose
