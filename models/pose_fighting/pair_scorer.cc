#include "models/pose_fighting/pair_scorer.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/base/status.h"
#include "common/inference/safetensors.h"
#include "models/pose_fighting/pair_features.h"
#include "models/pose_fighting/pair_follower.h"

namespace aislewatch {
namespace pose_fighting {
namespace {

float Probability(float log_odds) { return 1 / (1 + std::exp(-log_odds)); }

class PairTracks : public FightingTracks {
 public:
  explicit PairTracks(std::shared_ptr<const Logistic> model) : model_(std::move(model)) {}

  std::vector<std::optional<FightingEvidence>> Push(const PosedFrame& frame) override {
    const FramePairs pairs = follower_.Push(frame);
    std::vector<std::optional<FightingEvidence>> evidence(pairs.company.size());
    for (const Encounter& encounter : pairs.encounters) {
      const float p = Probability(model_->LogOdds(encounter.values));
      for (const size_t i : {encounter.first, encounter.second}) {
        evidence[i] = {evidence[i] ? std::max(evidence[i]->probability, p) : p, false};
      }
    }
    for (size_t i = 0; i < evidence.size(); ++i) {
      if (pairs.company[i] == Company::kAlone) evidence[i] = {0, true};
      if (pairs.company[i] == Company::kMerged) {
        evidence[i] = {Probability(model_->LogOdds(pairs.one_of_two[i])), false};
      }
    }
    return evidence;
  }

 private:
  const std::shared_ptr<const Logistic> model_;
  PairFollower follower_;
};

class PairScorer : public FightingScorer {
 public:
  PairScorer(Logistic model, ModelInfo info)
      : model_(std::make_shared<const Logistic>(std::move(model))), info_(std::move(info)) {}

  std::unique_ptr<FightingTracks> NewTracks() const override {
    return std::make_unique<PairTracks>(model_);
  }
  const ModelInfo& info() const override { return info_; }

 private:
  const std::shared_ptr<const Logistic> model_;
  const ModelInfo info_;
};

absl::StatusOr<std::vector<float>> TakeVector(const SafetensorsFile& file, absl::string_view name,
                                              size_t count) {
  const TensorView* view = file.Find(name);
  const std::vector<int64_t> shape = {static_cast<int64_t>(count)};
  if (view == nullptr || view->dtype != DType::kF32 || view->shape != shape) {
    return absl::InvalidArgumentError(absl::StrCat("tensor '", name, "' is missing or not F32 of ",
                                                   count, " numbers; train the model anew"));
  }
  std::vector<float> values(count);
  std::memcpy(values.data(), view->data.data(), count * sizeof(float));
  return values;
}

absl::StatusOr<Logistic> ReadLogistic(const std::string& path) {
  AW_ASSIGN_OR_RETURN(const SafetensorsFile file, SafetensorsFile::Open(path));
  Logistic model;
  AW_ASSIGN_OR_RETURN(model.mean, TakeVector(file, "mean", kPairFeatureCount));
  AW_ASSIGN_OR_RETURN(model.deviation, TakeVector(file, "deviation", kPairFeatureCount));
  AW_ASSIGN_OR_RETURN(model.weight, TakeVector(file, "weight", kPairFeatureCount));
  AW_ASSIGN_OR_RETURN(const std::vector<float> bias, TakeVector(file, "bias", 1));
  model.bias = bias[0];
  AW_RETURN_IF_ERROR(model.Validate());
  return model;
}

}  // namespace

std::unique_ptr<FightingScorer> NewPairScorer(Logistic model, ModelInfo info) {
  return std::make_unique<PairScorer>(std::move(model), std::move(info));
}

absl::Status SaveLogistic(const Logistic& model, const std::string& folder) {
  const std::vector<float> bias = {model.bias};
  std::vector<TensorView> tensors;
  for (const auto& [name, values] :
       {std::pair("mean", &model.mean), std::pair("deviation", &model.deviation),
        std::pair("weight", &model.weight), std::pair("bias", &bias)}) {
    tensors.push_back({name,
                       DType::kF32,
                       {static_cast<int64_t>(values->size())},
                       absl::MakeConstSpan(reinterpret_cast<const uint8_t*>(values->data()),
                                           values->size() * sizeof(float))});
  }
  return WriteSafetensors(folder + "/weights.safetensors", tensors);
}

}  // namespace pose_fighting

absl::StatusOr<std::unique_ptr<FightingScorer>> LoadFightingScorer(
    const ModelRepository& repository, absl::string_view name, absl::string_view version) {
  AW_ASSIGN_OR_RETURN(const ModelFiles files, repository.Find(name, version));
  const ModelManifest& manifest = files.manifest;
  if (manifest.role != ModelRole::kFighting || manifest.backend != ModelBackend::kNative ||
      manifest.architecture != pose_fighting::kArchitecture) {
    return absl::InvalidArgumentError(absl::StrCat(
        files.folder, ": is no native model of the role fighting and the architecture ",
        pose_fighting::kArchitecture, " but ", ModelRoleName(manifest.role), " by ",
        ModelBackendName(manifest.backend), " ", manifest.architecture));
  }
  absl::StatusOr<pose_fighting::Logistic> model = pose_fighting::ReadLogistic(files.weights_path);
  if (!model.ok()) return Annotate(model.status(), files.weights_path);
  return pose_fighting::NewPairScorer(*std::move(model), manifest.info);
}

}  // namespace aislewatch
