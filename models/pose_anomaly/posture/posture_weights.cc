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

  // How many sides the tensor has, or 0 where it is missing.
  size_t Sides(absl::string_view name) const {
    const TensorView* view = file_.Find(name);
    return view == nullptr ? 0 : view->shape.size();
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

// The part of `values` that is the `index`-th of `count` equal ones.
std::vector<float> Part(const std::vector<float>& values, int64_t index, int64_t count) {
  const auto size = static_cast<int64_t>(values.size()) / count;
  const auto first = values.begin() + index * size;
  return {first, first + size};
}

// Sets the densities and returns how many quantiles a distribution has.
absl::StatusOr<int64_t> ReadDensities(TensorReader& reader, int64_t components,
                                      PostureModel& model) {
  int64_t count = 0, gaussians = 0, quantiles = 0;
  // The first version's file has one density, without a side for their number.
  const bool single = reader.Sides("mixture.weights") == 1;
  const auto take = [&](absl::string_view name, std::vector<int64_t*> shape) {
    if (!single) shape.insert(shape.begin(), &count);
    return reader.Take(name, std::move(shape));
  };
  const std::vector<float> weights = take("mixture.weights", {&gaussians});
  const std::vector<float> means = take("mixture.means", {&gaussians, &components});
  const std::vector<float> factors =
      take("mixture.precision_factors", {&gaussians, &components, &components});
  const std::vector<float> rarity = take("rarity.quantiles", {&quantiles});
  AW_RETURN_IF_ERROR(reader.status());
  if (single) count = 1;
  for (int64_t i = 0; i < count; ++i) {
    GaussianMixture mixture{static_cast<int>(components), static_cast<int>(gaussians),
                            Part(weights, i, count), Part(means, i, count),
                            Part(factors, i, count)};
    AW_ASSIGN_OR_RETURN(EmpiricalDistribution rarities,
                        EmpiricalDistribution::FromQuantiles(Part(rarity, i, count)));
    AW_ASSIGN_OR_RETURN(PoseDensity density,
                        PoseDensity::Of(std::move(mixture), std::move(rarities)));
    model.densities.push_back(std::move(density));
  }
  return quantiles;
}

absl::StatusOr<FittedPosture> Read(const SafetensorsFile& file) {
  TensorReader reader(file);
  int64_t numbers = 2 * kJointCount, components = 0, features = kConcealmentFeatureCount;
  PostureModel model;
  model.projection.mean = reader.Take("projection.mean", {&numbers});
  model.projection.directions = reader.Take("projection.directions", {&components, &numbers});
  model.projection.dimensions = static_cast<int>(numbers);
  model.projection.components = static_cast<int>(components);
  AW_ASSIGN_OR_RETURN(int64_t quantiles, ReadDensities(reader, components, model));
  const std::vector<float> concealment =
      reader.Take("concealment.quantiles", {&features, &quantiles});
  const std::vector<float> calibration = reader.Take("calibration.quantiles", {&quantiles});
  AW_RETURN_IF_ERROR(reader.status());
  AW_ASSIGN_OR_RETURN(EmpiricalDistribution scores,
                      EmpiricalDistribution::FromQuantiles(calibration));
  for (int64_t f = 0; f < features; ++f) {
    AW_ASSIGN_OR_RETURN(EmpiricalDistribution feature,
                        EmpiricalDistribution::FromQuantiles(Part(concealment, f, features)));
    model.concealment.push_back(std::move(feature));
  }
  AW_RETURN_IF_ERROR(model.Validate());
  return FittedPosture{std::move(model), std::move(scores)};
}

void Append(std::vector<float>& all, const std::vector<float>& values) {
  all.insert(all.end(), values.begin(), values.end());
}

}  // namespace

absl::Status SavePosture(const FittedPosture& fitted, const std::string& folder) {
  const PostureModel& model = fitted.model;
  AW_RETURN_IF_ERROR(model.Validate());
  std::vector<float> weights, means, factors, rarity, concealment;
  for (const PoseDensity& density : model.densities) {
    Append(weights, density.mixture.weights);
    Append(means, density.mixture.means);
    Append(factors, density.mixture.precision_factors);
    Append(rarity, density.rarity.quantiles());
  }
  for (const EmpiricalDistribution& d : model.concealment) Append(concealment, d.quantiles());
  const int64_t quantiles = EmpiricalDistribution::kQuantiles;
  const auto n = static_cast<int64_t>(model.densities.size());
  const int64_t k = model.densities.front().mixture.components;
  const int64_t c = model.projection.components;
  const std::vector<TensorView> tensors = {
      View("projection.mean", {model.projection.dimensions}, model.projection.mean),
      View("projection.directions", {c, model.projection.dimensions}, model.projection.directions),
      View("mixture.weights", {n, k}, weights),
      View("mixture.means", {n, k, c}, means),
      View("mixture.precision_factors", {n, k, c, c}, factors),
      View("rarity.quantiles", {n, quantiles}, rarity),
      View("concealment.quantiles", {kConcealmentFeatureCount, quantiles}, concealment),
      View("calibration.quantiles", {quantiles}, fitted.calibration.quantiles())};
  return WriteSafetensors(folder + "/weights.safetensors", tensors);
}

absl::StatusOr<std::unique_ptr<PoseAnomalyScorer>> LoadPosture(const ModelFiles& files,
                                                               const ScoringOptions& scoring) {
  AW_ASSIGN_OR_RETURN(const SafetensorsFile file, SafetensorsFile::Open(files.weights_path));
  absl::StatusOr<FittedPosture> fitted = Read(file);
  if (!fitted.ok()) return Annotate(fitted.status(), files.weights_path);
  return NewPostureScorer(std::move(fitted->model), std::move(fitted->calibration),
                          files.manifest.info, scoring);
}

}  // namespace aislewatch::pose_anomaly
