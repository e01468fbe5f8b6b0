#include "models/clip_training/window_loss.h"

#include <algorithm>

#include "models/clip_networks/network_classifier.h"

namespace aislewatch::clip_training {
namespace {

constexpr float kForbidden = -1e4f;
constexpr double kHarmlessWorstShare = 0.5;
constexpr double kShownShare = 0.2;
/// What telling concealment from everything else weighs beside telling all actions apart: most of
/// the latter's loss is taking, returning and examining, which look alike and alarm nobody.
constexpr double kConcealmentWeight = 2;
/// A window of fewer crops says nothing yet.
constexpr int64_t kFewestSpeaking = 3;
/// Windows that differ by less teach the same; a network that is not recurrent pays for each.
constexpr int64_t kTrainingStride = 8;

/// `[W, 7]`: 0 where an action is allowed.
torch::Tensor MaskOf(const std::vector<ActionSet>& allowed) {
  torch::Tensor mask =
      torch::full({static_cast<int64_t>(allowed.size()), kActionCount}, kForbidden);
  auto cell = mask.accessor<float, 2>();
  for (size_t w = 0; w < allowed.size(); ++w) {
    for (int a = 0; a < kActionCount; ++a) {
      if (allowed[w][a]) cell[static_cast<int64_t>(w)][a] = 0;
    }
  }
  return mask;
}

/// `[W]`: the log-probability that one of the allowed actions holds.
torch::Tensor Allowed(const torch::Tensor& log_probabilities,
                      const std::vector<ActionSet>& allowed) {
  return torch::logsumexp(log_probabilities + MaskOf(allowed).to(log_probabilities.device()), 1);
}

torch::Tensor LabelledTrackLoss(const TrackScores& scores, const std::vector<ActionSet>& targets) {
  std::vector<ActionSet> allowed, coarse;
  for (const int64_t crop : scores.crops) {
    allowed.push_back(targets[static_cast<size_t>(crop)]);
    coarse.push_back(Coarse(allowed.back(), ConcealingActions()));
  }
  return -(Allowed(scores.log_probabilities, allowed).mean() +
           kConcealmentWeight * Allowed(scores.log_probabilities, coarse).mean()) /
         (1 + kConcealmentWeight);
}

torch::Tensor WholeClipLoss(const std::vector<TrackScores>& tracks, const ActionSet& actions) {
  std::vector<torch::Tensor> parts;
  for (const TrackScores& track : tracks) parts.push_back(track.log_probabilities);
  const torch::Tensor all = torch::cat(parts);
  const torch::Tensor loss =
      -Allowed(all, std::vector<ActionSet>(static_cast<size_t>(all.size(0)), actions));
  if (IsHarmless(actions)) {
    return (1 - kHarmlessWorstShare) * loss.mean() + kHarmlessWorstShare * loss.max();
  }
  const auto shown =
      std::max<int64_t>(1, static_cast<int64_t>(kShownShare * static_cast<double>(all.size(0))));
  return std::get<0>(loss.topk(shown, 0, /*largest=*/false)).mean();
}

/// `[N, crop_features]` of all crops of all tracks.
torch::Tensor FeaturesOf(clip_networks::ClipNetwork& network, torch::Device device,
                         const std::vector<const SampleView*>& views) {
  std::vector<torch::Tensor> maps, keypoints;
  std::vector<int64_t> pictured;  // Rows that have a picture.
  int64_t row = 0;
  for (const SampleView* view : views) {
    for (const TrackMaps& track : view->tracks) {
      keypoints.push_back(track.keypoints);
      if (track.maps.defined() && network.options().sees_pictures()) {
        maps.push_back(track.maps);
        for (int64_t i = 0; i < track.crops(); ++i) pictured.push_back(row + i);
      }
      row += track.crops();
    }
  }
  if (row == 0) return {};
  torch::Tensor picture =
      torch::zeros({row, network.picture_size()}, torch::TensorOptions().device(device));
  if (!maps.empty()) {
    picture = picture.index_copy(0, torch::tensor(pictured, torch::kInt64).to(device),
                                 network.Picture(torch::cat(maps).to(device, torch::kFloat32)));
  }
  return network.Features(picture, torch::cat(keypoints).to(device, torch::kFloat32));
}

}  // namespace

std::vector<Pass> PlanPasses(int64_t crops, int64_t window, int64_t skip) {
  const int64_t least = std::min(kFewestSpeaking, crops) - 1;
  if (crops <= window) return {{0, crops, least}};
  std::vector<Pass> passes;
  int64_t first = skip + least;
  for (int64_t begin = skip; first < crops; begin += window / 2) {
    const int64_t end = std::min(begin + window, crops);
    passes.push_back({begin, end, first});
    first = end;
  }
  return passes;
}

std::vector<std::vector<TrackScores>> ScoreViews(
    clip_networks::ClipNetwork& network, torch::Device device,
    const std::vector<const SampleView*>& views,
    const std::vector<std::vector<std::vector<Pass>>>& passes) {
  std::vector<std::vector<TrackScores>> result(views.size());
  const torch::Tensor features = FeaturesOf(network, device, views);
  if (!features.defined()) return result;

  int64_t longest = 0;
  int64_t count = 0;
  for (const auto& tracks : passes) {
    for (const auto& track : tracks) {
      for (const Pass& pass : track) {
        longest = std::max(longest, pass.end - pass.begin);
        ++count;
      }
    }
  }
  // Rows behind a pass's end are padding, whose steps nobody looks at; any row will do.
  std::vector<int64_t> rows;
  // Where the steps that count lie among all steps of all passes.
  std::vector<int64_t> wanted;
  int64_t base = 0;
  int64_t at = 0;
  for (size_t v = 0; v < views.size(); ++v) {
    for (size_t t = 0; t < views[v]->tracks.size(); ++t) {
      TrackScores& scores = result[v].emplace_back();
      for (const Pass& pass : passes[v][t]) {
        for (int64_t i = 0; i < longest; ++i) {
          rows.push_back(base + std::min(pass.begin + i, pass.end - 1));
        }
        for (int64_t crop = pass.first; crop < pass.end; crop += pass.stride) {
          wanted.push_back(at * longest + crop - pass.begin);
          scores.crops.push_back(crop);
        }
        ++at;
      }
      base += views[v]->tracks[t].crops();
    }
  }
  const torch::Tensor sequences =
      features.index_select(0, torch::tensor(rows, torch::kInt64).to(device))
          .view({count, longest, features.size(1)});
  const torch::Tensor logits =
      network.EveryStep(sequences, torch::tensor(wanted, torch::kInt64).to(device));
  const torch::Tensor log_probabilities = torch::log_softmax(logits, 1);
  int64_t from = 0;
  for (auto& tracks : result) {
    for (TrackScores& scores : tracks) {
      const auto size = static_cast<int64_t>(scores.crops.size());
      scores.log_probabilities = log_probabilities.slice(0, from, from + size);
      from += size;
    }
  }
  return result;
}

std::vector<std::vector<TrackScores>> ScoreViews(clip_networks::ClipNetwork& network,
                                                 torch::Device device,
                                                 const std::vector<const SampleView*>& views,
                                                 std::mt19937_64* random) {
  const int64_t window = network.options().window;
  const auto draw = [random](int64_t below) {
    return random == nullptr ? 0 : static_cast<int64_t>((*random)() % static_cast<uint64_t>(below));
  };
  std::vector<std::vector<std::vector<Pass>>> passes(views.size());
  for (size_t v = 0; v < views.size(); ++v) {
    for (const TrackMaps& track : views[v]->tracks) {
      const int64_t crops = track.crops();
      if (network.is_recurrent()) {
        passes[v].push_back(PlanPasses(crops, window, draw(window / 2 + 1)));
      } else {
        const int64_t stride = random == nullptr ? 1 : kTrainingStride;
        const int64_t first = std::min(kFewestSpeaking - 1 + draw(stride), crops - 1);
        passes[v].push_back({{0, crops, first, stride}});
      }
    }
  }
  return ScoreViews(network, device, views, passes);
}

torch::Tensor SampleLoss(torch::Device device, const std::vector<const Sample*>& samples,
                         const std::vector<const SampleView*>& views,
                         const std::vector<std::vector<TrackScores>>& scores) {
  std::vector<torch::Tensor> losses;
  for (size_t v = 0; v < views.size(); ++v) {
    if (scores[v].empty()) continue;
    if (views[v]->tracks.front().targets.empty()) {
      losses.push_back(WholeClipLoss(scores[v], samples[v]->clip.actions));
      continue;
    }
    std::vector<torch::Tensor> tracks;
    for (size_t t = 0; t < scores[v].size(); ++t) {
      tracks.push_back(LabelledTrackLoss(scores[v][t], views[v]->tracks[t].targets));
    }
    losses.push_back(torch::stack(tracks).mean());
  }
  if (losses.empty()) return torch::zeros({}, device).requires_grad_();
  return torch::stack(losses).mean();
}

std::vector<float> LogOdds(const TrackScores& scores, const ActionSet& actions) {
  const torch::Tensor log_p = scores.log_probabilities.detach().to(torch::kCPU, torch::kFloat32);
  std::vector<int64_t> asked, other;
  for (int a = 0; a < kActionCount; ++a) (actions[a] ? asked : other).push_back(a);
  const torch::Tensor odds = (torch::logsumexp(log_p.index_select(1, torch::tensor(asked)), 1) -
                              torch::logsumexp(log_p.index_select(1, torch::tensor(other)), 1))
                                 .contiguous();
  return {odds.data_ptr<float>(), odds.data_ptr<float>() + odds.numel()};
}

ClipVerdict JudgeSample(clip_networks::ClipNetwork& network, torch::Device device,
                        const Sample& sample) {
  const torch::NoGradGuard no_gradients;
  network.eval();
  const SampleView& view = sample.views.front();
  const int64_t window = network.options().window;
  std::vector<std::vector<std::vector<Pass>>> passes(1);
  for (const TrackMaps& track : view.tracks) {
    std::vector<Pass>& own = passes[0].emplace_back();
    if (!network.is_recurrent()) {
      own.push_back({0, track.crops(), 0});
      continue;
    }
    for (int64_t crop = 0; crop < track.crops(); ++crop) {
      own.push_back({std::max<int64_t>(0, crop + 1 - window), crop + 1, crop});
    }
  }
  const auto scores = ScoreViews(network, device, {&view}, passes);
  ClipVerdict verdict;
  for (size_t t = 0; t < view.tracks.size(); ++t) {
    // Softmax of log-probabilities gives the probabilities back.
    for (const ActionScores& one :
         clip_networks::ScoresFromLogits(scores[0][t].log_probabilities)) {
      verdict.Push(view.tracks[t].track_id, one);
    }
  }
  return verdict;
}

}  // namespace aislewatch::clip_training
