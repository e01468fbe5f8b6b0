// What a RetinaNet's training minimises.
//
// Includes LibTorch. Pure functions.
#pragma once

#include <torch/types.h>

namespace aislewatch::retinanet {

/// As published, arXiv 1708.02002, table 1b.
inline constexpr double kFocalAlpha = 0.25;
inline constexpr double kFocalGamma = 2;
/// Where a box code's loss turns from a parabola into a line.
inline constexpr double kSmoothL1Beta = 1.0 / 9;

/// Focal loss: cross entropy of each (anchor, class), times (1 - p)^gamma and alpha where the thing
/// is there, p^gamma and 1 - alpha where it is not; so the many easy anchors weigh little.
/// `logits`: `[A, classes]`; `targets`: `[A]` int64, a class, kBackground or kIgnored, whose
/// anchors count nothing. Returns the sum, a scalar; the caller divides by the number of anchors
/// with a thing.
torch::Tensor FocalLoss(const torch::Tensor& logits, const torch::Tensor& targets);

/// Smooth L1 (Girshick 2015, arXiv 1504.08083): |d| - beta / 2 above beta, d² / (2 beta) below.
/// `codes` and `wanted`: `[B, 4]`. Returns the sum.
torch::Tensor BoxLoss(const torch::Tensor& codes, const torch::Tensor& wanted);

}  // namespace aislewatch::retinanet
