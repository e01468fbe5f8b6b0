// Puts the pose service together.
#pragma once

#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "common/inference/model_watch.h"
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
  /// Loads a model and runs it in every batch size.
  absl::StatusOr<std::shared_ptr<PoseEngine>> LoadEngine(const std::string& name,
                                                         const std::string& version,
                                                         Metrics& metrics) const;
  /// Loads and warms an object model.
  absl::StatusOr<std::shared_ptr<ObjectSpotter>> LoadSpotter(const std::string& name,
                                                             const std::string& version,
                                                             Metrics& metrics) const;

  Config config_;
  std::unique_ptr<PoseService> service_;
  std::unique_ptr<ModelWatch> watch_;
};

}  // namespace aislewatch::pose
