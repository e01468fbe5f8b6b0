#include "models/pose_anomaly/evaluation/evaluation_json.h"

#include <optional>

#include "models/ranking/figures_json.h"
#include "models/ranking/ranking_metrics.h"

namespace aislewatch::pose_anomaly {
namespace {

using nlohmann::json;

json FrameSetJson(const FrameSetMetrics& set) {
  return {{"auc_roc", set.metrics.auc_roc},
          {"average_precision", set.metrics.average_precision},
          {"eer", set.metrics.eer},
          {"frames", set.frames},
          {"anomalous", set.anomalous}};
}

json NumberOrNull(const std::optional<double>& value) {
  return value ? json(*value) : json(nullptr);
}

json ScoreJson(const ScoreMetrics& score) {
  return {{"people_frames", FrameSetJson(score.people_frames)},
          {"all_frames", FrameSetJson(score.all_frames)},
          {"age_stratified", {{"auc_roc", NumberOrNull(score.age_stratified)}}},
          {"within_clip", {{"auc_roc", NumberOrNull(score.within_clip)}}}};
}

// A control's figure is that on frames with people, where the model's own is read first.
json ControlJson(const ScoreMetrics& control) {
  json result = ScoreJson(control);
  result["auc_roc"] = control.people_frames.metrics.auc_roc;
  return result;
}

json IntervalsJson(const FrameSetIntervals& set) {
  return {{"auc_roc", ranking::IntervalJson(set.auc_roc)},
          {"average_precision", ranking::IntervalJson(set.average_precision)},
          {"eer", ranking::IntervalJson(set.eer)}};
}

// The value at `path` in every report that has one.
std::vector<double> Values(const std::vector<json>& reports, const json::json_pointer& path) {
  std::vector<double> values;
  for (const json& r : reports) {
    if (r.at(path).is_number()) values.push_back(r.at(path).get<double>());
  }
  return values;
}

}  // namespace

json EvaluationJson(const EvaluationReport& report) {
  json result = ScoreJson(report.score);
  result["model"] = {{"name", report.model.name}, {"version", report.model.version}};
  result["within_clip"]["clips"] = report.within_clip_clips;
  const ScoreIntervals& intervals = report.bootstrap;
  result["bootstrap"] = {
      {"people_frames", IntervalsJson(intervals.people_frames)},
      {"all_frames", IntervalsJson(intervals.all_frames)},
      {"age_stratified", {{"auc_roc", ranking::IntervalJson(intervals.age_stratified)}}},
      {"within_clip", {{"auc_roc", ranking::IntervalJson(intervals.within_clip)}}}};
  result["controls"] = {{"track_age", ControlJson(report.track_age)},
                        {"presence", ControlJson(report.presence)},
                        {"constant", ControlJson(report.constant)}};
  result["protocol"] = {{"delay_frames", report.protocol.delay_frames},
                        {"smoothed", report.protocol.smoothed},
                        {"covered_only", report.protocol.covered_only}};
  result["clips"] = report.clips;
  result["poses"] = report.poses;
  result["poses_beyond_labels"] = report.poses_beyond_labels;
  result["labels_beyond_poses"] = report.labels_beyond_poses;
  result["unknown_confidences"] = report.unknown_confidences;
  result["microseconds_per_pose"] = report.microseconds_per_pose;
  result["clips_without_mask"] = report.clips_without_mask;
  result["clips_without_poses"] = report.clips_without_poses;
  return result;
}

json EvaluationJson(const std::vector<EvaluationReport>& reports, uint64_t first_seed) {
  std::vector<json> each;
  for (const EvaluationReport& r : reports) {
    each.push_back(EvaluationJson(r));
    each.back()["seed"] = first_seed + each.size() - 1;
  }
  json result = each.front();
  json deviation;
  for (const char* path :
       {"/people_frames/auc_roc", "/people_frames/average_precision", "/people_frames/eer",
        "/all_frames/auc_roc", "/all_frames/average_precision", "/all_frames/eer",
        "/age_stratified/auc_roc", "/within_clip/auc_roc", "/microseconds_per_pose"}) {
    const json::json_pointer pointer(path);
    const std::vector<double> values = Values(each, pointer);
    if (values.empty()) continue;
    const ranking::MeanAndDeviation summary = ranking::Summarize(values);
    result[pointer] = summary.mean;
    deviation[pointer] = summary.deviation;
  }
  result.erase("seed");
  result["bootstrap"]["seed"] = first_seed;
  result["deviation"] = deviation;
  result["seeds"] = each;
  return result;
}

}  // namespace aislewatch::pose_anomaly
