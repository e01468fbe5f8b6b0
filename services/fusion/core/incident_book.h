// The incidents of one stream: what opens one, what joins it, what keeps it alive, when it ends.
//
//            signal, allowed by fire_once_per and cooldown
//   nothing ───────────────────────────────────────────────▶ open ──┐ signals join, or keep alive:
//                                                             │ ▲───┘ UPDATED, rate limited
//              quiet for close_after, or open for max_open    ▼
//                                                           closed
//
// A stream that breaks off leaves its incidents open; the next stream of the camera adopts them.
// Not thread-safe.
#pragma once

#include <functional>
#include <list>
#include <set>
#include <string>
#include <vector>

#include "absl/time/time.h"
#include "absl/types/span.h"
#include "services/fusion/core/firing_ledger.h"
#include "services/fusion/core/fusion_metrics.h"
#include "services/fusion/core/open_incident.h"

namespace aislewatch::fusion {

/// What is known of a frame besides its tracks.
struct FrameFacts {
  absl::Time capture_time;
  absl::Span<const ModelInfo> models;
  absl::Span<const std::string> degraded;
  /// There are no poses: silence says nothing.
  bool blind = false;
};

class IncidentBook {
 public:
  /// `rules` and `zones` are the camera's; they, `policy` and `metrics` must outlive the book.
  /// `new_id` gives UUIDs. `adopted`: incidents to go on with; closed ones and repeated ids among
  /// them are ignored.
  IncidentBook(const IncidentPolicy& policy, absl::Span<const Rule> rules,
               absl::Span<const Zone> zones, FusionMetrics& metrics,
               std::function<std::string()> new_id, std::vector<Incident> adopted);
  ~IncidentBook();
  IncidentBook(const IncidentBook&) = delete;
  IncidentBook& operator=(const IncidentBook&) = delete;

  /// Takes the signals of the next frame. Returns what happened, in order: what ended, then what
  /// began or changed.
  std::vector<Transition> Step(const SceneView& scene, const FrameFacts& facts,
                               std::vector<Signal> signals);

  /// Closes what is open, since nothing will follow; appends what happened.
  void CloseAll(const Tick& tick, const FrameFacts& facts, std::vector<Transition>& out);

 private:
  void Adopt(const Tick& tick, absl::Time capture_time);
  bool Over(const OpenIncident& open, const Tick& tick) const;
  void CloseWhatIsOver(const Tick& tick, const FrameFacts& facts, std::vector<Transition>& out);
  std::list<OpenIncident>::iterator Close(std::list<OpenIncident>::iterator it,
                                          const FrameFacts& facts, std::vector<Transition>& out);
  OpenIncident* FindById(const std::string& id);
  OpenIncident* FindToJoin(const Signal& signal, absl::Span<const TrackView> tracks);
  OpenIncident* Admit(const Signal& signal, const FiringKey& key, const SceneView& scene,
                      absl::Time capture_time);
  void Suppress(const FiringKey& key, const char* reason);
  void Note(std::vector<Transition>& out, Transition transition);

  const IncidentPolicy& policy_;
  const absl::Span<const Rule> rules_;
  const absl::Span<const Zone> zones_;
  FusionMetrics& metrics_;
  const std::function<std::string()> new_id_;

  // Until the first frame tells the time.
  std::vector<Incident> to_adopt_;
  // Oldest first; a list, so that they stay where they are.
  std::list<OpenIncident> open_;
  FiringLedger ledger_;
  // What was held back in the last frame and in this one, to count each stretch once.
  std::set<FiringKey> suppressed_before_;
  std::set<FiringKey> suppressed_now_;
  // Last frame without poses.
  absl::Time blind_until_ = absl::InfinitePast();
};

}  // namespace aislewatch::fusion
