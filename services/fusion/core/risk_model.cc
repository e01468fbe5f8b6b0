#include "services/fusion/core/risk_model.h"

#include <algorithm>
#include <cmath>

namespace aislewatch::fusion {
namespace {

// No single answer of a network is worth more than these odds.
constexpr double kLeastProbability = 0.01;

// Poses of two people tell fights with an AUC of about 0.8 (docs/models/fighting.md): never worth
// more than this, so that they do not raise an incident without the classifier.
constexpr double kLeastPairProbability = 0.15;

double Logit(double p, double least = kLeastProbability) {
  p = std::clamp(p, least, 1 - least);
  return std::log(p / (1 - p));
}

double Sigmoid(double x) { return 1 / (1 + std::exp(-x)); }

std::optional<double> Usable(std::optional<float> score) {
  if (!score || !std::isfinite(*score)) return std::nullopt;
  return std::clamp(static_cast<double>(*score), 0.0, 1.0);
}

// Adds up parts.
class Sum {
 public:
  explicit Sum(double bias) { Add("bias", Sigmoid(bias), bias); }

  void Add(const char* name, double value, double contribution) {
    total_ += contribution;
    risk_.parts.push_back({name, static_cast<float>(value), static_cast<float>(contribution)});
  }

  Risk Finish() && {
    risk_.value = static_cast<float>(Sigmoid(total_));
    return std::move(risk_);
  }

 private:
  double total_ = 0;
  Risk risk_;
};

}  // namespace

Risk RiskModel::Concealment(const RiskInputs& inputs) const {
  Sum sum(weights_.bias);
  if (const auto p = Usable(inputs.shoplifting)) {
    sum.Add("clip_shoplifting", *p, weights_.clip_shoplifting * Logit(*p));
  }
  if (const auto a = Usable(inputs.pose_anomaly)) {
    sum.Add("pose_anomaly", *a, weights_.pose_anomaly * (2 * *a - 1));
  }
  if (!inputs.zones.empty()) sum.Add("zone", 1, ZoneWeight(inputs.zones));
  if (weights_.full_dwell > absl::ZeroDuration()) {
    const double dwell =
        std::clamp(absl::FDivDuration(inputs.dwell, weights_.full_dwell), 0.0, 1.0);
    sum.Add("dwell", dwell, weights_.dwell * dwell);
  }
  return std::move(sum).Finish();
}

Risk RiskModel::Fight(const RiskInputs& inputs) const {
  Sum sum(weights_.fight_bias);
  if (const auto p = Usable(inputs.fighting)) {
    sum.Add("clip_fighting", *p, weights_.clip_fighting * Logit(*p));
  }
  if (const auto a = Usable(inputs.pose_anomaly)) {
    sum.Add("pose_anomaly", *a, weights_.fight_pose_anomaly * (2 * *a - 1));
  }
  if (inputs.pair && inputs.pair->alone) {
    sum.Add("pose_fighting", 0, weights_.fight_alone);
  } else if (inputs.pair) {
    if (const auto p = Usable(inputs.pair->probability)) {
      sum.Add("pose_fighting", *p, weights_.pose_fighting * Logit(*p, kLeastPairProbability));
    }
  }
  return std::move(sum).Finish();
}

double RiskModel::ZoneWeight(absl::Span<const ZoneKind> zones) const {
  double strongest = 0;
  for (ZoneKind kind : zones) {
    double weight = 0;
    switch (kind) {
      case ZoneKind::kShelf:
        weight = weights_.zone_shelf;
        break;
      case ZoneKind::kCheckout:
        weight = weights_.zone_checkout;
        break;
      case ZoneKind::kExit:
        weight = weights_.zone_exit;
        break;
      case ZoneKind::kRestricted:
        weight = weights_.zone_restricted;
        break;
      case ZoneKind::kStorefront:
        weight = weights_.zone_storefront;
        break;
      case ZoneKind::kUnspecified:
        break;
    }
    if (std::abs(weight) > std::abs(strongest)) strongest = weight;
  }
  return strongest;
}

}  // namespace aislewatch::fusion
