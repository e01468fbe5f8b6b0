#include "models/pose_anomaly/evaluation/evaluate.h"

#include <algorithm>
#include <bit>
#include <ctime>
#include <map>
#include <optional>
#include <random>

#include "common/base/status.h"

namespace aislewatch::pose_anomaly {
namespace {

constexpr float kNoScore = -1e9f;
constexpr int kLeastAge = 5;  // for the control; as long as the posture scorer's warm-up
constexpr int kBootstraps = 1000;

// What is known of one labelled frame.
struct Frame {
  size_t clip = 0;
  bool anomalous = false;
  bool people = false;
  float score = kNoScore;
  /// Ages in frames of the youngest track, and of the youngest of kLeastAge or more.
  std::optional<uint32_t> youngest;
  std::optional<uint32_t> youngest_warm;
};

using FrameScore = float (*)(const Frame&);

float ModelScore(const Frame& f) { return f.score; }
float TrackAgeScore(const Frame& f) {
  return f.youngest_warm ? -static_cast<float>(*f.youngest_warm) : kNoScore;
}
float PresenceScore(const Frame& f) { return f.people ? 1 : 0; }

// Of the processor, not the wall: what else the machine does must not count.
double ThreadCpuMicroseconds() {
  timespec now{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
  return 1e6 * static_cast<double>(now.tv_sec) + 1e-3 * static_cast<double>(now.tv_nsec);
}

void TakeYounger(std::optional<uint32_t>& youngest, uint32_t age) {
  youngest = youngest ? std::min(*youngest, age) : age;
}

// Scores the tracks of one clip and adds its frames.
void ScoreClip(const PoseAnomalyScorer& scorer, const LabelledClip& clip, size_t index,
               std::vector<Frame>& frames, EvaluationReport& report) {
  const size_t first = frames.size();
  for (uint8_t label : clip.labels) frames.push_back({index, label != 0, false, kNoScore, {}, {}});
  for (const ClipTrack& track : clip.clip.tracks) {
    const std::unique_ptr<PoseAnomalyTrack> scored = scorer.NewTrack();
    uint32_t age = 0;
    for (const ClipPose& pose : track.poses) {
      const std::optional<float> score = scored->Push(ToSample(pose));
      ++age;
      ++report.poses;
      if (static_cast<size_t>(pose.frame) >= clip.labels.size()) {
        ++report.poses_beyond_labels;
        continue;
      }
      Frame& frame = frames[first + pose.frame];
      frame.people = true;
      if (score) frame.score = std::max(frame.score, *score);
      TakeYounger(frame.youngest, age);
      if (age >= kLeastAge) TakeYounger(frame.youngest_warm, age);
    }
  }
}

std::vector<ScoredFrame> Scored(const std::vector<Frame>& frames, FrameScore score,
                                bool people_only) {
  std::vector<ScoredFrame> scored;
  for (const Frame& f : frames) {
    if (f.people || !people_only) scored.push_back({score(f), f.anomalous});
  }
  return scored;
}

absl::StatusOr<FrameSetMetrics> MetricsOf(std::vector<ScoredFrame> scored) {
  FrameSetMetrics result;
  result.frames = scored.size();
  for (const ScoredFrame& f : scored) result.anomalous += f.anomalous ? 1 : 0;
  AW_ASSIGN_OR_RETURN(result.metrics, Rank(std::move(scored)));
  return result;
}

absl::StatusOr<ScoreMetrics> MetricsOf(const std::vector<Frame>& frames, FrameScore score) {
  ScoreMetrics result;
  const std::vector<ScoredFrame> people = Scored(frames, score, /*people_only=*/true);
  absl::StatusOr<FrameSetMetrics> people_metrics = MetricsOf(people);
  if (!people_metrics.ok()) return Annotate(people_metrics.status(), "frames with people");
  result.people_frames = *std::move(people_metrics);
  AW_ASSIGN_OR_RETURN(result.all_frames, MetricsOf(Scored(frames, score, false)));
  std::vector<int> octaves;
  for (const Frame& f : frames) {
    if (f.people) octaves.push_back(std::bit_width(*f.youngest));
  }
  const absl::StatusOr<double> stratified = StratifiedAuc(people, octaves);
  if (stratified.ok()) result.age_stratified = *stratified;
  return result;
}

void MeasureWithinClips(const std::vector<Frame>& frames, EvaluationReport& report) {
  std::map<size_t, std::vector<ScoredFrame>> by_clip;
  for (const Frame& f : frames) {
    if (f.people) by_clip[f.clip].push_back({f.score, f.anomalous});
  }
  double sum = 0;
  for (auto& [clip, members] : by_clip) {
    const absl::StatusOr<RankingMetrics> metrics = Rank(std::move(members));
    if (!metrics.ok()) continue;  // one label only: no ranking to judge
    sum += metrics->auc_roc;
    ++report.within_clip_clips;
  }
  if (report.within_clip_clips > 0) {
    report.within_clip = sum / static_cast<double>(report.within_clip_clips);
  }
}

// AUC of frames in rising order of score, where a frame counts as often as its clip was drawn.
// Nothing where a class is missing.
std::optional<double> WeightedAuc(const std::vector<Frame>& sorted,
                                  const std::vector<double>& drawn) {
  double positives = 0, negatives = 0, right = 0;
  for (size_t i = 0; i < sorted.size();) {
    double tied_positives = 0, tied_negatives = 0;
    const float score = sorted[i].score;
    for (; i < sorted.size() && sorted[i].score == score; ++i) {
      (sorted[i].anomalous ? tied_positives : tied_negatives) += drawn[sorted[i].clip];
    }
    right += tied_positives * (negatives + tied_negatives / 2);
    positives += tied_positives;
    negatives += tied_negatives;
  }
  if (positives == 0 || negatives == 0) return std::nullopt;
  return right / positives / negatives;
}

void Bootstrap(std::vector<Frame> frames, size_t clips, EvaluationReport& report) {
  frames.erase(std::remove_if(frames.begin(), frames.end(), [](auto& f) { return !f.people; }),
               frames.end());
  std::sort(frames.begin(), frames.end(),
            [](const Frame& a, const Frame& b) { return a.score < b.score; });
  std::mt19937_64 random(0);
  std::vector<double> aucs;
  for (int b = 0; b < kBootstraps; ++b) {
    std::vector<double> drawn(clips, 0);
    for (size_t i = 0; i < clips; ++i) drawn[random() % clips] += 1;
    if (const auto auc = WeightedAuc(frames, drawn)) aucs.push_back(*auc);
  }
  if (aucs.empty()) return;
  std::sort(aucs.begin(), aucs.end());
  report.bootstrap_low = aucs[aucs.size() * 25 / 1000];
  report.bootstrap_high = aucs[std::min(aucs.size() - 1, aucs.size() * 975 / 1000)];
}

}  // namespace

absl::StatusOr<EvaluationReport> EvaluatePoseAnomaly(const PoseAnomalyScorer& scorer,
                                                     const TestSet& set) {
  EvaluationReport report;
  report.model = scorer.info();
  report.clips = set.clips.size();
  report.clips_without_mask = set.without_mask;
  report.clips_without_poses = set.without_poses;
  std::vector<Frame> frames;
  const double start = ThreadCpuMicroseconds();
  for (size_t c = 0; c < set.clips.size(); ++c) {
    ScoreClip(scorer, set.clips[c], c, frames, report);
  }
  report.microseconds_per_pose = (ThreadCpuMicroseconds() - start) /
                                 static_cast<double>(std::max<size_t>(1, report.poses));
  AW_ASSIGN_OR_RETURN(report.score, MetricsOf(frames, ModelScore));
  AW_ASSIGN_OR_RETURN(report.track_age, MetricsOf(frames, TrackAgeScore));
  AW_ASSIGN_OR_RETURN(report.presence, MetricsOf(frames, PresenceScore));
  MeasureWithinClips(frames, report);
  Bootstrap(std::move(frames), set.clips.size(), report);
  return report;
}

}  // namespace aislewatch::pose_anomaly
