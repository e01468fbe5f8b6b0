#include "models/clip_training/pose_faults.h"

#include <algorithm>
#include <array>
#include <cmath>

#include "common/vision/geometry.h"

namespace aislewatch::clip_training {
namespace {

/// How one kind of joint is found. Lengths are in fractions of the crop.
struct Fault {
  /// Standard deviation along each axis.
  float off;
  /// Share of frames in which the joint is somewhere else.
  float lost;
  /// Mean and standard deviation of the confidence.
  float confidence;
  float confidence_spread;
};

/// What an error is made of: what stays for seconds, for some frames, for one.
constexpr float kSlow = 0.55f;
constexpr float kDrift = 0.63f;
constexpr float kTremble = 0.55f;
/// What is left of the first two after a frame.
constexpr float kSlowStays = 0.97f;
constexpr float kDriftStays = 0.8f;
/// Standard deviation of where lost joints are, along each axis, and how many stay lost.
constexpr float kLostDistance = 0.1f;
constexpr float kStaysLost = 0.75f;
constexpr float kLostConfidence = 0.1f;
/// Left taken for right, the whole body at once, mostly of people seen from behind: 7 % of the
/// sightings, for two frames on average.
constexpr float kTurnsRound = 0.037f;
constexpr float kStaysRound = 0.48f;
/// The box that is cut out trembles, too: its middle, and its size as a fraction.
constexpr float kBoxOff = 0.016f;
constexpr float kBoxScale = 0.05f;

enum Part { kHead, kShoulder, kElbow, kWrist, kHip, kKnee, kAnkle, kPartCount };

Part PartOf(int joint) {
  return joint < 5 ? kHead : static_cast<Part>((joint - 5) / 2 + kShoulder);
}

constexpr std::array<Fault, kPartCount> kVisibleFaults = {{{0.016f, 0.02f, 0.49f, 0.09f},
                                                           {0.019f, 0.03f, 0.61f, 0.13f},
                                                           {0.020f, 0.11f, 0.49f, 0.16f},
                                                           {0.026f, 0.24f, 0.42f, 0.15f},
                                                           {0.013f, 0.04f, 0.68f, 0.12f},
                                                           {0.017f, 0.08f, 0.59f, 0.14f},
                                                           {0.017f, 0.10f, 0.55f, 0.14f}}};
constexpr std::array<Fault, kPartCount> kHiddenFaults = {{{0.018f, 0.02f, 0.42f, 0.07f},
                                                          {0.022f, 0.06f, 0.59f, 0.10f},
                                                          {0.042f, 0.15f, 0.38f, 0.10f},
                                                          {0.045f, 0.32f, 0.33f, 0.12f},
                                                          {0.017f, 0.04f, 0.62f, 0.11f},
                                                          {0.030f, 0.20f, 0.44f, 0.13f},
                                                          {0.030f, 0.25f, 0.40f, 0.15f}}};
constexpr Fault kOutsideFault = {0.2f, 0.3f, 0.22f, 0.12f};

const Fault& FaultOf(int joint, float visibility) {
  if (visibility >= 2) return kVisibleFaults[PartOf(joint)];
  return visibility >= 1 ? kHiddenFaults[PartOf(joint)] : kOutsideFault;
}

/// `[17, 3]` with left and right exchanged.
void TurnRound(float* joints) {
  for (int j = 0; j < kJointCount; ++j) {
    const int other = kMirroredJoint[static_cast<size_t>(j)];
    if (other > j) std::swap_ranges(joints + 3 * j, joints + 3 * j + 3, joints + 3 * other);
  }
}

/// Moves a number of mean 0 and deviation 1 on by a frame.
void Advance(float& value, float stays, float fresh) {
  value = stays * value + std::sqrt(1 - stays * stays) * fresh;
}

}  // namespace

torch::Tensor WithPoseFaults(const torch::Tensor& truth, std::mt19937_64& random) {
  std::normal_distribution<float> normal;
  std::uniform_real_distribution<float> uniform;
  const torch::Tensor found = truth.to(torch::kFloat32).contiguous().clone();
  const int64_t frames = found.size(0);
  float* value = found.data_ptr<float>();
  // Some people are seen worse than others.
  const float person = std::exp(0.25f * normal(random));
  struct Axis {
    float slow, drift, lost;
    float Next(float off, std::mt19937_64& random, std::normal_distribution<float>& normal) {
      Advance(slow, kSlowStays, normal(random));
      Advance(drift, kDriftStays, normal(random));
      return off * (kSlow * slow + kDrift * drift + kTremble * normal(random));
    }
  };
  struct State {
    Axis x, y;
    float confidence;
    bool lost;
  };
  std::array<State, kJointCount> states;
  for (State& state : states) {
    for (Axis* axis : {&state.x, &state.y}) *axis = {normal(random), normal(random), 0};
    state.confidence = normal(random);
    state.lost = false;
  }
  bool turned = false;
  float box_x = normal(random), box_y = normal(random), box_scale = normal(random);
  for (int64_t t = 0; t < frames; ++t) {
    for (float* box : {&box_x, &box_y, &box_scale}) Advance(*box, kDriftStays, normal(random));
    const float scale = 1 + kBoxScale * box_scale;
    for (int j = 0; j < kJointCount; ++j, value += 3) {
      State& state = states[static_cast<size_t>(j)];
      const Fault& fault = FaultOf(j, value[2]);
      // So that `lost` of all frames are lost in the long run.
      const float becomes_lost = fault.lost * (1 - kStaysLost) / (1 - fault.lost);
      const bool was_lost = state.lost;
      state.lost = uniform(random) < (was_lost ? kStaysLost : becomes_lost);
      if (state.lost && !was_lost) {
        state.x.lost = kLostDistance * normal(random);
        state.y.lost = kLostDistance * normal(random);
      }
      value[0] = 0.5f + (value[0] - 0.5f) * scale + kBoxOff * box_x;
      value[1] = 0.5f + (value[1] - 0.5f) * scale + kBoxOff * box_y;
      value[0] += person * state.x.Next(fault.off, random, normal);
      value[1] += person * state.y.Next(fault.off, random, normal);
      Advance(state.confidence, kDriftStays, normal(random));
      float confidence = fault.confidence + fault.confidence_spread * state.confidence;
      if (state.lost) {
        value[0] += state.x.lost;
        value[1] += state.y.lost;
        confidence -= kLostConfidence;
      }
      value[2] = std::clamp(confidence, 0.02f, 0.95f);
    }
    turned = uniform(random) < (turned ? kStaysRound : kTurnsRound);
    if (turned) TurnRound(value - 3 * kJointCount);
  }
  return found;
}

}  // namespace aislewatch::clip_training
