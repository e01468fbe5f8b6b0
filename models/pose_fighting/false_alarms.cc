#include "models/pose_fighting/false_alarms.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <utility>

#include "absl/strings/match.h"
#include "common/base/status.h"
#include "models/picture_movement/movement_scores.h"
#include "models/pose_fighting/judging_ways.h"

namespace aislewatch::pose_fighting {
namespace {

constexpr absl::Duration kLookEvery = absl::Seconds(1);
constexpr int kLooksOfOneAlarm = 10;

void Judged(const OrdinaryVideo& video, const Judge& judge, FalseAlarms& way) {
  int since_last = kLooksOfOneAlarm;
  for (const PosedClip& look : video.looks) {
    ++since_last;
    if (judge(look).probability < 0.5f) continue;
    ++way.looks;
    if (since_last > kLooksOfOneAlarm) ++way.alarms;
    since_last = 0;
  }
}

}  // namespace

OrdinaryVideo CutVideo(const clip_training::ClipFile& video, absl::Span<const CapturedFrame> frames,
                       const clip_training::PeopleByFrame& people) {
  OrdinaryVideo cut;
  if (frames.empty()) return cut;
  const absl::Time first = frames.front().capture_time;
  cut.length = frames.back().capture_time - first;
  for (absl::Time from = first; from == first || from + kLooksAt <= first + cut.length;
       from += kLookEvery) {
    const auto begin = std::find_if(frames.begin(), frames.end(), [from](const CapturedFrame& f) {
      return f.capture_time >= from;
    });
    const auto end = std::find_if(begin, frames.end(), [from](const CapturedFrame& f) {
      return f.capture_time >= from + kLooksAt;
    });
    const auto of_people = people.begin() + (begin - frames.begin());
    const auto span = frames.subspan(begin - frames.begin(), end - begin);
    if (span.empty()) continue;
    cut.looks.push_back(FollowClip(video, span, {of_people, of_people + (end - begin)}));
    cut.looks.back().movement =
        picture_movement::MeasureClip(picture_movement::MeasureMovement(span, kLooksAt));
  }
  return cut;
}

absl::StatusOr<OrdinaryFigures> CountFalseAlarms(const std::vector<PosedClip>& clips,
                                                 const std::vector<OrdinaryVideo>& videos) {
  OrdinaryFigures figures;
  figures.videos = static_cast<int>(videos.size());
  for (const OrdinaryVideo& video : videos) {
    figures.looks += static_cast<int>(video.looks.size());
    figures.length += video.length;
  }
  std::vector<const PosedClip*> all;
  for (const PosedClip& clip : clips) all.push_back(&clip);
  for (const auto& [name, learn] : WaysToJudge(clips)) {
    if (absl::StartsWith(name, "control")) continue;
    const absl::StatusOr<Judge> judge = learn(all);
    if (!judge.ok()) return Annotate(judge.status(), name);
    FalseAlarms way{name};
    for (const OrdinaryVideo& video : videos) Judged(video, *judge, way);
    figures.ways.push_back(std::move(way));
  }
  return figures;
}

nlohmann::json OrdinaryFiguresToJson(const OrdinaryFigures& figures) {
  nlohmann::json ways = nlohmann::json::object();
  for (const FalseAlarms& way : figures.ways) {
    ways[way.name] = {{"looks", way.looks}, {"alarms", way.alarms}};
  }
  return {{"videos", figures.videos},
          {"looks", figures.looks},
          {"seconds", absl::ToDoubleSeconds(figures.length)},
          {"ways", std::move(ways)}};
}

}  // namespace aislewatch::pose_fighting
