#include "models/pose_anomaly/posture/posture_weights.h"

#include <cstring>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/base/status.h"
#include "common/inference/safetensors.h"

namespace aislewatch::pose_anomaly {
namespace {

TensorView View(std::string name, std::vector<int64_t> shape, const std::vector<float>& values) {
  return {std::move(name), DType::kF32, std::move(shape),
          absl::MakeConstSpan(reinterpret_cast<const uint8_t*>(values.data()),
                              values.size() * sizeof(float))};
}

// Takes tensors out of a file by name; the first fault remains.
class TensorReader {
 public:
  explicit TensorReader(const SafetensorsFile& file) : file_(file) {}

  // The values of the tensor `name`, which must have as many sides as `shape` has entries; those
  // that are 0 are set to what the file has, the others must be the same.
  std::vector<float> Take(absl::string_view name, std::vector<int64_t*> shape) {
    const TensorView* view = file_.Find(name);
    if (view == nullptr) return Fault(name, "is missing");
    if (view->dtype != DType::kF32) return Fault(name, "is not F32");
    if (view->shape.size() != shape.size()) return Wrong(*view);
    for (size_t i = 0; i < shape.size(); ++i) {
      if (*shape[i] == 0) *shape[i] = view->shape[i];
      if (*shape[i] != view->shape[i] || *shape[i] > kMostPerSide) return Wrong(*view);
    }
    std::vector<float> values(view->data.size() / sizeof(float));
    if (!values.empty()) std::memcpy(values.data(), view->data.data(), view->data.size());
    return values;
  }

  const absl::Status& status() const { return status_; }

 private:
  // Far above any real model, far below what overflows an int.
  static constexpr int64_t kMostPerSide = 1 << 20;

  std::vector<float> Wrong(const TensorView& view) {
    return Fault(view.name, absl::StrCat("has the shape ", ShapeText(view.shape),
                                         ", which does not fit the other tensors"));
  }
  std::vector<float> Fault(absl::string_view name, absl::string_view what) {
    if (status_.ok()) {
      status_ = absl::InvalidArgumentError(absl::StrCat("tensor '", name, "' ", what));
    }
    return {};
  }

  const SafetensorsFile& file_;
  absl::Status status_;
};

absl::StatusOr<FittedPosture> Read(const SafetensorsFile& file) {
  TensorReader reader(file);
  int64_t numbers = 2 * kJointCount, components = 0, gaussians = 0, quantiles = 0;
  int64_t features = kConcealmentFeatureCount;
  PoseDensity density;
  density.projection.mean = reader.Take("projection.mean", {&numbers});
  density.projection.directions = reader.Take("projection.directions", {&components, &numbers});
  density.mixture.weights = reader.Take("mixture.weights", {&gaussians});
  density.mixture.means = reader.Take("mixture.means", {&gaussians, &components});
  density.mixture.precision_factors =
      reader.Take("mixture.precision_factors", {&gaussians, &components, &components});
  const std::vector<float> rarity = reader.Take("rarity.quantiles", {&quantiles});
  const std::vector<float> concealment =
      reader.Take("concealment.quantiles", {&features, &quantiles});
  const std::vector<float> calibration = reader.Take("calibration.quantiles", {&quantiles});
  AW_RETURN_IF_ERROR(reader.status());

  density.projection.dimensions = static_cast<int>(numbers);
  density.projection.components = density.mixture.dimensions = static_cast<int>(components);
  density.mixture.components = static_cast<int>(gaussians);
  AW_ASSIGN_OR_RETURN(EmpiricalDistribution rarities, EmpiricalDistribution::FromQuantiles(rarity));
  AW_ASSIGN_OR_RETURN(EmpiricalDistribution scores,
                      EmpiricalDistribution::FromQuantiles(calibration));
  PostureModel model{std::move(density), std::move(rarities), {}};
  for (int64_t f = 0; f < features; ++f) {
    const auto first = concealment.begin() + f * quantiles;
    AW_ASSIGN_OR_RETURN(EmpiricalDistribution feature,
                        EmpiricalDistribution::FromQuantiles({first, first + quantiles}));
    model.concealment.push_back(std::move(feature));
  }
  AW_RETURN_IF_ERROR(model.Validate());
  return FittedPosture{std::move(model), std::move(scores)};
}

}  // namespace

absl::Status SavePosture(const FittedPosture& fitted, const std::string& folder) {
  const PrincipalComponents& projection = fitted.model.density.projection;
  const GaussianMixture& mixture = fitted.model.density.mixture;
  const int64_t quantiles = EmpiricalDistribution::kQuantiles;
  std::vector<float> concealment;
  for (const EmpiricalDistribution& d : fitted.model.concealment) {
    concealment.insert(concealment.end(), d.quantiles().begin(), d.quantiles().end());
  }
  const std::vector<TensorView> tensors = {
      View("projection.mean", {projection.dimensions}, projection.mean),
      View("projection.directions", {projection.components, projection.dimensions},
           projection.directions),
      View("mixture.weights", {mixture.components}, mixture.weights),
      View("mixture.means", {mixture.components, mixture.dimensions}, mixture.means),
      View("mixture.precision_factors",
           {mixture.components, mixture.dimensions, mixture.dimensions}, mixture.precision_factors),
      View("rarity.quantiles", {quantiles}, fitted.model.rarity.quantiles()),
      View("concealment.quantiles", {kConcealmentFeatureCount, quantiles}, concealment),
      View("calibration.quantiles", {quantiles}, fitted.calibration.quantiles())};
  return WriteSafetensors(folder + "/weights.safetensors", tensors);
}

absl::StatusOr<std::unique_ptr<PoseAnomalyScorer>> LoadPosture(const ModelFiles& files) {
  AW_ASSIGN_OR_RETURN(const SafetensorsFile file, SafetensorsFile::Open(files.weights_path));
  absl::StatusOr<FittedPosture> fitted = Read(file);
  if (!fitted.ok()) return Annotate(fitted.status(), files.weights_path);
  return NewPostureScorer(std::move(fitted->model), std::move(fitted->calibration),
                          files.manifest.info);
}

}  // namespace aislewatch::pose_anomaly
