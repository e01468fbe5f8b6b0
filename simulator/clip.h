// Short labelled clips of one act, for training classifiers by the thousand.
//
// Thread-safe: no state; each call builds a store of its own (about 30 ms) and renders its frames.
#pragma once

#include <vector>

#include "absl/status/statusor.h"
#include "common/roles/clip_classifier.h"
#include "simulator/simulation.h"

namespace aislewatch::simulator {

struct ClipOptions {
  /// 0.5..60 s.
  double seconds = 3.2;
  /// 1..60.
  double fps = 10;
  FrameSize size{640, 360};
  /// Other people in the picture, 0..max_distractors by seed.
  int max_distractors = 2;
  /// Sends each picture through JPEG of a random quality of 40..90 per clip, as cameras do.
  bool compress = true;
};

struct ActionClip {
  std::vector<SimulatedFrame> frames;
  /// Whom the clip is about, and for a fight the other one (else 0).
  uint64_t subject_id = 0;
  uint64_t partner_id = 0;
};

/// A clip in which the subject does `action`: for an act, its middle part lies in the clip, after
/// and before something harmless; per frame the truth says which. kNormal is any harmless thing:
/// walking, looking, a phone, a basket, carrying an item. The same arguments give the same clip.
/// INVALID_ARGUMENT names the option that is out of range.
absl::StatusOr<ActionClip> RenderActionClip(Action action, uint64_t seed,
                                            const ClipOptions& options = {});

}  // namespace aislewatch::simulator
