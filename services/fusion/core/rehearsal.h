// What zones and rules would have raised on frames that were judged before.
//
// The frames go through the same stream as live ones (FusionStream::Rejudge), whose risks are
// computed anew: they depend on the zones. Nothing is counted in the service's metrics. Not
// thread-safe.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "common/base/metrics.h"
#include "common/scene/scene.h"
#include "services/fusion/core/fusion_metrics.h"
#include "services/fusion/core/fusion_stream.h"
#include "services/fusion/core/incident.h"
#include "services/fusion/core/judged_frame.h"
#include "services/fusion/core/settings.h"

namespace aislewatch::fusion {

/// What one rule would have raised.
struct RuleOutcome {
  std::string rule_id;
  /// That it opened or joined.
  uint32_t incidents = 0;
  /// The newest, newest first. Those that are still open in the last frame are open.
  std::vector<Incident> examples;
};

class Rehearsal {
 public:
  struct Options {
    FusionSettings settings;
    /// Valid: SceneFaults(scene) is empty.
    Scene scene;
    /// For each rule.
    size_t max_examples = 20;
  };

  explicit Rehearsal(Options options);

  /// Takes the next frame, in the order in which they were judged.
  void Play(const JudgedFrame& frame);

  /// What each rule raised so far, in the order of the scene.
  std::vector<RuleOutcome> Outcomes() const;

 private:
  // Of one rule.
  struct Tally {
    uint32_t incidents = 0;
    // By opening, oldest first.
    std::deque<Incident> examples;
  };

  void OpenStream();
  void Count(Incident incident, std::map<std::string, Tally>& tallies) const;

  const Options options_;
  // Which nobody reads.
  FakeMetrics uncounted_;
  FusionMetrics metrics_{uncounted_};
  uint64_t ids_ = 0;
  // By id, as they are now.
  std::map<std::string, Incident> open_;
  // By rule; incidents that are closed.
  std::map<std::string, Tally> tallies_;
  std::unique_ptr<FusionStream> stream_;
};

}  // namespace aislewatch::fusion
