#include "models/retinanet/losses.h"

#include "models/retinanet/anchors.h"

namespace aislewatch::retinanet {

torch::Tensor FocalLoss(const torch::Tensor& logits, const torch::Tensor& targets) {
  const torch::Tensor counted = targets.ne(kIgnored).nonzero().squeeze(1);
  const torch::Tensor x = logits.index_select(0, counted);
  const torch::Tensor classes = torch::arange(x.size(1), targets.options());
  const torch::Tensor there =
      targets.index_select(0, counted).unsqueeze(1).eq(classes.unsqueeze(0)).to(x.scalar_type());
  // log p and log (1 - p) without overflow: -log(1 + e^-|x|) and x's sign say both.
  const torch::Tensor cross_entropy =
      x.clamp_min(0) - x * there + torch::log1p(torch::exp(-x.abs()));
  const torch::Tensor p = torch::sigmoid(x);
  const torch::Tensor wrong = p + there - 2 * p * there;  // 1 - p where it is there, else p
  const torch::Tensor alpha = there * (2 * kFocalAlpha - 1) + (1 - kFocalAlpha);
  return (alpha * wrong.pow(kFocalGamma) * cross_entropy).sum();
}

torch::Tensor BoxLoss(const torch::Tensor& codes, const torch::Tensor& wanted) {
  const torch::Tensor distance = (codes - wanted).abs();
  return torch::where(distance < kSmoothL1Beta, distance * distance / (2 * kSmoothL1Beta),
                      distance - kSmoothL1Beta / 2)
      .sum();
}

}  // namespace aislewatch::retinanet
