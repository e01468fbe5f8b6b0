// What an evaluation may ask of a scorer beside what the product uses.
#pragma once

namespace aislewatch::pose_anomaly {

/// The two parts of the posture scorer (posture/posture_model.h).
enum class PostureParts { kBoth, kRarity, kConcealment };

/// The defaults are the product's.
struct ScoringOptions {
  PostureParts parts = PostureParts::kBoth;
  /// Scores are fractions of normal scores that lie below, 0..1. Otherwise, and always of one part
  /// alone, which has no such ranks of its own, they are what the model computes: posture's mean of
  /// ranks, 0..1, or STG-NF's bits per dimension; larger is more anomalous.
  bool calibrated = true;
};

}  // namespace aislewatch::pose_anomaly
