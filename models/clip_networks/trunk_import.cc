#include "models/clip_networks/trunk_import.h"

#include <string>

#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "common/base/status.h"
#include "common/inference/torch_guard.h"
#include "common/inference/torch_tensors.h"

namespace aislewatch::clip_networks {

absl::Status ImportTrunk(const SafetensorsFile& movenet, Trunk& trunk) {
  return CatchTorch("importing the trunk", [&]() -> absl::Status {
    const torch::NoGradGuard no_gradients;
    for (auto& parameter : trunk->named_parameters()) {
      // blocks.N.project.weight here, blockN.project.weight there.
      std::string name = parameter.key();
      if (absl::string_view rest = name; absl::ConsumePrefix(&rest, "blocks.")) {
        name = absl::StrCat("block", rest);
      }
      const TensorView* view = movenet.Find(name);
      if (view == nullptr) {
        return absl::InvalidArgumentError(
            absl::StrCat("the pose model's weights have no tensor ", name));
      }
      AW_ASSIGN_OR_RETURN(const torch::Tensor tensor, ToTensor(*view));
      if (tensor.sizes() != parameter.value().sizes()) {
        return absl::InvalidArgumentError(absl::StrCat("the pose model's ", name, " is ",
                                                       ShapeText(view->shape),
                                                       ", which the trunk's options do not fit"));
      }
      parameter.value().copy_(tensor);
    }
    return absl::OkStatus();
  });
}

absl::Status ImportTrunk(const ModelRepository& repository, const std::string& pose_model,
                         Trunk& trunk) {
  auto found = repository.Find(pose_model);
  if (!found.ok()) {
    return Annotate(found.status(),
                    "the trunk comes from a pose model, which scripts/fetch-models puts there");
  }
  AW_ASSIGN_OR_RETURN(const SafetensorsFile weights, SafetensorsFile::Open(found->weights_path));
  return ImportTrunk(weights, trunk);
}

}  // namespace aislewatch::clip_networks
