#include "models/pose_fighting/logistic.h"

#include <algorithm>
#include <cmath>
#include <map>

#include "absl/strings/str_cat.h"

namespace aislewatch::pose_fighting {
namespace {

constexpr float kMostDeviations = 4;
constexpr int kSteps = 3000;
constexpr double kRidge = 1;

bool IsFinite(float value) { return std::isfinite(value); }

float Standardised(const Logistic& model, size_t f, float value) {
  if (!IsFinite(value)) return 0;
  return std::clamp((value - model.mean[f]) / model.deviation[f], -kMostDeviations,
                    kMostDeviations);
}

// Of every example; both classes' sum to half of the number of clips, and so do a class's clips.
std::vector<double> WeightsOf(const std::vector<Example>& examples) {
  std::map<size_t, double> in_clip;
  for (const Example& example : examples) ++in_clip[example.clip];
  double sum[2] = {0, 0};
  for (const Example& example : examples) sum[example.positive] += 1 / in_clip[example.clip];
  const double half = static_cast<double>(in_clip.size()) / 2;
  std::vector<double> weights;
  for (const Example& example : examples) {
    weights.push_back(half / in_clip[example.clip] / sum[example.positive]);
  }
  return weights;
}

// Means and deviations of what is known.
void Standardise(const std::vector<Example>& examples, const std::vector<double>& weights,
                 Logistic& model) {
  for (size_t f = 0; f < model.weight.size(); ++f) {
    double total = 0, sum = 0, squares = 0;
    for (size_t i = 0; i < examples.size(); ++i) {
      const float value = examples[i].values[f];
      if (!IsFinite(value)) continue;
      total += weights[i];
      sum += weights[i] * value;
      squares += weights[i] * value * value;
    }
    const double mean = total > 0 ? sum / total : 0;
    const double variance = total > 0 ? squares / total - mean * mean : 0;
    model.mean[f] = static_cast<float>(mean);
    // What never varies tells nothing, whatever it is divided by.
    model.deviation[f] = variance > 1e-12 ? static_cast<float>(std::sqrt(variance)) : 1.0f;
  }
}

}  // namespace

float Logistic::LogOdds(absl::Span<const float> values) const {
  float sum = bias;
  for (size_t f = 0; f < weight.size(); ++f) sum += weight[f] * Standardised(*this, f, values[f]);
  return sum;
}

absl::Status Logistic::Validate() const {
  const size_t count = weight.size();
  bool valid = mean.size() == count && deviation.size() == count && IsFinite(bias);
  for (const std::vector<float>* values : {&mean, &deviation, &weight}) {
    valid = valid && std::all_of(values->begin(), values->end(), IsFinite);
  }
  valid = valid && std::all_of(deviation.begin(), deviation.end(), [](float d) { return d > 0; });
  if (valid) return absl::OkStatus();
  return absl::InvalidArgumentError(
      "the weights are no logistic regression: sizes differ, a deviation is not positive or a "
      "number is not finite");
}

absl::StatusOr<Logistic> FitLogistic(const std::vector<Example>& examples,
                                     const std::vector<int>& signs) {
  const size_t count = signs.size();
  size_t positives = 0;
  for (const Example& example : examples) {
    if (example.values.size() != count) {
      return absl::InvalidArgumentError(
          absl::StrCat("an example has ", example.values.size(), " values instead of ", count));
    }
    if (example.positive) ++positives;
  }
  if (positives == 0 || positives == examples.size()) {
    return absl::InvalidArgumentError("there must be examples of both classes to learn from");
  }

  Logistic model;
  model.mean.resize(count);
  model.deviation.resize(count);
  model.weight.resize(count);
  const std::vector<double> weights = WeightsOf(examples);
  Standardise(examples, weights, model);
  std::vector<std::vector<double>> rows;
  double curvature = kRidge;  // At least the loss's own, so that steps never overshoot.
  for (size_t i = 0; i < examples.size(); ++i) {
    std::vector<double>& row = rows.emplace_back(1, 1.0);  // The bias comes first.
    double squares = 1;
    for (size_t f = 0; f < count; ++f) {
      row.push_back(Standardised(model, f, examples[i].values[f]));
      squares += row.back() * row.back();
    }
    curvature += weights[i] * squares / 4;
  }

  std::vector<double> w(count + 1, 0.0);
  std::vector<double> gradient(count + 1);
  for (int step = 0; step < kSteps; ++step) {
    for (size_t f = 0; f <= count; ++f) gradient[f] = f == 0 ? 0 : kRidge * w[f];
    for (size_t i = 0; i < rows.size(); ++i) {
      double z = 0;
      for (size_t f = 0; f <= count; ++f) z += w[f] * rows[i][f];
      const double error = weights[i] * (1 / (1 + std::exp(-z)) - (examples[i].positive ? 1 : 0));
      for (size_t f = 0; f <= count; ++f) gradient[f] += error * rows[i][f];
    }
    for (size_t f = 0; f <= count; ++f) {
      w[f] -= gradient[f] / curvature;
      if (f > 0 && signs[f - 1] * w[f] < 0) w[f] = 0;
    }
  }
  model.bias = static_cast<float>(w[0]);
  for (size_t f = 0; f < count; ++f) model.weight[f] = static_cast<float>(w[f + 1]);
  return model;
}

}  // namespace aislewatch::pose_fighting
