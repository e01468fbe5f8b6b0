// How wrong the network is on a sample: every window of a clip scored, and the label applied.
#pragma once

#include <random>
#include <vector>

#include <torch/torch.h>

#include "models/clip_training/clip_verdict.h"
#include "models/clip_training/sample.h"
#include "models/cnn_gru/network.h"

namespace aislewatch::clip_training {

/// The windows of one track that end at `ends` (indices of crops).
struct WindowPlan {
  std::vector<int64_t> ends;
};

/// Log-probabilities `[W, 7]` of the windows of each track of `views`, in their order. `maps` go
/// through the network's trainable part once per crop.
std::vector<std::vector<torch::Tensor>> ScoreWindows(
    cnn_gru::Network& network, torch::Device device, const std::vector<const SampleView*>& views,
    const std::vector<std::vector<WindowPlan>>& plans);

/// Mean loss of the samples, each with the view drawn for it.
///
///  * A track with targets: cross-entropy of "one of the allowed actions" after every window.
///  * A clip that is harmless as a whole: the same over all windows, half of it for the worst one,
///    since one false moment is a false alarm.
///  * A clip in which something happens somewhere (multiple-instance learning): over the fifth of
///    its windows that show it best.
///
/// `stride`: every how many crops a window ends.
torch::Tensor SampleLoss(cnn_gru::Network& network, torch::Device device,
                         const std::vector<const Sample*>& samples,
                         const std::vector<const SampleView*>& views, int stride,
                         std::mt19937_64& random);

/// Adds what the network says of concealment after every `stride`-th crop of a sample whose crops are
/// labelled, 0..1, and whether somebody really was concealing something then. Windows of which both
/// or neither may be said are left out.
void ConcealmentByWindow(cnn_gru::Network& network, torch::Device device, const Sample& sample,
                         int stride, std::vector<float>& scores, std::vector<bool>& concealing);


/// The verdict on a sample's first view, as the cluster would come to it: a window after every
/// crop. Without gradients, in evaluation mode.
ClipVerdict JudgeSample(cnn_gru::Network& network, torch::Device device, const Sample& sample);

}  // namespace aislewatch::clip_training
