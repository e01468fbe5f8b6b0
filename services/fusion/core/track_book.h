// Everything that a stream remembers of its tracks: how long they have been there, in which zones,
// how unusual their poses are; and from that their risks.
//
// Not thread-safe. Memory is bounded: tracks unseen for a while are forgotten, and never more than
// kMaxTracks are kept.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <unordered_map>
#include <utility>
#include <vector>

#include "absl/time/time.h"
#include "absl/types/span.h"
#include "common/risk/risk_model.h"
#include "common/roles/fighting_scorer.h"
#include "common/roles/pose_anomaly_scorer.h"
#include "common/scene/scene.h"
#include "services/fusion/core/judged_frame.h"
#include "services/fusion/core/observation.h"
#include "services/fusion/core/scene_clock.h"
#include "services/fusion/core/visit.h"
#include "services/fusion/core/zone_attention.h"
#include "services/fusion/core/zone_stays.h"

namespace aislewatch::fusion {

/// One track in one frame, as rules see it.
struct TrackView {
  uint64_t id = 0;
  /// In fractions of the frame; may be anything that a peer can send.
  NormalizedBox box;
  /// Width by height of the frame.
  float aspect = 1;
  /// Since the track was first seen.
  absl::Duration dwell;
  std::vector<Stay> stays;
  /// Zones that they look at, by index.
  std::vector<size_t> looks_at;
  std::optional<float> pose_anomaly;
  std::optional<FightingEvidence> pair;
  /// Finite and within 0..1.
  std::optional<ActionScores> clip;
  Risk concealment;
  Risk fight;
  /// By the last look of the object model; 0 where it has not looked yet.
  Risk weapon;
  /// Whether the object model looked at them in this frame.
  bool looked_at = false;
};

class TrackBook {
 public:
  /// Longer than the pose stage's tracker waits for somebody to come back (15 s).
  static constexpr absl::Duration kForgetAfter = absl::Seconds(20);
  static constexpr size_t kMaxTracks = 4096;

  /// `zones` and both scorers must outlive the book. A scorer may be null: no pose anomaly, or no
  /// evidence by pairs, then.
  TrackBook(const RiskWeights& weights, absl::Span<const Zone> zones,
            const PoseAnomalyScorer* scorer, const FightingScorer* fighting)
      : risk_model_(weights),
        zones_(zones),
        scorer_(scorer),
        fighting_(fighting == nullptr ? nullptr : fighting->NewTracks()) {}

  /// Takes other scorers, whose memories of the tracks that are there begin anew. They must outlive
  /// the book.
  void Use(const PoseAnomalyScorer* scorer);
  void Use(const FightingScorer* fighting);

  /// Shows the scorers the frame. Each track once: of several people with one id the first counts.
  std::vector<JudgedPerson> Look(const Observation& observation, const Tick& tick);

  /// The frame's tracks, from what Look said of it, now or some time ago. Each once.
  std::vector<TrackView> Follow(absl::Span<const JudgedPerson> people, const FrameSize& frame,
                                const Tick& tick);

  /// Tracks that the last Follow forgot; should an id come again it is a new track.
  absl::Span<const uint64_t> forgotten() const { return forgotten_; }

  /// Nothing will follow: every visit that goes on ends.
  void EndVisits();
  /// Visits that have ended since the last call, without ids.
  std::vector<Visit> TakeVisits() { return std::exchange(ended_, {}); }

 private:
  struct Track {
    absl::Time first_seen;
    absl::Time last_seen;
    uint64_t last_frame = 0;
    std::unique_ptr<PoseAnomalyTrack> scorer;
    std::optional<float> pose_anomaly;
    std::optional<FightingEvidence> pair;
    Risk weapon;
    ZoneStays zones;
    ZoneAttention attention;
  };

  Track& TrackOf(uint64_t id, const Tick& tick);
  TrackView Update(const JudgedPerson& person, const FrameSize& frame, const Tick& tick,
                   Track& track);
  void ObservePairs(const Observation& observation, const Tick& tick);
  void Attend(const JudgedPerson& person, const Tick& tick, Track& track, TrackView& view);
  void EndVisits(uint64_t track_id, Track& track);
  void Forget(const Tick& tick);

  const RiskModel risk_model_;
  const absl::Span<const Zone> zones_;
  const PoseAnomalyScorer* scorer_;
  std::unique_ptr<FightingTracks> fighting_;
  std::unordered_map<uint64_t, Track> tracks_;
  std::vector<uint64_t> forgotten_;
  std::vector<Visit> ended_;
  // Counts frames, to tell duplicates within one.
  uint64_t frame_ = 0;
  // Of the last frame that fighting_ was shown.
  absl::Time last_paired_ = absl::InfinitePast();
};

}  // namespace aislewatch::fusion
