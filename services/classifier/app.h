// Puts the classifier service together.
#pragma once

#include <memory>

#include "common/rpc/service_main.h"
#include "services/classifier/config.h"
#include "services/classifier/core/clip_scorer.h"
#include "services/classifier/rpc/classifier_service.h"

namespace aislewatch::classifier {

class ClassifierApp : public ServiceApp {
 public:
  absl::string_view name() const override { return "classifier"; }
  absl::string_view description() const override {
    return "Tells what tracked people do, from crops of them";
  }
  void AddFlags(CLI::App& app, ServerOptions& server) override;
  /// Loads the model and warms every batch size.
  absl::Status Init(ServerHost& host) override;
  void Drain(absl::Time deadline) override;
  /// Ends the inference thread; streams are over by then.
  void Stop() override;

 private:
  Config config_;
  std::unique_ptr<ClipScorer> scorer_;
  std::unique_ptr<ClassifierService> service_;
};

}  // namespace aislewatch::classifier
