#include "models/pose_anomaly/stg_nf/stg_nf_weights.h"

#include <set>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/base/status.h"
#include "common/inference/torch_guard.h"
#include "common/inference/torch_tensors.h"
#include "models/pose_anomaly/stg_nf/fit_stg_nf.h"
#include "models/pose_anomaly/stg_nf/stg_nf_scorer.h"

namespace aislewatch::pose_anomaly {
namespace {

constexpr char kWindow[] = "window";
constexpr char kFlowSteps[] = "flow_steps";
constexpr char kPriorMean[] = "prior_mean";

// What a file holds: the flow and its calibration.
struct Weights : torch::nn::Module {
  explicit Weights(StgNf the_flow) : flow(register_module("flow", std::move(the_flow))) {
    quantiles =
        register_buffer("calibration_quantiles", torch::zeros({EmpiricalDistribution::kQuantiles}));
  }

  StgNf flow;
  torch::Tensor quantiles;
};

absl::StatusOr<StgNfOptions> ReadOptions(const nlohmann::json& json) {
  const std::set<std::string> known = {kWindow, kFlowSteps, kPriorMean};
  for (const auto& [key, value] : json.items()) {
    if (known.count(key) == 0 || !value.is_number()) {
      return absl::InvalidArgumentError(absl::StrCat(
          "options.", key, ": STG-NF takes the numbers window, flow_steps and prior_mean"));
    }
  }
  StgNfOptions options;
  options.window = json.value(kWindow, options.window);
  options.flow_steps = json.value(kFlowSteps, options.flow_steps);
  options.prior_mean = json.value(kPriorMean, options.prior_mean);
  AW_RETURN_IF_ERROR(CheckStgNfOptions(options));
  return options;
}

absl::StatusOr<std::unique_ptr<PoseAnomalyScorer>> Load(const ModelFiles& files,
                                                        const ScoringOptions& scoring) {
  AW_ASSIGN_OR_RETURN(const StgNfOptions options, ReadOptions(files.manifest.options));
  AW_ASSIGN_OR_RETURN(const SafetensorsFile file, SafetensorsFile::Open(files.weights_path));
  Weights weights{StgNf(options)};
  AW_RETURN_IF_ERROR(LoadParameters(file, weights));
  weights.eval();
  const float* first = weights.quantiles.data_ptr<float>();
  AW_ASSIGN_OR_RETURN(
      EmpiricalDistribution calibration,
      EmpiricalDistribution::FromQuantiles({first, first + weights.quantiles.numel()}));
  return NewStgNfScorer(weights.flow, std::move(calibration), files.manifest.info, scoring);
}

}  // namespace

nlohmann::json StgNfManifestOptions(const StgNfOptions& options) {
  return {{kWindow, options.window},
          {kFlowSteps, options.flow_steps},
          {kPriorMean, options.prior_mean}};
}

absl::Status SaveStgNf(const FittedStgNf& fitted, const std::string& folder) {
  return CatchTorch("saving STG-NF", [&] {
    Weights weights(fitted.flow);
    weights.quantiles.copy_(torch::tensor(fitted.calibration.quantiles()));
    return SaveParameters(folder + "/weights.safetensors", weights);
  });
}

absl::StatusOr<std::unique_ptr<PoseAnomalyScorer>> LoadStgNf(const ModelFiles& files,
                                                             const ScoringOptions& scoring) {
  absl::StatusOr<std::unique_ptr<PoseAnomalyScorer>> scorer =
      CatchTorch("loading STG-NF", [&] { return Load(files, scoring); });
  if (!scorer.ok()) return Annotate(scorer.status(), files.folder);
  return scorer;
}

}  // namespace aislewatch::pose_anomaly
