#include "services/pose/adapters/torch_pose_models.h"

#include <utility>

#include <ATen/Parallel.h>

#include "common/base/status.h"
#include "models/pose_model_loader/pose_model_loader.h"

namespace aislewatch::pose {
namespace {

// Sets the number of threads before each call: LibTorch keeps it per calling thread, and which
// thread calls is the batcher's business.
class WithTorchThreads : public PoseModel {
 public:
  WithTorchThreads(std::unique_ptr<PoseModel> model, int threads)
      : model_(std::move(model)), threads_(threads) {}

  absl::StatusOr<std::vector<std::vector<DetectedPerson>>> Detect(
      absl::Span<const cv::Mat> images) override {
    if (at::get_num_threads() != threads_) at::set_num_threads(threads_);
    return model_->Detect(images);
  }
  const ModelInfo& info() const override { return model_->info(); }

 private:
  const std::unique_ptr<PoseModel> model_;
  const int threads_;
};

}  // namespace

absl::StatusOr<std::vector<std::unique_ptr<PoseModel>>> LoadTorchPoseModels(
    const ModelRepository& repository, const TorchPoseModelOptions& options) {
  std::vector<std::unique_ptr<PoseModel>> models;
  for (int i = 0; i < options.copies; ++i) {
    AW_ASSIGN_OR_RETURN(std::unique_ptr<PoseModel> model,
                        LoadPoseModel(repository, options.name,
                                      {.version = options.version, .device = options.device}));
    models.push_back(std::make_unique<WithTorchThreads>(std::move(model), options.torch_threads));
  }
  return models;
}

}  // namespace aislewatch::pose
