#include "models/pose_anomaly/evaluation/evaluate.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <ctime>
#include <map>
#include <optional>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/base/status.h"
#include "models/pose_anomaly/evaluation/smoothing.h"

namespace aislewatch::pose_anomaly {
namespace {

using ranking::RankingMetrics;
using ranking::ScoredItem;

constexpr float kNoScore = -1e9f;
constexpr int kLeastAge = 5;  // for the control; as long as the posture scorer's warm-up

/// Smoothing leaves a constant constant but for rounding, which must not rank frames.
constexpr float kCoverageSteps = 1000;

using FrameScore = float (*)(const EvaluatedFrame&);

float PresenceScore(const EvaluatedFrame& f) { return f.people ? 1 : 0; }
float ConstantScore(const EvaluatedFrame& f) { return f.coverage; }

// Of the processor, not the wall: what else the machine does must not count.
double ThreadCpuMicroseconds() {
  timespec now{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
  return 1e6 * static_cast<double>(now.tv_sec) + 1e-3 * static_cast<double>(now.tv_nsec);
}

void TakeYounger(std::optional<uint32_t>& youngest, uint32_t age) {
  youngest = youngest ? std::min(*youngest, age) : age;
}

void TakeHigher(EvaluatedFrame& frame, const std::optional<float>& score, size_t track) {
  if (!score || (frame.score && *score <= *frame.score)) return;
  frame.score = score;
  frame.track = track;
  frame.coverage = 1;
}

// Scores the tracks of one clip and adds its frames.
absl::Status ScoreClip(const PoseAnomalyScorer& scorer, const LabelledClip& clip, size_t index,
                       EvaluationReport& report) {
  const size_t first = report.frames.size();
  for (size_t f = 0; f < clip.labels.size(); ++f) {
    report.frames.push_back({index, static_cast<int>(f), clip.labels[f] != 0});
  }
  int last = -1;
  for (size_t t = 0; t < clip.clip.tracks.size(); ++t) {
    const ClipTrack& track = clip.clip.tracks[t];
    const std::unique_ptr<PoseAnomalyTrack> scored = scorer.NewTrack();
    uint32_t age = 0;
    last = std::max(last, track.poses.back().frame);
    for (const ClipPose& pose : track.poses) {
      const std::optional<float> score = scored->Push(ToSample(pose));
      ++age;
      ++report.poses;
      if (score && std::isnan(*score)) {
        return absl::InvalidArgumentError(
            absl::StrCat(clip.clip.name, ": the score of person ", track.person, " in frame ",
                         pose.frame, " is not a number; the model's weights may be damaged"));
      }
      const auto scored_frame = static_cast<size_t>(pose.frame - report.protocol.delay_frames);
      if (scored_frame <
          clip.labels.size()) {  // a frame before the clip wraps round to a large one
        TakeHigher(report.frames[first + scored_frame], score, t);
      }
      if (static_cast<size_t>(pose.frame) >= clip.labels.size()) {
        ++report.poses_beyond_labels;
        continue;
      }
      EvaluatedFrame& frame = report.frames[first + static_cast<size_t>(pose.frame)];
      frame.people = true;
      TakeYounger(frame.youngest, age);
      if (age >= kLeastAge) TakeYounger(frame.youngest_warm, age);
    }
  }
  const size_t seen = std::min(clip.labels.size(), static_cast<size_t>(last + 1));
  report.labels_beyond_poses += clip.labels.size() - seen;
  report.unknown_confidences += clip.clip.unknown_confidences;
  return absl::OkStatus();
}

// Smooths scores and coverage, clip by clip.
void Smooth(std::vector<EvaluatedFrame>& frames) {
  std::optional<float> lowest;
  for (const EvaluatedFrame& f : frames) {
    if (f.score) lowest = lowest ? std::min(*lowest, *f.score) : *f.score;
  }
  for (size_t first = 0, end = 0; first < frames.size(); first = end) {
    std::vector<float> scores, coverage;
    for (; end < frames.size() && frames[end].clip == frames[first].clip; ++end) {
      scores.push_back(frames[end].score.value_or(lowest.value_or(0)));
      coverage.push_back(frames[end].coverage);
    }
    SmoothAsPublished(scores);
    SmoothAsPublished(coverage);
    for (size_t f = first; f < end; ++f) {
      frames[f].score = scores[f - first];
      frames[f].coverage = std::round(kCoverageSteps * coverage[f - first]) / kCoverageSteps;
    }
  }
}

// What of a protocol remains once every clip has its scores.
void Apply(const Protocol& protocol, std::vector<EvaluatedFrame>& frames) {
  std::vector<bool> covered;
  for (const EvaluatedFrame& f : frames) covered.push_back(f.score.has_value());
  if (protocol.smoothed) Smooth(frames);
  if (!protocol.covered_only) return;
  size_t kept = 0;
  for (size_t f = 0; f < frames.size(); ++f) {
    if (covered[f]) frames[kept++] = frames[f];
  }
  frames.resize(kept);
}

std::vector<ScoredItem> Scored(const std::vector<EvaluatedFrame>& frames, FrameScore score,
                               bool people_only) {
  std::vector<ScoredItem> scored;
  for (const EvaluatedFrame& f : frames) {
    if (f.people || !people_only) scored.push_back({score(f), f.anomalous});
  }
  return scored;
}

// Octave of the youngest track's age, of each frame with people.
std::vector<int> AgeOctaves(const std::vector<EvaluatedFrame>& frames) {
  std::vector<int> octaves;
  for (const EvaluatedFrame& f : frames) {
    if (f.people) octaves.push_back(std::bit_width(*f.youngest));
  }
  return octaves;
}

absl::StatusOr<FrameSetMetrics> MetricsOf(std::vector<ScoredItem> scored) {
  FrameSetMetrics result;
  result.frames = scored.size();
  for (const ScoredItem& f : scored) result.anomalous += f.positive ? 1 : 0;
  AW_ASSIGN_OR_RETURN(result.metrics, Rank(std::move(scored)));
  return result;
}

// AUC-ROC inside each clip whose people frames have both labels, by the clip's index.
std::map<size_t, double> AucsWithinClips(const std::vector<EvaluatedFrame>& frames,
                                         FrameScore score) {
  std::map<size_t, std::vector<ScoredItem>> by_clip;
  for (const EvaluatedFrame& f : frames) {
    if (f.people) by_clip[f.clip].push_back({score(f), f.anomalous});
  }
  std::map<size_t, double> aucs;
  for (auto& [clip, members] : by_clip) {
    const absl::StatusOr<RankingMetrics> metrics = Rank(std::move(members));
    if (metrics.ok()) aucs[clip] = metrics->auc_roc;  // else one label only: no ranking to judge
  }
  return aucs;
}

// Mean of the clips' values, each as often as it was drawn.
std::optional<double> DrawnMean(const std::map<size_t, double>& of_clips,
                                absl::Span<const double> drawn) {
  double sum = 0, count = 0;
  for (const auto& [clip, value] : of_clips) {
    sum += drawn[clip] * value;
    count += drawn[clip];
  }
  return count == 0 ? std::nullopt : std::optional(sum / count);
}

absl::StatusOr<ScoreMetrics> MetricsOf(const std::vector<EvaluatedFrame>& frames, size_t clips,
                                       FrameScore score) {
  ScoreMetrics result;
  const std::vector<ScoredItem> people = Scored(frames, score, /*people_only=*/true);
  absl::StatusOr<FrameSetMetrics> people_metrics = MetricsOf(people);
  if (!people_metrics.ok()) return Annotate(people_metrics.status(), "frames with people");
  result.people_frames = *std::move(people_metrics);
  AW_ASSIGN_OR_RETURN(result.all_frames, MetricsOf(Scored(frames, score, false)));
  const absl::StatusOr<double> stratified = ranking::StratifiedAuc(people, AgeOctaves(frames));
  if (stratified.ok()) result.age_stratified = *stratified;
  result.within_clip = DrawnMean(AucsWithinClips(frames, score), std::vector<double>(clips, 1));
  return result;
}

ScoreIntervals Bootstrap(const std::vector<EvaluatedFrame>& frames, size_t clips,
                         const std::map<size_t, double>& within_clips) {
  std::vector<ScoredItem> people = Scored(frames, RankedScore, /*people_only=*/true);
  std::vector<ScoredItem> all = Scored(frames, RankedScore, /*people_only=*/false);
  const std::vector<int> octaves = AgeOctaves(frames);
  const auto figures = [&](absl::Span<const double> drawn) {
    size_t next = 0;
    for (size_t f = 0; f < frames.size(); ++f) {
      all[f].weight = drawn[frames[f].clip];
      if (frames[f].people) people[next++].weight = drawn[frames[f].clip];
    }
    std::vector<std::optional<double>> values;
    for (const std::vector<ScoredItem>* set : {&people, &all}) {
      const absl::StatusOr<RankingMetrics> metrics = Rank(*set);
      const auto value = [&](double RankingMetrics::*figure) {
        return metrics.ok() ? std::optional((*metrics).*figure) : std::nullopt;
      };
      values.insert(values.end(),
                    {value(&RankingMetrics::auc_roc), value(&RankingMetrics::average_precision),
                     value(&RankingMetrics::eer)});
    }
    const absl::StatusOr<double> stratified = ranking::StratifiedAuc(people, octaves);
    values.push_back(stratified.ok() ? std::optional(*stratified) : std::nullopt);
    values.push_back(DrawnMean(within_clips, drawn));
    return values;
  };
  const auto intervals = ranking::BootstrapIntervals(clips, figures);
  return {{intervals[0], intervals[1], intervals[2]},
          {intervals[3], intervals[4], intervals[5]},
          intervals[6],
          intervals[7]};
}

}  // namespace

float RankedScore(const EvaluatedFrame& f) { return f.score.value_or(kNoScore); }

float TrackAgeScore(const EvaluatedFrame& f) {
  return f.youngest_warm ? -static_cast<float>(*f.youngest_warm) : kNoScore;
}

absl::StatusOr<EvaluationReport> EvaluatePoseAnomaly(const PoseAnomalyScorer& scorer,
                                                     const TestSet& set, const Protocol& protocol) {
  return EvaluatePoseAnomaly(
      scorer.info(), [&](const PoseClip&) -> const PoseAnomalyScorer& { return scorer; }, set,
      protocol);
}

absl::StatusOr<EvaluationReport> EvaluatePoseAnomaly(const ModelInfo& model,
                                                     const ScorerOfClip& scorer_of,
                                                     const TestSet& set, const Protocol& protocol) {
  EvaluationReport report;
  report.model = model;
  report.protocol = protocol;
  report.clips = set.clips.size();
  report.clips_without_mask = set.without_mask;
  report.clips_without_poses = set.without_poses;
  const double start = ThreadCpuMicroseconds();
  for (size_t c = 0; c < set.clips.size(); ++c) {
    AW_RETURN_IF_ERROR(ScoreClip(scorer_of(set.clips[c].clip), set.clips[c], c, report));
  }
  report.microseconds_per_pose =
      (ThreadCpuMicroseconds() - start) / static_cast<double>(std::max<size_t>(1, report.poses));
  Apply(protocol, report.frames);
  AW_ASSIGN_OR_RETURN(report.score, MetricsOf(report.frames, report.clips, RankedScore));
  AW_ASSIGN_OR_RETURN(report.track_age, MetricsOf(report.frames, report.clips, TrackAgeScore));
  AW_ASSIGN_OR_RETURN(report.presence, MetricsOf(report.frames, report.clips, PresenceScore));
  AW_ASSIGN_OR_RETURN(report.constant, MetricsOf(report.frames, report.clips, ConstantScore));
  const std::map<size_t, double> within_clips = AucsWithinClips(report.frames, RankedScore);
  report.within_clip_clips = within_clips.size();
  report.bootstrap = Bootstrap(report.frames, set.clips.size(), within_clips);
  return report;
}

}  // namespace aislewatch::pose_anomaly
