// Incidents of footage whose clips are labelled as wholes. Plain values.
#pragma once

#include <map>
#include <set>
#include <string>

#include "absl/time/time.h"
#include "aislewatch/v1/types.pb.h"
#include "nlohmann/json.hpp"

namespace aislewatch {

/// How clips with an act of one kind were told from others.
struct AlarmFigures {
  int clips_with_act = 0;
  /// Of those, the ones in which an incident of the kind was opened; what follows in the same clip
  /// is neither right nor wrong.
  int found = 0;
  /// Incidents of the kind in clips without such an act.
  int false_alarms = 0;

  double recall() const;
  /// found / (found + false alarms); 0 without either.
  double precision() const;
};

/// Adds up clips. Not thread-safe.
class AlarmCounter {
 public:
  /// `acts` are the kinds that the clip shows, `opened` the incidents that were opened in it.
  void Add(const std::set<v1::IncidentKind>& acts, const std::multiset<v1::IncidentKind>& opened,
           absl::Duration length);

  const AlarmFigures& Of(v1::IncidentKind kind) { return figures_[kind]; }
  double hours() const { return absl::ToDoubleHours(length_); }
  int clips() const { return clips_; }

  /// Lines for people, and the same as JSON.
  std::string Text(const std::string& name) const;
  nlohmann::ordered_json ToJson() const;

 private:
  std::map<v1::IncidentKind, AlarmFigures> figures_ = {{v1::INCIDENT_KIND_CONCEALMENT, {}},
                                                       {v1::INCIDENT_KIND_FIGHT, {}}};
  absl::Duration length_;
  int clips_ = 0;
};

}  // namespace aislewatch
