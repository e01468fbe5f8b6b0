#include "services/fusion/core/incident_book.h"

#include <algorithm>
#include <iterator>
#include <utility>

namespace aislewatch::fusion {

IncidentBook::IncidentBook(const IncidentPolicy& policy, absl::Span<const Rule> rules,
                           absl::Span<const Zone> zones, FusionMetrics& metrics,
                           std::function<std::string()> new_id, std::vector<Incident> adopted)
    : policy_(policy), rules_(rules), zones_(zones), metrics_(metrics), new_id_(std::move(new_id)) {
  std::set<std::string> seen;
  for (Incident& incident : adopted) {
    if (incident.open && seen.insert(incident.id).second) {
      to_adopt_.push_back(std::move(incident));
    }
  }
  metrics_.OpenChanged(static_cast<int>(to_adopt_.size()));
}

IncidentBook::~IncidentBook() {
  metrics_.OpenChanged(-static_cast<int>(to_adopt_.size() + open_.size()));
}

std::vector<Transition> IncidentBook::Step(const SceneView& scene, const FrameFacts& facts,
                                           std::vector<Signal> signals) {
  const Tick& tick = scene.tick;
  std::vector<Transition> out;
  Adopt(tick, facts.capture_time);
  if (facts.blind) blind_until_ = tick.now;
  // First, so that a scene after a long gap does not join the one before it.
  CloseWhatIsOver(tick, facts, out);

  // The most severe first: it opens the incident that the others join.
  std::stable_sort(signals.begin(), signals.end(),
                   [](const Signal& a, const Signal& b) { return a.severity > b.severity; });
  suppressed_before_.swap(suppressed_now_);
  suppressed_now_.clear();
  std::set<const OpenIncident*> touched;
  for (const Signal& signal : signals) {
    const FiringKey key = KeyOf(signal);
    OpenIncident* const open = Admit(signal, key, scene, facts.capture_time);
    if (open == nullptr) continue;
    open->Add(signal, zones_, tick, facts.capture_time, policy_);
    ledger_.Record(key, open->incident().id);
    touched.insert(open);
  }
  for (OpenIncident& open : open_) {
    if (touched.count(&open) != 0) open.AddContext(facts.models, {});
    open.AddContext({}, facts.degraded);
    open.Escalate(tick);
    if (open.Due(tick, policy_)) Note(out, open.Emit(tick, facts.capture_time));
  }
  if (!facts.blind) ledger_.Sweep(scene);
  return out;
}

void IncidentBook::Adopt(const Tick& tick, absl::Time capture_time) {
  for (Incident& incident : to_adopt_) {
    open_.emplace_back(std::move(incident), tick, capture_time, rules_);
  }
  to_adopt_.clear();
}

bool IncidentBook::Over(const OpenIncident& open, const Tick& tick) const {
  if (open.TooLong(tick, policy_)) return true;
  const absl::Duration inactive = tick.now - open.last_active();
  // Blind frames do not count as quiet, and after them people get the same time to be seen again.
  const absl::Time quiet_since = inactive <= policy_.max_blind
                                     ? std::max(open.last_active(), blind_until_)
                                     : open.last_active();
  // Slow cameras: one missing frame is no end.
  return tick.now - quiet_since > std::max(policy_.close_after, tick.gap);
}

void IncidentBook::CloseWhatIsOver(const Tick& tick, const FrameFacts& facts,
                                   std::vector<Transition>& out) {
  for (auto it = open_.begin(); it != open_.end();) {
    it = Over(*it, tick) ? Close(it, facts, out) : std::next(it);
  }
}

void IncidentBook::CloseAll(const Tick& tick, const FrameFacts& facts,
                            std::vector<Transition>& out) {
  Adopt(tick, facts.capture_time);
  for (auto it = open_.begin(); it != open_.end();) it = Close(it, facts, out);
}

std::list<OpenIncident>::iterator IncidentBook::Close(std::list<OpenIncident>::iterator it,
                                                      const FrameFacts& facts,
                                                      std::vector<Transition>& out) {
  for (const Rule& rule : rules_) {
    if (!it->HasRule(rule.id)) continue;
    ledger_.StartCooldown(rule.id, it->last_active() + rule.cooldown, it->incident().severity);
  }
  Note(out, it->Close(facts.capture_time));
  metrics_.OpenChanged(-1);
  return open_.erase(it);
}

OpenIncident* IncidentBook::Admit(const Signal& signal, const FiringKey& key,
                                  const SceneView& scene, absl::Time capture_time) {
  if (const std::string* const id = ledger_.Fired(key)) {
    OpenIncident* const open = FindById(*id);
    if (open == nullptr) Suppress(key, "fire_once");
    return open;
  }
  if (OpenIncident* const open = FindToJoin(signal, scene.tracks)) return open;
  if (ledger_.Cooling(signal, scene.tick.now)) {
    Suppress(key, "cooldown");
    return nullptr;
  }
  open_.emplace_back(new_id_(), scene.tick, capture_time);
  metrics_.OpenChanged(1);
  return &open_.back();
}

OpenIncident* IncidentBook::FindById(const std::string& id) {
  for (OpenIncident& open : open_) {
    if (open.incident().id == id) return &open;
  }
  return nullptr;
}

OpenIncident* IncidentBook::FindToJoin(const Signal& signal, absl::Span<const TrackView> tracks) {
  // The newest first: adopted ones of a scene long past come first in the list.
  for (auto it = open_.rbegin(); it != open_.rend(); ++it) {
    const bool same_rule = it->HasRule(signal.rule->id);
    switch (policy_.join) {
      case JoinPolicy::kCamera:
        return &*it;
      case JoinPolicy::kScene:
        if (it->Concerns(signal) || (same_rule && it->MayGoOnWith(signal, tracks))) {
          return &*it;
        }
        break;
      case JoinPolicy::kRule:
        if (same_rule) return &*it;
        break;
    }
  }
  return nullptr;
}

void IncidentBook::Suppress(const FiringKey& key, const char* reason) {
  if (suppressed_before_.count(key) == 0 && suppressed_now_.count(key) == 0) {
    metrics_.Suppressed(reason);
  }
  suppressed_now_.insert(key);
}

void IncidentBook::Note(std::vector<Transition>& out, Transition transition) {
  metrics_.Happened(transition);
  out.push_back(std::move(transition));
}

}  // namespace aislewatch::fusion
