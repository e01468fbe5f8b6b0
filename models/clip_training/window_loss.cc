#include "models/clip_training/window_loss.h"

#include <algorithm>

#include "models/cnn_gru/network_classifier.h"

namespace aislewatch::clip_training {
namespace {

constexpr float kForbidden = -1e4f;
constexpr double kHarmlessWorstShare = 0.5;
constexpr double kShownShare = 0.2;
/// What telling concealment from everything else weighs beside telling all actions apart: most of the
/// latter's loss is taking, returning and examining, which look alike and alarm nobody.
constexpr double kConcealmentWeight = 2;

/// `[W, 7]`: 0 where an action is allowed.
torch::Tensor MaskOf(const std::vector<ActionSet>& allowed) {
  torch::Tensor mask = torch::full({static_cast<int64_t>(allowed.size()), kActionCount}, kForbidden);
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

/// What is left of a target when all that matters is whether something is concealed.
ActionSet Coarse(const ActionSet& target) {
  const bool concealing = (target & ConcealingActions()).any();
  const bool other = (target & ~ConcealingActions()).any();
  if (concealing == other) return ActionSet().set();
  return concealing ? ConcealingActions() : ~ConcealingActions();
}

torch::Tensor LabelledTrackLoss(const torch::Tensor& log_probabilities,
                                const std::vector<ActionSet>& targets, const WindowPlan& plan) {
  std::vector<ActionSet> allowed, coarse;
  for (const int64_t end : plan.ends) {
    allowed.push_back(targets[static_cast<size_t>(end)]);
    coarse.push_back(Coarse(allowed.back()));
  }
  return -(Allowed(log_probabilities, allowed).mean() +
           kConcealmentWeight * Allowed(log_probabilities, coarse).mean()) /
         (1 + kConcealmentWeight);
}

torch::Tensor WholeClipLoss(const std::vector<torch::Tensor>& tracks, const ActionSet& actions) {
  const torch::Tensor all = torch::cat(tracks);
  const torch::Tensor loss =
      -Allowed(all, std::vector<ActionSet>(static_cast<size_t>(all.size(0)), actions));
  if (IsHarmless(actions)) {
    return (1 - kHarmlessWorstShare) * loss.mean() + kHarmlessWorstShare * loss.max();
  }
  const auto shown =
      std::max<int64_t>(1, static_cast<int64_t>(kShownShare * static_cast<double>(all.size(0))));
  return std::get<0>(loss.topk(shown, 0, /*largest=*/false)).mean();
}

WindowPlan PlanWindows(int64_t crops, int stride, std::mt19937_64& random) {
  WindowPlan plan;
  // Windows of fewer than three crops say nothing yet.
  const int64_t first = std::min<int64_t>(crops - 1, 2);
  for (int64_t end = first + static_cast<int64_t>(random() % static_cast<uint64_t>(stride));
       end < crops; end += stride) {
    plan.ends.push_back(end);
  }
  if (plan.ends.empty()) plan.ends.push_back(crops - 1);
  return plan;
}

}  // namespace

std::vector<std::vector<torch::Tensor>> ScoreWindows(
    cnn_gru::Network& network, torch::Device device, const std::vector<const SampleView*>& views,
    const std::vector<std::vector<WindowPlan>>& plans) {
  std::vector<torch::Tensor> maps;
  std::vector<torch::Tensor> keypoints;
  for (const SampleView* view : views) {
    for (const TrackMaps& track : view->tracks) {
      maps.push_back(track.maps);
      keypoints.push_back(track.keypoints);
    }
  }
  std::vector<std::vector<torch::Tensor>> result(views.size());
  if (maps.empty()) return result;
  const torch::Tensor features = network->Features(torch::cat(maps).to(device, torch::kFloat32),
                                                   torch::cat(keypoints).to(device));

  const int64_t window = network->options().window;
  std::vector<int64_t> rows;
  std::vector<int64_t> lengths;
  int64_t base = 0;
  for (size_t v = 0; v < views.size(); ++v) {
    for (size_t t = 0; t < views[v]->tracks.size(); ++t) {
      for (const int64_t end : plans[v][t].ends) {
        const int64_t length = std::min(window, end + 1);
        lengths.push_back(length);
        // Rows behind the end are padding, which Classify never looks at; any row will do.
        for (int64_t i = 0; i < window; ++i) {
          rows.push_back(base + end - length + 1 + std::min(i, length - 1));
        }
      }
      base += views[v]->tracks[t].maps.size(0);
    }
  }
  const auto count = static_cast<int64_t>(lengths.size());
  const torch::Tensor windows =
      features.index_select(0, torch::tensor(rows, torch::kInt64).to(device))
          .view({count, window, features.size(1)});
  const torch::Tensor logits =
      network->Classify(windows, torch::tensor(lengths, torch::kInt64).to(device));
  const torch::Tensor log_probabilities = torch::log_softmax(logits, 1);
  int64_t at = 0;
  for (size_t v = 0; v < views.size(); ++v) {
    for (const WindowPlan& plan : plans[v]) {
      const auto size = static_cast<int64_t>(plan.ends.size());
      result[v].push_back(log_probabilities.slice(0, at, at + size));
      at += size;
    }
  }
  return result;
}

torch::Tensor SampleLoss(cnn_gru::Network& network, torch::Device device,
                         const std::vector<const Sample*>& samples,
                         const std::vector<const SampleView*>& views, int stride,
                         std::mt19937_64& random) {
  std::vector<std::vector<WindowPlan>> plans(views.size());
  for (size_t v = 0; v < views.size(); ++v) {
    for (const TrackMaps& track : views[v]->tracks) {
      plans[v].push_back(PlanWindows(track.maps.size(0), stride, random));
    }
  }
  const auto scores = ScoreWindows(network, device, views, plans);
  std::vector<torch::Tensor> losses;
  for (size_t v = 0; v < views.size(); ++v) {
    if (scores[v].empty()) continue;
    if (views[v]->tracks.front().targets.empty()) {
      losses.push_back(WholeClipLoss(scores[v], samples[v]->clip.actions));
      continue;
    }
    std::vector<torch::Tensor> tracks;
    for (size_t t = 0; t < scores[v].size(); ++t) {
      tracks.push_back(LabelledTrackLoss(scores[v][t], views[v]->tracks[t].targets, plans[v][t]));
    }
    losses.push_back(torch::stack(tracks).mean());
  }
  if (losses.empty()) return torch::zeros({}, device).requires_grad_();
  return torch::stack(losses).mean();
}

void ConcealmentByWindow(cnn_gru::Network& network, torch::Device device, const Sample& sample,
                         int stride, std::vector<float>& scores, std::vector<bool>& concealing) {
  const torch::NoGradGuard no_gradients;
  const SampleView& view = sample.views.front();
  std::vector<std::vector<WindowPlan>> plans(1);
  for (const TrackMaps& track : view.tracks) {
    WindowPlan& plan = plans[0].emplace_back();
    for (int64_t end = 0; end < track.maps.size(0); end += stride) plan.ends.push_back(end);
  }
  const auto tracks = ScoreWindows(network, device, {&view}, plans);
  for (size_t t = 0; t < view.tracks.size(); ++t) {
    const std::vector<ActionSet>& targets = view.tracks[t].targets;
    if (targets.empty()) continue;
    const auto actions = cnn_gru::ScoresFromLogits(tracks[0][t]);
    for (size_t w = 0; w < actions.size(); ++w) {
      const ActionSet coarse = Coarse(targets[static_cast<size_t>(plans[0][t].ends[w])]);
      if (coarse.all()) continue;
      scores.push_back(actions[w].shoplifting);
      concealing.push_back(coarse == ConcealingActions());
    }
  }
}

ClipVerdict JudgeSample(cnn_gru::Network& network, torch::Device device, const Sample& sample) {
  const torch::NoGradGuard no_gradients;
  network->eval();
  const SampleView& view = sample.views.front();
  std::vector<std::vector<WindowPlan>> plans(1);
  for (const TrackMaps& track : view.tracks) {
    WindowPlan& plan = plans[0].emplace_back();
    for (int64_t end = 0; end < track.maps.size(0); ++end) plan.ends.push_back(end);
  }
  const auto scores = ScoreWindows(network, device, {&view}, plans);
  ClipVerdict verdict;
  for (size_t t = 0; t < view.tracks.size(); ++t) {
    // Softmax of log-probabilities gives the probabilities back.
    for (const ActionScores& one : cnn_gru::ScoresFromLogits(scores[0][t])) {
      verdict.Push(view.tracks[t].track_id, one);
    }
  }
  return verdict;
}

}  // namespace aislewatch::clip_training
