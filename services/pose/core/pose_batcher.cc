#include "services/pose/core/pose_batcher.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "common/base/status.h"

namespace aislewatch::pose {
namespace {

absl::Status WarmUp(PoseModel& model, int max_batch, FrameSize size) {
  const cv::Mat grey(size.height, size.width, CV_8UC3, cv::Scalar::all(114));
  for (int batch = 1; batch <= max_batch; ++batch) {
    const std::vector<cv::Mat> pictures(batch, grey);
    if (const auto people = model.Detect(pictures); !people.ok()) {
      return Annotate(people.status(), absl::StrCat("warming up ", model.info().name, "/",
                                                    model.info().version, " with ", batch,
                                                    " pictures"));
    }
  }
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<std::unique_ptr<PoseBatcher>> StartPoseBatcher(
    const BatchingOptions& options, std::vector<std::unique_ptr<PoseModel>> models,
    FrameSize warm_up, Clock& clock, Metrics& metrics) {
  AW_RETURN_IF_ERROR(CheckBatchingOptions(options));
  if (warm_up.width < 1 || warm_up.height < 1) {
    return absl::InvalidArgumentError("the warm-up picture must have sides of at least 1 pixel");
  }
  std::vector<PoseBatcher::BatchFunction> workers;
  for (std::unique_ptr<PoseModel>& model : models) {
    AW_RETURN_IF_ERROR(WarmUp(*model, options.max_batch, warm_up));
    workers.emplace_back([model = std::move(model)](absl::Span<const cv::Mat> pictures) {
      return model->Detect(pictures);
    });
  }
  return PoseBatcher::Create(options, std::move(workers), clock, metrics);
}

}  // namespace aislewatch::pose
