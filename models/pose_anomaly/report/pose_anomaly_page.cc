#include "models/pose_anomaly/report/pose_anomaly_page.h"

#include <algorithm>
#include <map>
#include <optional>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "models/report/confusion_matrix.h"
#include "models/report/histogram.h"
#include "models/report/line_chart.h"
#include "models/report/pose_drawing.h"
#include "models/report/ranking_curves.h"

namespace aislewatch::pose_anomaly {
namespace {

using ranking::Interval;
using ranking::ScoredItem;
using report::Element;
using report::FigureText;
using report::Html;
using report::IntervalText;
using report::Note;

constexpr size_t kMistakes = 8;
constexpr int kBins = 20;
/// Frames before the one that is shown whose poses are drawn faintly: the posture scorer looks back
/// 0.8 s.
constexpr int kEarlier[] = {12, 6};

using FrameScore = float (*)(const EvaluatedFrame&);

std::string Seconds(int frame) { return absl::StrFormat("%.1f s", frame / kPoseLiftFps); }

std::vector<ScoredItem> PeopleItems(const std::vector<EvaluatedFrame>& frames, FrameScore score) {
  std::vector<ScoredItem> items;
  for (const EvaluatedFrame& f : frames) {
    if (f.people) items.push_back({score(f), f.anomalous});
  }
  return items;
}

std::vector<Html> FigureRow(const std::string& name, const FrameSetMetrics& set,
                            const FrameSetIntervals& intervals) {
  return {name,
          absl::StrCat(set.frames),
          absl::StrCat(set.anomalous),
          FigureText(set.metrics.auc_roc),
          IntervalText(intervals.auc_roc),
          FigureText(set.metrics.average_precision),
          IntervalText(intervals.average_precision),
          FigureText(set.metrics.eer),
          IntervalText(intervals.eer)};
}

std::vector<Html> AucRow(const std::string& name, const std::string& frames,
                         const std::optional<double>& auc,
                         const std::optional<Interval>& interval) {
  return {name, frames, "", FigureText(auc), IntervalText(interval), "", "", "", ""};
}

Html Figures(const EvaluationReport& evaluation) {
  const ScoreMetrics& score = evaluation.score;
  const ScoreIntervals& intervals = evaluation.bootstrap;
  const std::string people = absl::StrCat(score.people_frames.frames);
  const std::string clips = absl::StrCat(evaluation.within_clip_clips, " clips");
  report::Table table;
  table.caption = "How well shoplifting ranks above normal shopping, frame by frame";
  table.columns = {{"frames"},        {"in all"},        {"shoplifting"},
                   {"AUC-ROC"},       {"95 % interval"}, {"avg. precision"},
                   {"95 % interval"}, {"EER"},           {"95 % interval"}};
  table.rows = {
      FigureRow("with people", score.people_frames, intervals.people_frames),
      FigureRow("all labelled", score.all_frames, intervals.all_frames),
      AucRow("with people, by track age", people, score.age_stratified, intervals.age_stratified),
      AucRow("with people, within a clip", clips, score.within_clip, intervals.within_clip),
      FigureRow("control: track age", evaluation.track_age.people_frames, {}),
      AucRow("control: track age, by track age", people, evaluation.track_age.age_stratified, {}),
      AucRow("control: track age, within a clip", clips, evaluation.track_age.within_clip, {}),
      FigureRow("control: presence, all labelled", evaluation.presence.all_frames, {}),
      AucRow("control: presence, within a clip", clips, evaluation.presence.within_clip, {})};
  return report::Section(
      "Figures",
      {report::ToHtml(table),
       Note(
           {"Shoplifting is the positive class; 0.5 is chance for AUC-ROC and EER. Intervals are a "
            "bootstrap over clips. By track age, only frames whose youngest track is about as old "
            "are compared; within a clip, only frames of one clip. The controls look at no pose: "
            "a gain that they match is no gain."})});
}

Html Curves(const EvaluationReport& evaluation) {
  report::RankingCurves curves({"normal frames raised", "shoplifting frames found"});
  curves.Add("model", PeopleItems(evaluation.frames, RankedScore));
  curves.Add("control: track age", PeopleItems(evaluation.frames, TrackAgeScore));
  const report::HistogramChart scores = {
      "Scores", "shoplifting", "normal", "frames with people",
      report::CountInBins(PeopleItems(evaluation.frames, RankedScore), kBins)};
  return report::Section(
      "Curves and scores",
      {Element("div", {{"class", "charts"}},
               {report::Draw(curves.roc()), report::Draw(curves.precision_recall()),
                report::Draw(scores)}),
       Note({"On frames with people. The dotted line is chance. A score is the fraction of normal "
             "poses that score lower."})});
}

/// Frames with people, judged from the score on that is best on these very frames.
Html Judgements(const EvaluationReport& evaluation) {
  const auto ranking = ranking::MakeRanking(PeopleItems(evaluation.frames, RankedScore));
  if (!ranking.ok()) return {};  // the evaluation has seen to it that there are both kinds
  // Who has no score yet is not judged shoplifting.
  const double threshold = std::max(0.0, ranking::BestF1Threshold(*ranking));
  report::ConfusionMatrix matrix;
  matrix.caption = absl::StrFormat("Frames with people, judged from a score of %.3f on", threshold);
  matrix.truths = {"normal", "shoplifting"};
  matrix.judgements = {"judged normal", "judged shoplifting"};
  matrix.counts = {{0, 0}, {0, 0}};
  for (const EvaluatedFrame& f : evaluation.frames) {
    if (f.people) ++matrix.counts[f.anomalous ? 1 : 0][RankedScore(f) >= threshold ? 1 : 0];
  }
  return report::Section(
      "Confusion matrix",
      {report::Draw(matrix),
       Note({"The score is the one at which F1 is highest on these very frames, so this flatters "
             "the model. Nothing in the product judges by this score alone: fusion adds it to "
             "what the other models say."})});
}

Html Cameras(const EvaluationReport& evaluation, const TestSet& set) {
  struct Camera {
    size_t clips = 0;
    std::vector<ScoredItem> items;
  };
  std::map<std::string, Camera> cameras;
  for (const LabelledClip& clip : set.clips) ++cameras[CameraOf(clip.clip.name)].clips;
  for (const EvaluatedFrame& f : evaluation.frames) {
    if (!f.people) continue;
    cameras[CameraOf(set.clips[f.clip].clip.name)].items.push_back({RankedScore(f), f.anomalous});
  }
  report::Table table;
  table.caption = "By camera, on frames with people";
  table.columns = {{"camera"},      {"clips"},   {"frames"},
                   {"shoplifting"}, {"AUC-ROC"}, {"avg. precision"}};
  for (auto& [name, camera] : cameras) {
    const auto positive = std::count_if(camera.items.begin(), camera.items.end(),
                                        [](const ScoredItem& item) { return item.positive; });
    const std::string frames = absl::StrCat(camera.items.size());
    const auto metrics = ranking::Rank(std::move(camera.items));
    table.rows.push_back(
        {name, absl::StrCat(camera.clips), frames, absl::StrCat(positive),
         metrics.ok() ? FigureText(metrics->auc_roc) : FigureText(std::nullopt),
         metrics.ok() ? FigureText(metrics->average_precision) : FigureText(std::nullopt)});
  }
  return report::Section(
      "Cameras", {report::ToHtml(table), Note({"A dash would mean that only one kind of frame "
                                               "is there, so that there is nothing to rank."})});
}

/// The scores of a clip over time, with shoplifting as a coloured stretch.
report::LineChart Timeline(const std::vector<EvaluatedFrame>& frames, size_t clip,
                           const std::string& name) {
  report::LineChart chart;
  chart.title = absl::StrCat("Scores over time in ", name);
  report::Series series;
  std::optional<std::pair<double, double>> band;
  for (const EvaluatedFrame& f : frames) {
    if (f.clip != clip) continue;
    chart.x_high = std::max(1, f.frame);
    if (f.score) series.points.push_back({static_cast<double>(f.frame), *f.score});
    if (f.anomalous) {
      if (!band) band = {f.frame, f.frame};
      band->second = f.frame + 1;
    } else if (band) {
      chart.bands.push_back(*std::exchange(band, std::nullopt));
    }
  }
  if (band) chart.bands.push_back(*band);
  chart.description = absl::StrCat(chart.bands.size(), " stretches of shoplifting");
  chart.series = {std::move(series)};
  return chart;
}

/// The last pose of `track` at or before `frame`, if it is not older than `most` frames.
const Pose* PoseAt(const ClipTrack& track, int frame, int most) {
  const Pose* found = nullptr;
  for (const ClipPose& pose : track.poses) {
    if (pose.frame <= frame && frame - pose.frame <= most) found = &pose.pose;
  }
  return found;
}

/// The person behind a frame's score; where nobody has one, somebody who is in the frame.
const ClipTrack* PersonBehind(const EvaluatedFrame& frame, const PoseClip& clip) {
  if (frame.score) return &clip.tracks[frame.track];
  for (const ClipTrack& track : clip.tracks) {
    if (PoseAt(track, frame.frame, 0) != nullptr) return &track;
  }
  return nullptr;
}

Html Mistake(const EvaluatedFrame& frame, const EvaluationReport& evaluation, const TestSet& set,
             const std::string& why) {
  const PoseClip& clip = set.clips[frame.clip].clip;
  const ClipTrack* person = PersonBehind(frame, clip);
  std::vector<Pose> poses;
  std::string who;
  if (person != nullptr) {
    who = absl::StrCat("Person ", person->person, ", ");
    for (const int earlier : kEarlier) {
      if (const Pose* pose = PoseAt(*person, frame.frame - earlier, 2)) poses.push_back(*pose);
    }
    if (const Pose* pose = PoseAt(*person, frame.frame, 0)) poses.push_back(*pose);
  }
  const std::string where =
      absl::StrCat(who, "frame ", frame.frame, " (", Seconds(frame.frame), ")");
  const std::string score =
      frame.score ? absl::StrFormat("Score %.3f. ", *frame.score) : "No score yet. ";
  return Element("article", {{"class", "card"}},
                 {report::PoseDrawing(poses, kPoseLiftFrame,
                                      absl::StrCat("Skeleton in ", clip.name, ", ", where)),
                  Element("h4", {clip.name}), Element("p", {where}), Element("p", {score, why}),
                  report::DrawStrip(Timeline(evaluation.frames, frame.clip, clip.name))});
}

/// Fraction of the frames of one kind with people that score at least (or below) `score`, as text.
std::string PerCent(const EvaluationReport& evaluation, bool anomalous, float score, bool below) {
  int all = 0, counted = 0;
  for (const EvaluatedFrame& f : evaluation.frames) {
    if (!f.people || f.anomalous != anomalous) continue;
    ++all;
    if ((RankedScore(f) < score) == below) ++counted;
  }
  return absl::StrFormat("%.0f %%", all == 0 ? 0 : 100.0 * counted / all);
}

/// The highest frame of each clip among those of one kind, in rising order of score.
std::vector<const EvaluatedFrame*> ClipPeaks(const EvaluationReport& evaluation, bool anomalous) {
  std::map<size_t, const EvaluatedFrame*> by_clip;
  for (const EvaluatedFrame& f : evaluation.frames) {
    if (!f.people || f.anomalous != anomalous) continue;
    const EvaluatedFrame*& peak = by_clip[f.clip];
    if (peak == nullptr || RankedScore(f) > RankedScore(*peak)) peak = &f;
  }
  std::vector<const EvaluatedFrame*> peaks;
  for (const auto& [clip, frame] : by_clip) peaks.push_back(frame);
  std::stable_sort(peaks.begin(), peaks.end(),
                   [](const auto* a, const auto* b) { return RankedScore(*a) < RankedScore(*b); });
  return peaks;
}

Html WorstMistakes(const EvaluationReport& evaluation, const TestSet& set) {
  std::vector<const EvaluatedFrame*> false_alarms = ClipPeaks(evaluation, false);
  std::reverse(false_alarms.begin(), false_alarms.end());
  false_alarms.resize(std::min(kMistakes, false_alarms.size()));
  std::vector<const EvaluatedFrame*> misses = ClipPeaks(evaluation, true);
  misses.resize(std::min(kMistakes, misses.size()));
  Html alarm_cards, miss_cards;
  for (const EvaluatedFrame* f : false_alarms) {
    alarm_cards +=
        Mistake(*f, evaluation, set,
                absl::StrCat("Above ", PerCent(evaluation, true, RankedScore(*f), /*below=*/true),
                             " of the shoplifting frames, but labelled normal."));
  }
  for (const EvaluatedFrame* f : misses) {
    miss_cards += Mistake(*f, evaluation, set,
                          absl::StrCat("The most that its shoplifting frames reach; ",
                                       PerCent(evaluation, false, RankedScore(*f), /*below=*/false),
                                       " of the normal frames score as high."));
  }
  return report::Section(
      "Worst mistakes",
      {Element("p", {"One frame for each clip, as the skeleton that scored highest there; faint "
                     "skeletons are 0.4 and 0.8 s earlier, dots are wrists. Below each: the clip's "
                     "scores over time, with labelled shoplifting in colour."}),
       Element("h3", {"Normal frames that score highest"}),
       Element("div", {{"class", "cards"}}, {alarm_cards}),
       Element("h3", {{"class", "later"}}, {"Shoplifting that scores lowest"}),
       Element("div", {{"class", "cards"}}, {miss_cards})});
}

Html Clips(const EvaluationReport& evaluation, const TestSet& set) {
  report::Table table;
  table.caption = "Every clip: scores over time, labelled shoplifting in colour";
  table.columns = {{"clip"},        {"frames"},     {"with people"},
                   {"shoplifting"}, {"AUC within"}, {"scores", true}};
  for (size_t c = 0; c < set.clips.size(); ++c) {
    const LabelledClip& clip = set.clips[c];
    std::vector<EvaluatedFrame> own;
    std::copy_if(evaluation.frames.begin(), evaluation.frames.end(), std::back_inserter(own),
                 [&](const EvaluatedFrame& f) { return f.clip == c; });
    const std::vector<ScoredItem> items = PeopleItems(own, RankedScore);
    const auto metrics = ranking::Rank(items);
    table.rows.push_back({clip.clip.name, absl::StrCat(clip.labels.size()),
                          absl::StrCat(items.size()),
                          absl::StrCat(std::count(clip.labels.begin(), clip.labels.end(), 1)),
                          metrics.ok() ? FigureText(metrics->auc_roc) : FigureText(std::nullopt),
                          report::DrawStrip(Timeline(own, c, clip.clip.name))});
  }
  return report::Section("Clips", {report::Folded("All clips", report::ToHtml(table))});
}

Html LeftOut(const EvaluationReport& evaluation) {
  report::Table table;
  table.caption = "What the data lack, and what was made of it";
  table.columns = {{"what"}, {"how many"}, {"treated as", true}};
  const auto names = [](const std::vector<std::string>& clips) {
    return absl::StrJoin(clips, ", ");
  };
  table.rows = {{"clips without labels", absl::StrCat(evaluation.clips_without_mask.size()),
                 absl::StrCat("left out ", names(evaluation.clips_without_mask))},
                {"labels without poses", absl::StrCat(evaluation.clips_without_poses.size()),
                 absl::StrCat("left out ", names(evaluation.clips_without_poses))},
                {"poses beyond a clip's labels", absl::StrCat(evaluation.poses_beyond_labels),
                 "count for nothing"},
                {"labels beyond a clip's last pose", absl::StrCat(evaluation.labels_beyond_poses),
                 "frames without people: below every score"},
                {"joints whose confidence is NaN", absl::StrCat(evaluation.unknown_confidences),
                 "confidence 0"}};
  return report::Section("What was left out", {report::ToHtml(table)});
}

}  // namespace

std::string PoseAnomalyPage(const EvaluationReport& evaluation, const TestSet& set,
                            const report::Provenance& provenance) {
  Html body = Figures(evaluation);
  body += Judgements(evaluation);
  body += Curves(evaluation);
  body += Cameras(evaluation, set);
  body += WorstMistakes(evaluation, set);
  body += Clips(evaluation, set);
  body += LeftOut(evaluation);
  const FrameSetMetrics& people = evaluation.score.people_frames;
  return report::Page(
      absl::StrCat("Pose anomaly: ", evaluation.model.name, " ", evaluation.model.version),
      absl::StrFormat(
          "Measured on %d labelled clips: %d frames with people, %d of them shoplifting; "
          "%d poses, %.1f microseconds of one core for each. The score ranks moments, it "
          "does not detect shoplifting.",
          evaluation.clips, people.frames, people.anomalous, evaluation.poses,
          evaluation.microseconds_per_pose),
      body, provenance);
}

}  // namespace aislewatch::pose_anomaly
