// How wrong the network is on a sample: every crop's window scored, and the label applied.
#pragma once

#include <torch/types.h>

#include <random>
#include <vector>

#include "models/clip_networks/clip_network.h"
#include "models/clip_training/clip_verdict.h"
#include "models/clip_training/sample.h"

namespace aislewatch::clip_training {

/// One run of the sequence part over crops [begin, end) of a track, from a fresh state. What it
/// says after every `stride`-th of the crops [first, end) counts: each of them ends a window that
/// starts at `begin`.
struct Pass {
  int64_t begin = 0;
  int64_t end = 0;
  int64_t first = 0;
  int64_t stride = 1;
};

/// Passes over a track of `crops` that score every crop once, from the third on (fewer say nothing
/// yet), with at least half a window before it where the track has that. The crops before `skip`,
/// 0..window / 2, are left out where the track is longer than a window, so that training meets
/// windows that begin anywhere.
std::vector<Pass> PlanPasses(int64_t crops, int64_t window, int64_t skip = 0);

/// What the network says after some crops of a track.
struct TrackScores {
  /// Indices of the crops, rising.
  std::vector<int64_t> crops;
  /// `[crops.size(), 7]`.
  torch::Tensor log_probabilities;
};

/// The scores of each track of each view, in their order. `passes`: by view and track. Maps and
/// keypoints go through the network's trainable part once per crop.
std::vector<std::vector<TrackScores>> ScoreViews(
    clip_networks::ClipNetwork& network, torch::Device device,
    const std::vector<const SampleView*>& views,
    const std::vector<std::vector<std::vector<Pass>>>& passes);

/// The same with PlanPasses for every track; `random` draws what is skipped, nothing skips none. A
/// network that is not recurrent judges windows one by one: while `random` is given every eighth,
/// otherwise all.
std::vector<std::vector<TrackScores>> ScoreViews(clip_networks::ClipNetwork& network,
                                                 torch::Device device,
                                                 const std::vector<const SampleView*>& views,
                                                 std::mt19937_64* random);

/// Mean loss of samples with the scores of the view drawn for each; nothing counts where nobody was
/// found. A scalar.
///
///  * A track with targets: cross-entropy of "one of the allowed actions" after every crop.
///  * A clip that is harmless as a whole: the same over all crops, half of it for the worst one,
///    since one false moment is a false alarm.
///  * A clip in which something happens somewhere (multiple-instance learning): over the fifth of
///    its crops that show it best.
torch::Tensor SampleLoss(torch::Device device, const std::vector<const Sample*>& samples,
                         const std::vector<const SampleView*>& views,
                         const std::vector<std::vector<TrackScores>>& scores);

/// Log-odds of `actions` against all others after each of the crops, on the CPU.
std::vector<float> LogOdds(const TrackScores& scores, const ActionSet& actions);

/// The verdict on a sample's first view, as the cluster would come to it: a window of its own after
/// every crop. Without gradients, in evaluation mode.
ClipVerdict JudgeSample(clip_networks::ClipNetwork& network, torch::Device device,
                        const Sample& sample);

}  // namespace aislewatch::clip_training
