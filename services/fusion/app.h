// Puts the fusion service together.
#pragma once

#include <memory>

#include "common/inference/model_watch.h"
#include "common/rpc/service_main.h"
#include "services/fusion/config.h"
#include "services/fusion/rpc/fusion_service.h"

namespace aislewatch::fusion {

class FusionApp : public ServiceApp {
 public:
  absl::string_view name() const override { return "fusion"; }
  absl::string_view description() const override {
    return "Fuses poses, clip scores, zones and time into incidents";
  }
  void AddFlags(CLI::App& app, ServerOptions& server) override;
  /// Reads the rules and loads the models of pose anomaly and of fighting.
  absl::Status Init(ServerHost& host) override;
  void Drain(absl::Time deadline) override;
  void Stop() override;

 private:
  Config config_;
  std::unique_ptr<FusionService> service_;
  std::unique_ptr<ModelWatch> watch_;
};

}  // namespace aislewatch::fusion
