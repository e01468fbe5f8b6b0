#include "cli/risk/alarm_figures.h"

#include "absl/strings/str_format.h"
#include "cli/events_client.h"

namespace aislewatch {

double AlarmFigures::recall() const {
  return clips_with_act == 0 ? 0 : static_cast<double>(found) / clips_with_act;
}

double AlarmFigures::precision() const {
  return found + false_alarms == 0 ? 0 : static_cast<double>(found) / (found + false_alarms);
}

void AlarmCounter::Add(const std::set<v1::IncidentKind>& acts,
                       const std::multiset<v1::IncidentKind>& opened, absl::Duration length) {
  ++clips_;
  length_ += length;
  for (auto& [kind, figures] : figures_) {
    const int count = static_cast<int>(opened.count(kind));
    if (acts.contains(kind)) {
      ++figures.clips_with_act;
      figures.found += count > 0;
    } else {
      figures.false_alarms += count;
    }
  }
}

std::string AlarmCounter::Text(const std::string& name) const {
  std::string text = absl::StrFormat("%s: %d clips, %.2f camera-hours\n", name, clips_, hours());
  for (const auto& [kind, figures] : figures_) {
    absl::StrAppendFormat(
        &text,
        "  %-12s %3d with an act, %3d of them found, %3d false alarms: recall %.2f, precision "
        "%.2f, %.1f false alarms per camera-hour\n",
        KindName(kind), figures.clips_with_act, figures.found, figures.false_alarms,
        figures.recall(), figures.precision(), hours() > 0 ? figures.false_alarms / hours() : 0);
  }
  return text;
}

nlohmann::ordered_json AlarmCounter::ToJson() const {
  nlohmann::ordered_json kinds = nlohmann::ordered_json::object();
  for (const auto& [kind, figures] : figures_) {
    kinds[KindName(kind)] = {
        {"clips_with_act", figures.clips_with_act},
        {"found", figures.found},
        {"false_alarms", figures.false_alarms},
        {"recall", figures.recall()},
        {"precision", figures.precision()},
        {"false_alarms_per_camera_hour", hours() > 0 ? figures.false_alarms / hours() : 0}};
  }
  return {{"clips", clips_}, {"camera_hours", hours()}, {"kinds", std::move(kinds)}};
}

}  // namespace aislewatch
