// Puts the classifier service together.
#pragma once

#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "common/inference/model_watch.h"
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
  absl::StatusOr<std::shared_ptr<ClipScorer>> LoadScorer(const std::string& name,
                                                         const std::string& version,
                                                         Metrics& metrics) const;

  Config config_;
  std::unique_ptr<ClassifierService> service_;
  std::unique_ptr<ModelWatch> watch_;
};

}  // namespace aislewatch::classifier
