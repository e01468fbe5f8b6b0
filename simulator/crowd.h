// Everybody who is in the store: lets people in, moves them, and writes down what they do.
//
// Not thread-safe.
#pragma once

#include <array>
#include <map>
#include <optional>
#include <utility>
#include <vector>

#include "simulator/actor.h"
#include "simulator/script.h"
#include "simulator/truth.h"

namespace aislewatch::simulator {

/// How often each kind of visit is, in VisitKind's order; any positive scale. A fight brings two
/// people.
using VisitMix = std::array<float, kVisitKindCount>;
inline constexpr VisitMix kWindowShopMix = {0, 0, 0, 0, 0, 0, 0, 0, 0, 1};
inline constexpr VisitMix kShopMix = {0.24f, 0.28f, 0.14f, 0.11f, 0.11f, 0.05f, 0.04f, 0.03f};

/// Turns what people do from moment to moment into acts with a start and an end.
class ActLog {
 public:
  explicit ActLog(const StoreLayout& layout) : layout_(&layout) {}
  /// Takes notice of everybody at `time_s`, which rises from call to call.
  void Observe(absl::Span<const Actor> people, double time_s);
  /// Acts by start; those that still go on end at the last observation and are not complete.
  const std::vector<TruthIncident>& acts() const { return acts_; }

 private:
  const StoreLayout* layout_;
  std::vector<TruthIncident> acts_;
  // Of acts that go on: kind and first person, and where in acts_.
  std::map<std::pair<ActKind, uint64_t>, size_t> open_;
};

/// Adds up what people give the zones of a layout with bays: the truth that visits are measured against.
/// Looks and stays count from half a second on; shorter gaps in them are theirs.
class AttentionLog {
 public:
  explicit AttentionLog(const StoreLayout& layout) : layout_(&layout) {}
  /// Takes notice of everybody at `time_s`, which rises from call to call.
  void Observe(absl::Span<const Actor> people, double time_s);
  /// Of everybody who came near a zone, by their coming.
  const std::vector<TruthVisit>& visits() const { return visits_; }

 private:
  // Something that holds for a while.
  struct Stretch {
    std::optional<double> since_s;
    double last_s = 0;
    double first_s = -1;
    double total_s = 0;
    void Add(double time_s, bool holds);
    double total() const;
    bool any() const { return total() > 0; }
    double first() const;
  };
  struct Followed {
    size_t visit = 0;
    Stretch looks, stays;
  };

  const StoreLayout* layout_;
  std::vector<TruthVisit> visits_;
  // By person and zone.
  std::map<std::pair<uint64_t, size_t>, Followed> followed_;
};

struct CrowdOptions {
  float people_per_minute = 8;
  int max_people = 5;
  VisitMix mix = kShopMix;
  float loiter_s = 75;
};

class Crowd {
 public:
  /// `stage` and its layout outlive the crowd.
  Crowd(const Stage& stage, const CrowdOptions& options, Random random);

  /// Moves everybody on by `dt` seconds, at most 0.05.
  void Step(float dt);
  /// Adds somebody who is not drawn by chance; the crowd gives the id, which is returned. Ids
  /// count up from 1.
  uint64_t Add(BodyShape shape, Visit visit, Vec3 start, float yaw, uint64_t partner_id,
               Random random);

  /// In the order of their ids.
  const std::vector<Actor>& people() const { return people_; }
  std::vector<Actor>& mutable_people() { return people_; }
  uint64_t next_id() const { return next_id_; }
  double time_s() const { return time_s_; }
  const ActLog& log() const { return log_; }
  const AttentionLog& attention() const { return attention_; }

 private:
  void LetIn();
  VisitKind DrawKind();
  void Enter(VisitKind kind, Vec3 meeting_point, uint64_t partner_id);

  const Stage* stage_;
  CrowdOptions options_;
  Random random_;
  std::vector<Actor> people_;
  ActLog log_;
  AttentionLog attention_;
  uint64_t next_id_ = 1;
  double time_s_ = 0;
  double next_arrival_s_ = 0.1;
  // Who comes next; kept while the store is full, or fights, which need two places, would be rare.
  VisitKind next_kind_;
};

}  // namespace aislewatch::simulator
