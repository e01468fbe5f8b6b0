#include "common/risk/risk_model.h"

#include <algorithm>
#include <cmath>

#include "absl/types/span.h"

namespace aislewatch {
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

// Null for a kind that says nothing.
double RiskWeights::*WeightOf(ZoneKind kind) {
  switch (kind) {
    case ZoneKind::kShelf:
      return &RiskWeights::zone_shelf;
    case ZoneKind::kCheckout:
      return &RiskWeights::zone_checkout;
    case ZoneKind::kExit:
      return &RiskWeights::zone_exit;
    case ZoneKind::kRestricted:
      return &RiskWeights::zone_restricted;
    case ZoneKind::kStorefront:
      return &RiskWeights::zone_storefront;
    case ZoneKind::kUnspecified:
      break;
  }
  return nullptr;
}

// Of several zones the one with the greatest effect; null where none says anything.
double RiskWeights::*StrongestZone(absl::Span<const ZoneKind> zones, const RiskWeights& weights) {
  double RiskWeights::*strongest = nullptr;
  for (const ZoneKind kind : zones) {
    double RiskWeights::*const weight = WeightOf(kind);
    if (weight == nullptr) continue;
    if (strongest == nullptr || std::abs(weights.*weight) > std::abs(weights.*strongest)) {
      strongest = weight;
    }
  }
  return strongest;
}

Risk Weigh(const std::vector<RiskTerm>& terms, const RiskWeights& weights) {
  Risk risk;
  double total = 0;
  for (const RiskTerm& term : terms) {
    const double contribution = weights.*term.weight * term.units;
    total += contribution;
    if (!risk.parts.empty() && risk.parts.back().name == term.name) {
      risk.parts.back().contribution += static_cast<float>(contribution);
      continue;
    }
    risk.parts.push_back(
        {std::string(term.name), static_cast<float>(term.value), static_cast<float>(contribution)});
  }
  risk.value = static_cast<float>(Sigmoid(total));
  return risk;
}

}  // namespace

std::vector<RiskTerm> ConcealmentTerms(const RiskInputs& inputs, const RiskWeights& weights) {
  std::vector<RiskTerm> terms = {{"bias", Sigmoid(weights.bias), &RiskWeights::bias, 1}};
  if (const auto p = Usable(inputs.shoplifting)) {
    terms.push_back({"clip_shoplifting", *p, &RiskWeights::clip_shoplifting, Logit(*p)});
    terms.push_back({"clip_shoplifting", *p, &RiskWeights::clip_shoplifting_bias, 1});
  }
  if (const auto a = Usable(inputs.pose_anomaly)) {
    terms.push_back({"pose_anomaly", *a, &RiskWeights::pose_anomaly, 2 * *a - 1});
  }
  if (double RiskWeights::*const zone = StrongestZone(inputs.zones, weights)) {
    terms.push_back({"zone", 1, zone, 1});
  }
  if (weights.full_dwell > absl::ZeroDuration()) {
    const double dwell = std::clamp(absl::FDivDuration(inputs.dwell, weights.full_dwell), 0.0, 1.0);
    terms.push_back({"dwell", dwell, &RiskWeights::dwell, dwell});
  }
  return terms;
}

std::vector<RiskTerm> FightTerms(const RiskInputs& inputs, const RiskWeights& weights) {
  std::vector<RiskTerm> terms = {
      {"bias", Sigmoid(weights.fight_bias), &RiskWeights::fight_bias, 1}};
  if (const auto p = Usable(inputs.fighting)) {
    terms.push_back({"clip_fighting", *p, &RiskWeights::clip_fighting, Logit(*p)});
    terms.push_back({"clip_fighting", *p, &RiskWeights::clip_fighting_bias, 1});
  }
  if (const auto a = Usable(inputs.pose_anomaly)) {
    terms.push_back({"pose_anomaly", *a, &RiskWeights::fight_pose_anomaly, 2 * *a - 1});
  }
  if (inputs.pair && inputs.pair->alone) {
    terms.push_back({"alone", 1, &RiskWeights::fight_alone, 1});
  } else if (inputs.pair) {
    if (const auto p = Usable(inputs.pair->probability)) {
      terms.push_back(
          {"pose_fighting", *p, &RiskWeights::pose_fighting, Logit(*p, kLeastPairProbability)});
    }
  }
  return terms;
}

Risk RiskModel::Concealment(const RiskInputs& inputs) const {
  return Weigh(ConcealmentTerms(inputs, weights_), weights_);
}

Risk RiskModel::Fight(const RiskInputs& inputs) const {
  return Weigh(FightTerms(inputs, weights_), weights_);
}

}  // namespace aislewatch
