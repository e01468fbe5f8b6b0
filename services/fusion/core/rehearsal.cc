#include "services/fusion/core/rehearsal.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"

namespace aislewatch::fusion {

Rehearsal::Rehearsal(Options options) : options_(std::move(options)) { OpenStream(); }

void Rehearsal::OpenStream() {
  FusionStream::Options options;
  options.settings = options_.settings;
  options.scene = options_.scene;
  // As a pipeline hands them to the stream that follows.
  for (const auto& [id, incident] : open_) options.open_incidents.push_back(incident);
  options.new_id = [this] { return absl::StrCat(++ids_); };
  stream_ = std::make_unique<FusionStream>(std::move(options), metrics_);
}

void Rehearsal::Play(const JudgedFrame& frame) {
  if (frame.first) OpenStream();
  for (Transition& transition : stream_->Rejudge(frame)) {
    if (transition.kind == TransitionKind::kClosed) {
      open_.erase(transition.incident.id);
      Count(std::move(transition.incident), tallies_);
    } else {
      open_[transition.incident.id] = std::move(transition.incident);
    }
  }
}

void Rehearsal::Count(Incident incident, std::map<std::string, Tally>& tallies) const {
  for (const std::string& rule : incident.rule_ids) {
    Tally& tally = tallies[rule];
    ++tally.incidents;
    // Incidents end in another order than they begin.
    const auto later = std::find_if(
        tally.examples.begin(), tally.examples.end(),
        [&](const Incident& other) { return other.opened_time > incident.opened_time; });
    tally.examples.insert(later, incident);
    if (tally.examples.size() > options_.max_examples) tally.examples.pop_front();
  }
}

std::vector<RuleOutcome> Rehearsal::Outcomes() const {
  std::map<std::string, Tally> tallies = tallies_;
  for (const auto& [id, incident] : open_) Count(incident, tallies);
  std::vector<RuleOutcome> outcomes;
  for (const Rule& rule : options_.scene.rules) {
    Tally& tally = tallies[rule.id];
    RuleOutcome& outcome = outcomes.emplace_back();
    outcome.rule_id = rule.id;
    outcome.incidents = tally.incidents;
    outcome.examples.assign(tally.examples.rbegin(), tally.examples.rend());
    for (Incident& example : outcome.examples) example.id.clear();
  }
  return outcomes;
}

}  // namespace aislewatch::fusion
