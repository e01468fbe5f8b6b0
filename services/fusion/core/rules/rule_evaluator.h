// The seam between rules and incidents: a rule looks at a frame and says for whom it holds.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

#include "absl/types/span.h"
#include "common/scene/scene.h"
#include "services/fusion/core/scene_clock.h"
#include "services/fusion/core/settings.h"
#include "services/fusion/core/track_book.h"

namespace aislewatch::fusion {

/// A frame as rules see it. Valid during one call.
struct SceneView {
  Tick tick;
  absl::Span<const TrackView> tracks;
  /// Tracks that will not come again.
  absl::Span<const uint64_t> forgotten;
};

/// A rule holds in this frame. Valid as long as the SceneView.
struct Signal {
  const Rule* rule = nullptr;
  /// The rule's, or higher.
  Severity severity = Severity::kUnspecified;
  /// The track that it holds for; 0 where it holds for all of `tracks` together.
  uint64_t subject = 0;
  /// Index of the zone that it holds in; nothing for the whole picture.
  std::optional<size_t> zone;
  /// Tells one stay, or one stretch of the condition, from the next.
  uint32_t visit = 0;
  /// Everybody concerned.
  std::vector<const TrackView*> tracks;
};

/// Evaluates one rule of one stream. Not thread-safe.
class RuleEvaluator {
 public:
  virtual ~RuleEvaluator() = default;
  /// Called once per frame, in order. Returns what holds now, as long as it holds.
  virtual std::vector<Signal> Evaluate(const SceneView& scene) = 0;
};

/// The evaluator of a rule's kind. `rule` must be valid and outlive it; `zones` are the camera's.
std::unique_ptr<RuleEvaluator> MakeEvaluator(const Rule& rule, absl::Span<const Zone> zones,
                                             const FusionSettings& settings);

/// The risk of `track` that a rule of `kind` is about.
const Risk& RiskFor(IncidentKind kind, const TrackView& track);

}  // namespace aislewatch::fusion
