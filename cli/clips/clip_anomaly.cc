#include "cli/clips/clip_anomaly.h"

#include <algorithm>
#include <map>
#include <memory>

namespace aislewatch {

ClipAnomaly AnomalyOfClip(const PoseAnomalyScorer& scorer, absl::Span<const CapturedFrame> frames,
                          const clip_training::PeopleByFrame& people) {
  std::map<uint64_t, std::unique_ptr<PoseAnomalyTrack>> tracks;
  ClipAnomaly anomaly;
  double sum = 0;
  for (size_t f = 0; f < std::min(frames.size(), people.size()); ++f) {
    std::optional<AnomalyPeak> highest;
    for (const clip_training::FoundPerson& person : people[f]) {
      std::unique_ptr<PoseAnomalyTrack>& track = tracks[person.track_id];
      if (track == nullptr) track = scorer.NewTrack();
      const cv::Mat& image = frames[f].image;
      const std::optional<float> score =
          track->Push({frames[f].capture_time, person.keypoints, {image.cols, image.rows}});
      if (score && (!highest || *score > highest->score)) highest = {*score, f, person.track_id};
    }
    ++anomaly.frames;
    if (!people[f].empty()) ++anomaly.frames_with_people;
    if (!highest) continue;
    if (!anomaly.peak || highest->score > anomaly.peak->score) anomaly.peak = highest;
    sum += highest->score;
    anomaly.scores.push_back(highest->score);
  }
  if (!anomaly.scores.empty()) {
    anomaly.mean = static_cast<float>(sum / static_cast<double>(anomaly.scores.size()));
  }
  return anomaly;
}

}  // namespace aislewatch
